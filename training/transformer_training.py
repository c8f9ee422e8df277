"""Fine-tunes the upper layers of the encoder under a classifier's head, on crops of tokens.

Embeddings and lower layers are frozen: their output on every crop is computed once (FP16, beside the crops) and serves
every model and epoch. What comes out is the mean of the weights over the last part of the steps: a mean lies in a flatter
place than the last step does, and holds better for sources that were not trained on (Izmailov et al. 2018, Cha et al. 2021). On a CPU with bfloat16 and on a GPU, matrix products run in it; what is exported is FP32.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy
import torch
from torch import nn
from tqdm import tqdm

from .stacking import source_weights
from .transformer_models import CLASSIFIERS, ClassifierOnEncoder, load_encoder

WARM_UP_SHARE = 0.06
SAVED_EVERY = 100
"""Steps between two states that an interrupted training goes on from."""


@dataclass(frozen=True)
class Recipe:
    """What a training depends on, besides its crops."""

    model: str
    seed: int
    epochs: float
    encoder_rate: float
    head_rate: float
    label_smoothing: float
    token_dropout: float
    batch: int = 16
    weight_decay: float = 0.01
    weigh_sources: bool = True
    average_from: float = 0.5
    """Share of the steps after which the weights are averaged; 1 keeps the last step's."""
    last_rate: float = 0.1
    """Share of the peak learning rates that is left at the end."""


def device_of(name: str) -> torch.device:
    """`auto` is a GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else torch.device(name)


def mixed_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the processor computes in it; elsewhere it would be slower than FP32."""
    fast = device.type == "cuda" or torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=bool(fast))


