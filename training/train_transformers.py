"""Fine-tunes the upper layers of MiniLM under the two classifiers' heads.

    python -m training.train_transformers [bert_bilstm] [bert_classifier]

Embeddings and lower layers are frozen: their output on every crop is computed once (FP16, in training/.cache) and
serves both models and all epochs. Matrix products run in bfloat16 where the processor has it; what is exported and
served is FP32. Writes training/.cache/checkpoints/<model>.safetensors.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file
from torch import nn
from tqdm import tqdm

from .metrics import area_under_roc
from .places import CACHE, CHECKPOINTS
from .transformer_models import CLASSIFIERS, ClassifierOnEncoder, load_encoder

BATCH = 16
WEIGHT_DECAY = 0.01
WARM_UP_SHARE = 0.06


@dataclass(frozen=True)
class Recipe:
    """What differs between the two models, so that their errors differ, too."""

    seed: int
    rounds: tuple[int, ...]
    encoder_rate: float
    head_rate: float
    label_smoothing: float
    token_dropout: float


RECIPES = {
    "bert_bilstm": Recipe(seed=11, rounds=(0,), encoder_rate=6e-5, head_rate=1e-3, label_smoothing=0.05,
                          token_dropout=0.0),
    "bert_classifier": Recipe(seed=23, rounds=(1,), encoder_rate=8e-5, head_rate=3e-4, label_smoothing=0.1,
                              token_dropout=0.1),
}


class Crops:
    """Token crops of `prepare` with the frozen layers' output on them."""

    def __init__(self, path: Path) -> None:
        data = numpy.load(path)
        self.ids, self.starts, self.round, self.label = data["ids"], data["starts"], data["round"], data["label"]
        self.lengths = numpy.diff(self.starts)
        digest = hashlib.sha256(self.ids.tobytes() + self.starts.tobytes()).hexdigest()[:12]
        self.hidden_path = path.with_name(f"{path.stem}.{digest}.hidden.f16")
        self.hidden: numpy.ndarray | None = None

    def batch_ids(self, rows: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        longest = int(self.lengths[rows].max())
        ids, mask = numpy.zeros((2, len(rows), longest), dtype=numpy.int64)
        for place, row in enumerate(rows):
            length = self.lengths[row]
            ids[place, :length] = self.ids[self.starts[row] : self.starts[row + 1]]
            mask[place, :length] = 1
        return torch.from_numpy(ids), torch.from_numpy(mask)

    def batch_hidden(self, rows: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        assert self.hidden is not None, "compute_hidden comes first"
        longest = int(self.lengths[rows].max())
        hidden = numpy.zeros((len(rows), longest, self.hidden.shape[1]), dtype=numpy.float32)
        mask = numpy.zeros((len(rows), longest), dtype=numpy.int64)
        for place, row in enumerate(rows):
            length = self.lengths[row]
            hidden[place, :length] = self.hidden[self.starts[row] : self.starts[row + 1]]
            mask[place, :length] = 1
        return torch.from_numpy(hidden), torch.from_numpy(mask)

    def compute_hidden(self, model: ClassifierOnEncoder) -> None:
        """Fills `hidden` [all tokens, 384], FP16, from the file beside the crops when it is complete there."""
        shape = (len(self.ids), model.bert.config.hidden_size)
        if self.hidden_path.exists() and self.hidden_path.stat().st_size == 2 * math.prod(shape):
            self.hidden = numpy.memmap(self.hidden_path, dtype=numpy.float16, mode="r", shape=shape)
            return
        partial = self.hidden_path.with_suffix(".partial")
        store = numpy.memmap(partial, dtype=numpy.float16, mode="w+", shape=shape)
        order = numpy.argsort(self.lengths, kind="stable")
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for start in tqdm(range(0, len(order), 32), desc=f"frozen layers, {self.hidden_path.stem}", mininterval=5):
                rows = order[start : start + 32]
                output = model.lower(*self.batch_ids(rows)).float().numpy()
                for place, row in enumerate(rows):
                    store[self.starts[row] : self.starts[row + 1]] = output[place, : self.lengths[row]]
        store.flush()
        partial.rename(self.hidden_path)
        self.hidden = numpy.memmap(self.hidden_path, dtype=numpy.float16, mode="r", shape=shape)


def batches(rows: numpy.ndarray, lengths: numpy.ndarray, chance: numpy.random.Generator) -> list[numpy.ndarray]:
    """Shuffled batches of texts of similar length: padding is a few per cent, order is random."""
    shuffled = chance.permutation(rows)
    result = []
    for start in range(0, len(shuffled), BATCH * 40):
        pool = shuffled[start : start + BATCH * 40]
        pool = pool[numpy.argsort(lengths[pool], kind="stable")]
        result += [pool[place : place + BATCH] for place in range(0, len(pool), BATCH)]
    return [result[place] for place in chance.permutation(len(result))]


def predict(model: ClassifierOnEncoder, crops: Crops) -> numpy.ndarray:
    """Logit of AI (second minus first) of each crop."""
    model.eval()
    margins = numpy.zeros(len(crops.label))
    order = numpy.argsort(crops.lengths, kind="stable")
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            logits = model.upper(*crops.batch_hidden(rows)).float().numpy()
            margins[rows] = logits[:, 1] - logits[:, 0]
    return margins


def train(name: str, crops: Crops, held_out: Crops, threads: int, frozen_layers: int) -> ClassifierOnEncoder:
    recipe = RECIPES[name]
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(threads)
    chance = numpy.random.default_rng(recipe.seed)
    model = CLASSIFIERS[name](load_encoder(), frozen_layers)
    model.eval()
    crops.compute_hidden(model)
    held_out.compute_hidden(model)
    model.train()

    encoder = [p for layer in model.bert.encoder.layer[frozen_layers:] for p in layer.parameters()]
    chosen = {id(parameter) for parameter in encoder}
    head = [p for p in model.parameters() if p.requires_grad and id(p) not in chosen]
    optimizer = torch.optim.AdamW(
        [{"params": encoder, "lr": recipe.encoder_rate}, {"params": head, "lr": recipe.head_rate}],
        weight_decay=WEIGHT_DECAY)
    plan = [batch for turn in recipe.rounds
            for batch in batches(numpy.flatnonzero(crops.round == turn), crops.lengths, chance)]
    warm_up = max(1, int(len(plan) * WARM_UP_SHARE))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, (len(plan) - step) / (len(plan) - warm_up)))
    # Either label counts the same in total.
    share = numpy.bincount(crops.label, minlength=2) / len(crops.label)
    loss_of = nn.CrossEntropyLoss(
        weight=torch.tensor(0.5 / share, dtype=torch.float32), label_smoothing=recipe.label_smoothing)

    running = 0.0
    for step, rows in enumerate(progress := tqdm(plan, desc=name, mininterval=5)):
        hidden, mask = crops.batch_hidden(rows)
        if recipe.token_dropout:
            hidden = hidden * (torch.rand(hidden.shape[:2]) >= recipe.token_dropout)[:, :, None]
        with torch.autocast("cpu", torch.bfloat16):
            logits = model.upper(hidden, mask).float()
        loss = loss_of(logits, torch.from_numpy(crops.label[rows]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(encoder + head, 1.0)
        optimizer.step()
        schedule.step()
        running += (loss.item() - running) / min(step + 1, 100)
        progress.set_postfix(loss=f"{running:.3f}", refresh=False)
    return model


def report(name: str, margins: numpy.ndarray, labels: numpy.ndarray, sources: list[str]) -> None:
    """One crop a held-out text: area under the curve, and each source's mean logit."""
    print(f"{name}: AUROC on held-out crops {area_under_roc(margins, labels):.4f}")
    names = numpy.array(sources)
    threshold = numpy.quantile(margins[labels == 0], 0.99)
    print(f"  true positives at 1 % false positives: {(margins[labels == 1] >= threshold).mean():.3f}")
    for source in sorted(set(sources)):
        chosen = margins[names == source]
        print(f"  {source:42} n {len(chosen):4}  mean {chosen.mean():+6.2f}  above {(chosen >= threshold).mean():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(CLASSIFIERS), help="default: both")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frozen-layers", type=int, default=3, help="of the encoder's 6 (default %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    crops, held_out = Crops(CACHE / "crops.npz"), Crops(CACHE / "held_out_crops.npz")
    sources = json.loads((CACHE / "held_out_sources.json").read_text())
    for name in options.models:
        model = train(name, crops, held_out, options.threads, options.frozen_layers)
        save_file({key: value.contiguous() for key, value in model.state_dict().items()},
                  CHECKPOINTS / f"{name}.safetensors")
        report(name, predict(model, held_out), held_out.label, sources)


if __name__ == "__main__":
    main()
