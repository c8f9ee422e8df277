"""Trains bert_bilstm on the crops of `prepare`; how well it tells other texts apart is for `cross-fit` to say.

    python -m training train-bilstm

Writes training/.cache/checkpoints/bert_bilstm.safetensors; an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file

from .bilstm_training import Recipe, train
from .crops import add_encoder_arguments, device_of, encoded
from .places import CACHE, CHECKPOINTS
from .prepare import read_essays
from .tracking import tracking
from .transformer_models import ClassifierOnEncoder


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    recipe = Recipe()
    add = parser.add_argument
    add("--seed", type=int, default=recipe.seed, help="of batches and drop-out (default %(default)s)")
    add("--epochs", type=float, default=recipe.epochs, help="passes over the crops (default %(default)s)")
    add("--rate", type=float, default=recipe.rate, help="peak learning rate (default %(default)s)")
    add("--label-smoothing", type=float, default=recipe.label_smoothing, help="default %(default)s")
    add("--batch", type=int, default=recipe.batch, help="crops a step (default %(default)s)")
    add("--weight-decay", type=float, default=recipe.weight_decay, help="default %(default)s")
    add("--domain-damping", type=float, default=recipe.domain_damping,
        help="how strongly directions are damped in which the corpora differ (default %(default)s)")
    add("--machines-alone", type=float, default=recipe.machines_alone,
        help="what a corpus of machine texts alone counts of what it would count (default %(default)s)")
    add("--average-from", type=float, default=recipe.average_from,
        help="share of the steps after which weights are averaged; 1 keeps the last step's (default %(default)s)")
    add("--last-rate", type=float, default=recipe.last_rate,
        help="share of the peak learning rate that is left at the end (default %(default)s)")
    add_encoder_arguments(parser)
    return parser


def save_checkpoint(name: str, model: ClassifierOnEncoder) -> Path:
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    path = CHECKPOINTS / f"{name}.safetensors"
    save_file({key: value.cpu().contiguous() for key, value in model.state_dict().items()}, path)
    return path


def main() -> None:
    options = arguments().parse_args()
    torch.set_num_threads(options.threads)
    device = device_of(options.device)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(
        seed=options.seed, epochs=options.epochs, rate=options.rate, label_smoothing=options.label_smoothing,
        batch=options.batch, weight_decay=options.weight_decay, domain_damping=options.domain_damping,
        machines_alone=options.machines_alone, average_from=options.average_from, last_rate=options.last_rate)
    crops = encoded(options)
    domains = crops.domains(read_essays(CACHE / "selected.jsonl"))
    state = CHECKPOINTS / "bert_bilstm.state"
    with tracking("train-bilstm", options) as run:
        trained = train(
            recipe, crops, numpy.arange(len(crops.label)), domains, domains, layers=options.layers, device=device, state=state,
            each=lambda step, loss: run.scalar("loss/train", loss, step))
        run.model(save_checkpoint("bert_bilstm", trained))
        state.unlink()


if __name__ == "__main__":
    main()