class Crops:
    """Rows of tokens, and the frozen layers' output on them."""

    def __init__(self, path: Path) -> None:
        data = numpy.load(path)
        self.ids, self.starts, self.text, self.label = (data[key] for key in ("ids", "starts", "text", "label"))
        self.lengths = numpy.diff(self.starts)
        self.digest = hashlib.sha256(self.ids.tobytes() + self.starts.tobytes()).hexdigest()[:12]
        self.path = path
        self.hidden: numpy.ndarray | None = None

    def batch_ids(self, rows: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask [rows, longest]."""
        ids, mask = numpy.zeros((2, len(rows), int(self.lengths[rows].max())), dtype=numpy.int64)
        for place, row in enumerate(rows):
            ids[place, : self.lengths[row]] = self.ids[self.starts[row] : self.starts[row + 1]]
            mask[place, : self.lengths[row]] = 1
        return torch.from_numpy(ids), torch.from_numpy(mask)

    def batch_hidden(self, rows: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """The frozen layers' output [rows, longest, 384] and mask."""
        assert self.hidden is not None, "compute_hidden comes first"
        longest = int(self.lengths[rows].max())
        hidden = numpy.zeros((len(rows), longest, self.hidden.shape[1]), dtype=numpy.float32)
        mask = numpy.zeros((len(rows), longest), dtype=numpy.int64)
        for place, row in enumerate(rows):
            hidden[place, : self.lengths[row]] = self.hidden[self.starts[row] : self.starts[row + 1]]
            mask[place, : self.lengths[row]] = 1
        return torch.from_numpy(hidden), torch.from_numpy(mask)

    def compute_hidden(self, frozen_layers: int, device: torch.device) -> None:
        """Fills `hidden` [all tokens, 384], FP16, from the file beside the crops when it is complete there."""
        model = CLASSIFIERS["bert_classifier"](load_encoder(), frozen_layers).to(device).eval()
        shape = (len(self.ids), model.bert.config.hidden_size)
        path = self.path.with_name(f"{self.path.stem}.{self.digest}.{frozen_layers}.f16")
        if not path.exists() or path.stat().st_size != 2 * math.prod(shape):
            partial = path.with_suffix(".partial")
            store = numpy.memmap(partial, dtype=numpy.float16, mode="w+", shape=shape)
            order = numpy.argsort(self.lengths, kind="stable")
            with torch.no_grad(), mixed_precision(device):
                for start in tqdm(range(0, len(order), 32), desc=f"frozen layers, {self.path.stem}", mininterval=5):
                    rows = order[start : start + 32]
                    ids, mask = self.batch_ids(rows)
                    output = model.lower(ids.to(device), mask.to(device)).float().cpu().numpy()
                    for place, row in enumerate(rows):
                        store[self.starts[row] : self.starts[row + 1]] = output[place, : self.lengths[row]]
            store.flush()
            partial.rename(path)
        self.hidden = numpy.memmap(path, dtype=numpy.float16, mode="r", shape=shape)


def batches(rows: numpy.ndarray, lengths: numpy.ndarray, size: int, chance: numpy.random.Generator) -> list[numpy.ndarray]:
    """Shuffled batches of texts of similar length: padding is a few per cent, order is random."""
    shuffled = chance.permutation(rows)
    result = []
    for start in range(0, len(shuffled), size * 40):
        pool = shuffled[start : start + size * 40]
        pool = pool[numpy.argsort(lengths[pool], kind="stable")]
        result += [pool[place : place + size] for place in range(0, len(pool), size)]
    return [result[place] for place in chance.permutation(len(result))]


def predict(model: ClassifierOnEncoder, crops: Crops, rows: numpy.ndarray, device: torch.device) -> numpy.ndarray:
    """Logit of AI (second minus first) of each of the crops `rows`, in their order."""
    model.eval()
    margins = numpy.zeros(len(rows))
    order = numpy.argsort(crops.lengths[rows], kind="stable")
    with torch.no_grad(), mixed_precision(device):
        for start in range(0, len(order), 32):
            places = order[start : start + 32]
            hidden, mask = crops.batch_hidden(rows[places])
            logits = model.upper(hidden.to(device), mask.to(device)).float().cpu().numpy()
            margins[places] = logits[:, 1] - logits[:, 0]
    return margins


class Average:
    """The running mean of a model's trained weights."""

    def __init__(self, model: nn.Module) -> None:
        self.trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.mean = [torch.zeros_like(parameter) for parameter in self.trained]
        self.count = 0

    @torch.no_grad()
    def add(self) -> None:
        self.count += 1
        for mean, parameter in zip(self.mean, self.trained, strict=True):
            mean.lerp_(parameter, 1 / self.count)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the model has the mean weights, if there are any yet."""
        if not self.count:
            yield
            return
        last = [parameter.detach().clone() for parameter in self.trained]
        self.copy(self.mean)
        try:
            yield
        finally:
            self.copy(last)

    @torch.no_grad()
    def copy(self, weights: Sequence[torch.Tensor]) -> None:
        for parameter, weight in zip(self.trained, weights, strict=True):
            parameter.copy_(weight)


@dataclass
class Progress:
    """All that a training changes while it goes."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    average: Average


class Resumption:
    """The state of an unfinished training, kept in a file; one of another recipe or of other crops is not taken."""

    def __init__(self, path: Path | None, recipe: Recipe, crops: Crops, rows: numpy.ndarray) -> None:
        self.path = path
        self.key = repr((asdict(recipe), crops.digest, hashlib.sha256(rows.tobytes()).hexdigest()))

    def load(self, progress: Progress) -> int:
        """The number of steps that are done already."""
        if self.path is None or not self.path.exists():
            return 0
        state = torch.load(self.path, weights_only=True)
        if state["key"] != self.key:
            return 0
        progress.model.load_state_dict(state["model"])
        progress.optimizer.load_state_dict(state["optimizer"])
        progress.schedule.load_state_dict(state["schedule"])
        progress.average.mean, progress.average.count = state["mean"], state["count"]
        torch.set_rng_state(state["random"])
        print(f"goes on after step {state['step']}")
        return state["step"]

    def save(self, step: int, progress: Progress) -> None:
        if self.path is None or step % SAVED_EVERY:
            return
        partial = self.path.with_suffix(".partial")
        torch.save({"key": self.key, "step": step, "model": progress.model.state_dict(),
                    "optimizer": progress.optimizer.state_dict(), "schedule": progress.schedule.state_dict(),
                    "mean": progress.average.mean, "count": progress.average.count,
                    "random": torch.get_rng_state()}, partial)
        partial.rename(self.path)

    def done(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def train(
    recipe: Recipe, crops: Crops, rows: numpy.ndarray, sources: Sequence[str], *, frozen_layers: int,
    device: torch.device, state: Path | None = None, each: Callable[[int, float], None] = lambda step, loss: None,
    watch: Callable[[float, ClassifierOnEncoder], None] | None = None,
) -> ClassifierOnEncoder:
    """A model trained on the crops `rows` (`compute_hidden` has run); `sources` names every crop's source.

    `each` is told the running loss every ten steps; `watch` the share of the steps that are done, and the model as it would
    come out, after each quarter of them. With `state` an interrupted run goes on where it stopped; on the
    same machine it ends in the same weights.
    """
    torch.manual_seed(recipe.seed)
    chance = numpy.random.default_rng(recipe.seed)
    model = CLASSIFIERS[recipe.model](load_encoder(), frozen_layers).to(device)
    model.train()
    encoder = [p for layer in model.bert.encoder.layer[frozen_layers:] for p in layer.parameters()]
    chosen = {id(parameter) for parameter in encoder}
    head = [p for p in model.parameters() if p.requires_grad and id(p) not in chosen]
    optimizer = torch.optim.AdamW(
        [{"params": encoder, "lr": recipe.encoder_rate}, {"params": head, "lr": recipe.head_rate}],
        weight_decay=recipe.weight_decay)
    plan: list[numpy.ndarray] = []
    while len(plan) * recipe.batch < recipe.epochs * len(rows):
        plan += batches(rows, crops.lengths, recipe.batch, chance)
    plan = plan[: max(1, round(recipe.epochs * len(rows) / recipe.batch))]
    warm_up = max(1, int(len(plan) * WARM_UP_SHARE))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, recipe.last_rate + (1 - recipe.last_rate) * (
            len(plan) - step) / max(1, len(plan) - warm_up)))
    weight_of = numpy.zeros(len(crops.label))
    if recipe.weigh_sources:
        weight_of[rows] = source_weights([sources[row] for row in rows], crops.label[rows])
    else:
        share = numpy.bincount(crops.label[rows], minlength=2) / len(rows)
        weight_of[rows] = 0.5 / share[crops.label[rows]]
    loss_of = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing, reduction="none")

    resumption = Resumption(state, recipe, crops, rows)
    average = Average(model)
    progress = Progress(model, optimizer, schedule, average)
    first = resumption.load(progress)
    quarters = {round(len(plan) * share): share for share in (0.25, 0.5, 0.75, 1.0)}
    running = 0.0
    for step in (bar := tqdm(range(first, len(plan)), desc=recipe.model, mininterval=5)):
        batch = plan[step]
        hidden, mask = (tensor.to(device) for tensor in crops.batch_hidden(batch))
        if recipe.token_dropout:
            kept = torch.rand(hidden.shape[:2]) >= recipe.token_dropout
            hidden = hidden * kept.to(device)[:, :, None]
        with mixed_precision(device):
            logits = model.upper(hidden, mask).float()
        losses = loss_of(logits, torch.from_numpy(crops.label[batch]).to(device))
        loss = (losses * torch.from_numpy(weight_of[batch]).float().to(device)).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(encoder + head, 1.0)
        optimizer.step()
        schedule.step()
        running += (loss.item() - running) / min(step - first + 1, 100)
        bar.set_postfix(loss=f"{running:.3f}", refresh=False)
        if step % 10 == 9:
            each(step + 1, running)
        if step + 1 > recipe.average_from * len(plan):
            average.add()
        if watch is not None and step + 1 in quarters:
            with average.applied():
                watch(quarters[step + 1], model)
            model.train()
        resumption.save(step + 1, progress)
    resumption.done()
    if average.count:
        average.copy(average.mean)
    return model
