"""From the models' logits to a probability and a verdict: the fit of the gateway's ensembles. Needs numpy only."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from .metrics import mean_true_positive_rate, redrawn

RIDGE = 1.0
"""Strength of the pull of every weight towards 0, in essays: a few hundred weigh far more."""


def sigmoid(logit: numpy.ndarray) -> numpy.ndarray:
    return 0.5 * (1 + numpy.tanh(0.5 * numpy.asarray(logit, dtype=float)))


def subsets(models: Sequence[str]) -> list[tuple[str, ...]]:
    """Every non-empty subset, the largest first, in the order of `models`."""
    return [chosen for size in range(len(models), 0, -1) for chosen in itertools.combinations(models, size)]


def corpus_weights(corpora: Sequence[str], labels: numpy.ndarray, machines_alone: float = 1.0) -> numpy.ndarray:
    """A weight for each essay or crop: both labels count the same, and a corpus's share of its label grows with the square
    root of its size, so that neither a large corpus nor a handful of essays decides. Weights sum to their number.

    `machines_alone` is what a corpus without any text by a person counts of that: it teaches that its kind of text is a
    machine's, whoever wrote it. A corpus of people's texts alone teaches the opposite, which accuses nobody.

    Corpora are `splits.domain_of`'s, not the sources: the attacks on a corpus's texts are sources, too, and would each count."""
    names = numpy.asarray(corpora)
    people = set(names[labels == 0])
    weights = numpy.zeros(len(labels))
    for label in (0, 1):
        for corpus in set(names[labels == label]):
            chosen = (labels == label) & (names == corpus)
            weights[chosen] = chosen.sum() ** -0.5 * (1 if corpus in people else machines_alone)
        weights[labels == label] /= weights[labels == label].sum()
    return weights * len(labels) / weights.sum()


@dataclass(frozen=True)
class Stacking:
    """probability of AI = sigmoid(intercept + Σ weight · logit)."""

    intercept: float
    weights: tuple[float, ...]

    def probability(self, logits: numpy.ndarray) -> numpy.ndarray:
        """[N] from logits [N, models]."""
        return sigmoid(self.intercept + logits @ numpy.array(self.weights))


def fit_logistic(logits: numpy.ndarray, labels: numpy.ndarray, essay_weights: numpy.ndarray) -> Stacking:
    """Weighted logistic regression by Newton's method. No weight is negative: a model that would get one is left out,
    for 'more likely AI' from a model must never count as evidence against."""
    kept = list(range(logits.shape[1]))
    while kept:
        design = numpy.column_stack([numpy.ones(len(labels)), logits[:, kept]])
        penalty = numpy.diag([1e-6] + [RIDGE] * len(kept))
        solution = numpy.zeros(design.shape[1])
        for _ in range(200):
            probability = sigmoid(design @ solution)
            gradient = design.T @ (essay_weights * (probability - labels)) + penalty @ solution
            curvature = (design * (essay_weights * probability * (1 - probability))[:, None]).T @ design + penalty
            step = numpy.linalg.solve(curvature, gradient)
            # Logits are strong: a full step from zero may overshoot.
            step *= min(1.0, 1.0 / max(1e-12, float(numpy.abs(step).max())))
            solution -= step
            if numpy.abs(step).max() < 1e-10:
                break
        lowest = int(numpy.argmin(solution[1:]))
        if solution[1 + lowest] >= 0:
            weights = numpy.zeros(logits.shape[1])
            weights[kept] = solution[1:]
            return Stacking(float(solution[0]), tuple(float(weight) for weight in weights))
        kept.pop(lowest)
    return Stacking(0.0, (0.0,) * logits.shape[1])


SHARE_STEPS = 10
"""Shares of models are tenths: a finer grid fits chance."""
LOW_RATE = 0.05
"""What the shares are chosen for: finding AI texts while at most this share of humans scores as high."""
BOOTSTRAPS = 200
"""For the standard error of what the best shares find."""


def all_shares(models: int, steps: int = SHARE_STEPS) -> list[numpy.ndarray]:
    """Every way of giving `models` models shares of 1 / `steps` that sum to 1. None is without a share: it would be run for
    nothing, and a text that is worded against the others could not be found by it."""
    return [numpy.array(counts) / steps for counts in itertools.product(range(1, steps + 1), repeat=models)
            if sum(counts) == steps]


def quality(groups: Sequence[tuple[numpy.ndarray, numpy.ndarray]], shares: numpy.ndarray) -> numpy.ndarray:
    """[groups]: how many AI texts the mean of logits with these shares finds at low false-positive rates."""
    return numpy.array([mean_true_positive_rate(logits @ shares, labels, LOW_RATE) for logits, labels in groups])


def standard_error(
    groups: Sequence[tuple[numpy.ndarray, numpy.ndarray]], shares: numpy.ndarray, seed: int = 7,
) -> float:
    """Of the mean quality of `shares`, by drawing texts of each group and label anew."""
    chance = numpy.random.default_rng(seed)
    found = []
    for _ in range(BOOTSTRAPS):
        rows = [redrawn(labels, chance) for _, labels in groups]
        found.append(quality([(logits[own], labels[own]) for (logits, labels), own in zip(groups, rows)], shares).mean())
    return float(numpy.std(found))


def best_shares(groups: Sequence[tuple[numpy.ndarray, numpy.ndarray]]) -> numpy.ndarray:
    """[models]: the shares with which the mean of calibrated logits finds most AI texts at low false-positive rates.

    `groups` are (logits [texts, models], labels) of several kinds of texts; each kind counts the same, and is ranked by
    itself. Of the shares within one standard error of the best the most even ones are taken (Breiman et al. 1984: the
    simplest model that is as good as can be told), and of these the ones that serve the worst served kind best.
    """
    choices = all_shares(groups[0][0].shape[1])
    found = numpy.array([quality(groups, shares) for shares in choices])
    mean = found.mean(axis=1)
    best = int(mean.argmax())
    good = numpy.flatnonzero(mean >= mean[best] - standard_error(groups, choices[best]))
    return choices[min(good, key=lambda place: (round(float((choices[place] ** 2).sum()), 9), -found[place].min()))]


@dataclass(frozen=True)
class ThresholdRule:
    """How rarely a held-out human essay may score `ai`, and a held-out AI essay `human`."""

    pooled_rate: float = 0.01
    """Of all human essays of left-out sources."""
    source_rate: float = 0.05
    """Of any one left-out source's human essays: no group of writers pays for the others."""
    missed_rate: float = 0.05
    """Of all AI essays, at or below the `human` threshold."""


