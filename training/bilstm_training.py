"""Trains bert_bilstm's head on crops of tokens; the encoder's states of them are computed once (`crops.py`).

What comes out is the mean of the weights over the last part of the steps: a mean lies in a flatter place than the last
step does, and holds better for sources that were not trained on (Izmailov et al. 2018, Cha et al. 2021).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy
import torch
from torch import nn
from tqdm import tqdm

from .crops import Crops
from .domain_shift import STRENGTH, Damping
from .stacking import corpus_weights
from .transformer_models import CHANNELS, BertBiLSTM, load_encoder

WARM_UP_SHARE = 0.06
SAVED_EVERY = 100
"""Steps between two states that an interrupted training goes on from."""


@dataclass(frozen=True)
class Recipe:
    """What a training depends on, besides its crops and what they count."""

    seed: int = 11
    epochs: float = 2.0
    """Passes over the crops."""
    rate: float = 2e-3
    """Peak learning rate."""
    label_smoothing: float = 0.05
    batch: int = 16
    weight_decay: float = 0.01
    domain_damping: float = STRENGTH
    """How strongly directions are damped in which the corpora differ."""
    machines_alone: float = 0.1
    """What a corpus of machine texts alone counts of what it would count (`stacking.corpus_weights`)."""
    average_from: float = 0.5
    """Share of the steps after which the weights are averaged; 1 keeps the last step's."""
    last_rate: float = 0.1
    """Share of the peak learning rate that is left at the end."""


def batches(rows: numpy.ndarray, lengths: numpy.ndarray, size: int, chance: numpy.random.Generator) -> list[numpy.ndarray]:
    """Shuffled batches of texts of similar length: padding is a few per cent, order is random."""
    shuffled = chance.permutation(rows)
    result = []
    for start in range(0, len(shuffled), size * 40):
        pool = shuffled[start : start + size * 40]
        pool = pool[numpy.argsort(lengths[pool], kind="stable")]
        result += [pool[place : place + size] for place in range(0, len(pool), size)]
    return [result[place] for place in chance.permutation(len(result))]


def predict(model: BertBiLSTM, crops: Crops, rows: numpy.ndarray, device: torch.device) -> numpy.ndarray:
    """Logit of AI (second minus first) of each of the crops `rows`, in their order."""
    model.eval()
    margins = numpy.zeros(len(rows))
    order = numpy.argsort(crops.lengths[rows], kind="stable")
    with torch.no_grad():
        for start in range(0, len(order), 32):
            places = order[start : start + 32]
            hidden, mask = crops.batch_hidden(rows[places])
            logits = model.head(model.standardized(hidden.to(device)), mask.to(device)).cpu().numpy()
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
    """The state of a training, kept in a file; one of another recipe, other crops or weights is not taken."""

    def __init__(
        self, path: Path | None, recipe: Recipe, crops: Crops, rows: numpy.ndarray, weights: numpy.ndarray, layers: int,
    ) -> None:
        self.path = path
        self.key = repr((asdict(recipe), crops.digest, layers, hashlib.sha256(rows.tobytes() + weights.tobytes()).hexdigest()))

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

    def save(self, step: int, steps: int, progress: Progress) -> None:
        if self.path is None or (step % SAVED_EVERY and step < steps):
            return
        partial = self.path.with_suffix(".partial")
        torch.save({"key": self.key, "step": step, "model": progress.model.state_dict(),
                    "optimizer": progress.optimizer.state_dict(), "schedule": progress.schedule.state_dict(),
                    "mean": progress.average.mean, "count": progress.average.count,
                    "random": torch.get_rng_state()}, partial)
        partial.rename(self.path)


