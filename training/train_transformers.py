"""Trains bert_bilstm or bert_classifier on the crops of `prepare` and prints how well it tells held-out texts apart.

    python -m training train-bilstm
    python -m training train-classifier

Writes training/.cache/checkpoints/<model>.safetensors; an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys

import numpy
import torch
from safetensors.torch import save_file

from .metrics import area_under_roc
from .places import CACHE, CHECKPOINTS
from .prepare import read_essays
from .tracking import tracking
from .transformer_models import FROZEN_LAYERS
from .transformer_training import Crops, Recipe, device_of, predict, train

# The two models share crops and frozen layers. Their seeds, heads, rates and regularisation differ, so that their errors
# differ, too.
RECIPES = {
    "bert_bilstm": Recipe("bert_bilstm", seed=11, epochs=1, encoder_rate=6e-5, head_rate=1e-3, label_smoothing=0.05,
                          token_dropout=0.0),
    "bert_classifier": Recipe("bert_classifier", seed=23, epochs=1, encoder_rate=8e-5, head_rate=3e-4,
                              label_smoothing=0.1, token_dropout=0.1),
}


def arguments(model: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    recipe = RECIPES[model]
    add = parser.add_argument
    add("model", choices=sorted(RECIPES), help=argparse.SUPPRESS)
    add("--seed", type=int, default=recipe.seed, help="of batches and drop-out (default %(default)s)")
    add("--epochs", type=float, default=recipe.epochs, help="passes over the crops (default %(default)s)")
    add("--encoder-rate", type=float, default=recipe.encoder_rate,
        help="peak learning rate of the encoder's layers (default %(default)s)")
    add("--head-rate", type=float, default=recipe.head_rate, help="of the head (default %(default)s)")
    add("--label-smoothing", type=float, default=recipe.label_smoothing, help="default %(default)s")
    add("--token-dropout", type=float, default=recipe.token_dropout,
        help="share of tokens blanked between frozen and trained layers (default %(default)s)")
    add("--batch", type=int, default=recipe.batch, help="crops a step (default %(default)s)")
    add("--weight-decay", type=float, default=recipe.weight_decay, help="default %(default)s")
    add("--average-from", type=float, default=recipe.average_from,
        help="share of the steps after which weights are averaged; 1 keeps the last step's (default %(default)s)")
    add("--last-rate", type=float, default=recipe.last_rate,
        help="share of the peak learning rates that is left at the end (default %(default)s)")
    add("--frozen-layers", type=int, default=FROZEN_LAYERS, help="of the encoder's 6 (default %(default)s)")
    add("--threads", type=int, default=2, help="default %(default)s")
    add("--device", default="auto", help="cpu, cuda, or auto: a GPU where there is one (default %(default)s)")
    return parser


def report(name: str, margins: numpy.ndarray, labels: numpy.ndarray, sources: list[str]) -> float:
    """Prints each source's mean logit; the area under the curve on the held-out texts' windows."""
    area = area_under_roc(margins, labels)
    print(f"{name}: AUROC on the windows of held-out texts {area:.4f}")
    names = numpy.array(sources)
    threshold = numpy.quantile(margins[labels == 0], 0.99)
    print(f"  true positives at 1 % false positives: {(margins[labels == 1] >= threshold).mean():.3f}")
    for source in sorted(set(sources)):
        chosen = margins[names == source]
        print(f"  {source:42} n {len(chosen):4}  mean {chosen.mean():+6.2f}  above {(chosen >= threshold).mean():.3f}")
    return area


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in RECIPES else "bert_bilstm"
    options = arguments(model).parse_args()
    torch.set_num_threads(options.threads)
    device = device_of(options.device)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(
        model, seed=options.seed, epochs=options.epochs, encoder_rate=options.encoder_rate, head_rate=options.head_rate,
        label_smoothing=options.label_smoothing, token_dropout=options.token_dropout, batch=options.batch,
        weight_decay=options.weight_decay, average_from=options.average_from, last_rate=options.last_rate)
    crops, windows = Crops(CACHE / "crops.npz"), Crops(CACHE / "windows.npz")
    for rows in (crops, windows):
        rows.compute_hidden(options.frozen_layers, device)
    essays = read_essays(CACHE / "selected.jsonl")
    with tracking(f"train-{model.removeprefix('bert_')}", options) as run:
        trained = train(
            recipe, crops, numpy.arange(len(crops.label)), [essays[text]["source"] for text in crops.text],
            frozen_layers=options.frozen_layers, device=device, state=CHECKPOINTS / f"{model}.state",
            each=lambda step, loss: run.scalar("loss/train", loss, step))
        checkpoint = CHECKPOINTS / f"{model}.safetensors"
        save_file({key: value.cpu().contiguous() for key, value in trained.state_dict().items()}, checkpoint)
        run.model(checkpoint)
        measured = read_essays(CACHE / "windows.jsonl")
        held_out = numpy.flatnonzero([measured[text]["held_out"] for text in windows.text])
        area = report(model, predict(trained, windows, held_out, device), windows.label[held_out],
                      [measured[text]["source"] for text in windows.text[held_out]])
        run.scalar("AUROC on held-out windows", area)


if __name__ == "__main__":
    main()