def ai_threshold(scores: numpy.ndarray, sources: Sequence[str], rule: ThresholdRule) -> float:
    """The lowest probability such that few enough human essays score at or above it."""
    def above_allowed(values: numpy.ndarray, rate: float) -> float:
        """Smallest float that at most `rate` of the values reach."""
        ordered = numpy.sort(values)[::-1]
        allowed = math.floor(rate * len(ordered))
        return float(numpy.nextafter(ordered[allowed], 2.0)) if allowed < len(ordered) else 0.0

    names = numpy.asarray(sources)
    limits = [above_allowed(scores, rule.pooled_rate)]
    limits += [above_allowed(scores[names == source], rule.source_rate) for source in sorted(set(sources))]
    return max(limits)


def human_threshold(scores: numpy.ndarray, rule: ThresholdRule, below: float) -> float:
    """The highest probability such that few enough AI essays score at or below it; less than `below`, and at most a
    half: nobody would understand 'human' beside a probability of AI above it."""
    ordered = numpy.sort(scores)
    allowed = math.floor(rule.missed_rate * len(ordered))
    limit = float(numpy.nextafter(ordered[allowed], -1.0)) if len(ordered) else 0.0
    return max(0.0, min(limit, 0.5, float(numpy.nextafter(below, -1.0))))


def verdicts(probability: numpy.ndarray, human: float, ai: float) -> numpy.ndarray:
    """The gateway's rule: `ai` at or above its threshold, `human` at or below its own, else `uncertain`."""
    return numpy.where(probability >= ai, "ai", numpy.where(probability <= human, "human", "uncertain"))