def input_map(
    statistics: numpy.ndarray, labels: numpy.ndarray, domains: Sequence[str], strength: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Center [C] and map [C, C] of tokens' states, from crops' own mean and standard deviation ([crops, C then C]; each crop
    counts the same): (state - center) @ map has mean 0, and variance 1 but where differences of `domains` are damped."""
    means, deviations = statistics[:, :CHANNELS].astype(float), statistics[:, CHANNELS:].astype(float)
    center, between = means.mean(axis=0), means.std(axis=0)
    spread = numpy.sqrt((deviations**2).mean(axis=0) + between**2)
    damping = Damping.fitted((means - center) / between, labels, domains, strength)
    found = damping.of(numpy.eye(CHANNELS)) / between[:, None] * (between / spread)
    return torch.from_numpy(center).float(), torch.from_numpy(found).float()


def train(
    recipe: Recipe, crops: Crops, rows: numpy.ndarray, corpora: Sequence[str], domains: Sequence[str], *, layers: int,
    device: torch.device, state: Path | None = None, name: str = "bert_bilstm", line: int = 0, each: Callable[[int, float], None] = lambda step, loss: None,
    watch: Callable[[float, BertBiLSTM], None] | None = None,
) -> BertBiLSTM:
    """A model trained on the crops `rows` (`encode` has run), weighed by `corpora` [rows]; `domains` names every crop's
    corpus, whose differences are damped.

    `name` and `line`, from 0, are the progress bar's, where several train at once. `each` is told the running loss every ten
    steps; `watch` the share of the steps that are done, and the model as it would come out, after each quarter of them. The
    file `state` lets an interrupted run go on where it stopped, and on the same processor, with as many threads, ends in the
    same weights. It is the caller's to delete once he has saved what he trained for.
    """
    torch.manual_seed(recipe.seed)
    chance = numpy.random.default_rng(recipe.seed)
    model = BertBiLSTM(load_encoder(), layers)
    model.center, model.map = input_map(
        crops.statistics[rows, -2 * CHANNELS :], crops.label[rows], [domains[row] for row in rows], recipe.domain_damping)
    model.to(device).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=recipe.rate, weight_decay=recipe.weight_decay)
    plan: list[numpy.ndarray] = []
    while len(plan) * recipe.batch < recipe.epochs * len(rows):
        plan += batches(rows, crops.lengths, recipe.batch, chance)
    plan = plan[: max(1, round(recipe.epochs * len(rows) / recipe.batch))]
    warm_up = max(1, int(len(plan) * WARM_UP_SHARE))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, recipe.last_rate + (1 - recipe.last_rate) * (
            len(plan) - step) / max(1, len(plan) - warm_up)))
    weights = corpus_weights(corpora, crops.label[rows], recipe.machines_alone)
    weight_of = numpy.zeros(len(crops.label))
    weight_of[rows] = weights
    loss_of = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing, reduction="none")

    resumption = Resumption(state, recipe, crops, rows, weights, layers)
    average = Average(model)
    progress = Progress(model, optimizer, schedule, average)
    first = resumption.load(progress)
    quarters = {round(len(plan) * share): share for share in (0.25, 0.5, 0.75, 1.0)}
    running = 0.0
    for step in (bar := tqdm(range(first, len(plan)), desc=name, position=line, mininterval=5)):
        batch = plan[step]
        hidden, mask = crops.batch_hidden(batch)
        logits = model.head(model.standardized(hidden.to(device)), mask.to(device))
        losses = loss_of(logits, torch.from_numpy(crops.label[batch]).to(device))
        loss = (losses * torch.from_numpy(weight_of[batch]).float().to(device)).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        running += (loss.item() - running) / min(step - first + 1, 100)
        bar.set_postfix(loss=f"{running:.3f}", refresh=False)
        if step % 10 == 9:
            each(step + 1, running)
        if step + 1 > recipe.average_from * len(plan):
            average.add()
        if watch is not None and step + 1 in quarters:
            # What is computed for the watcher draws no random numbers.
            with average.applied():
                watch(quarters[step + 1], model)
            model.train()
        resumption.save(step + 1, len(plan), progress)
    if average.count:
        average.copy(average.mean)
    return model
