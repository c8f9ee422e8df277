"""Rates and areas, with numpy only."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy


def area_under_roc(scores: numpy.ndarray, labels: numpy.ndarray) -> float:
    """Chance that a random AI text (label 1) scores above a random human one; ties count half. NaN without both."""
    scores, labels = numpy.asarray(scores, dtype=float), numpy.asarray(labels)
    positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
    if not positives or not negatives:
        return math.nan
    values, inverse, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    last = numpy.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    return float((ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def binomial_upper_bound(hits: int, trials: int, confidence: float = 0.95) -> float:
    """Clopper and Pearson's one-sided upper bound of a rate: the rate at which `hits` or fewer have chance
    1 - `confidence`. 1 without trials."""
    if trials == 0 or hits >= trials:
        return 1.0

    def chance_of_at_most(rate: float) -> float:
        terms = [
            math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
            + k * math.log(rate) + (trials - k) * math.log1p(-rate) for k in range(hits + 1)]
        largest = max(terms)
        return math.exp(largest) * math.fsum(math.exp(term - largest) for term in terms)

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if chance_of_at_most(middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def true_positive_rate(scores: numpy.ndarray, labels: numpy.ndarray, false_positive_rate: float) -> float:
    """Share of AI texts above the lowest threshold that at most this share of the human ones reach."""
    human = numpy.sort(scores[labels == 0])[::-1]
    allowed = math.floor(false_positive_rate * len(human))
    if allowed >= len(human):
        return 1.0
    return float((scores[labels == 1] > human[allowed]).mean())


def mean_true_positive_rate(scores: numpy.ndarray, labels: numpy.ndarray, highest_rate: float) -> float:
    """Mean share of AI texts above a threshold, over the thresholds that at most `highest_rate` of the humans exceed: the
    area under that part of the ROC curve, where 1 is perfect. 0 without humans."""
    human, ai = numpy.sort(scores[labels == 0])[::-1], numpy.sort(scores[labels == 1])
    thresholds = human[: math.ceil(highest_rate * len(human))]
    return float((1 - numpy.searchsorted(ai, thresholds, side="right") / max(1, len(ai))).mean()) if len(human) else 0.0


def expected_calibration_error(probability: numpy.ndarray, labels: numpy.ndarray, bins: int = 15) -> float:
    """Mean difference of predicted and observed share of AI over `bins` of equally many texts; either label counts
    the same in total, as in the fit: how many essays of a set are a machine's is the set's choice."""
    weights = numpy.where(labels == 1, 0.5 / max(1, (labels == 1).sum()), 0.5 / max(1, (labels == 0).sum()))
    total = 0.0
    for chosen in numpy.array_split(numpy.argsort(probability, kind="stable"), bins):
        share = weights[chosen].sum()
        if share > 0:
            predicted = (weights[chosen] * probability[chosen]).sum() / share
            observed = weights[chosen][labels[chosen] == 1].sum() / share
            total += share * abs(predicted - observed)
    return float(total / weights.sum())


def redrawn(labels: numpy.ndarray, chance: numpy.random.Generator) -> numpy.ndarray:
    """Numbers of as many texts of each label, drawn with replacement."""
    return numpy.concatenate([chance.choice(own, len(own)) for label in (0, 1)
                              for own in [numpy.flatnonzero(labels == label)]])


def bootstrap_difference(
    first: numpy.ndarray, second: numpy.ndarray, labels: numpy.ndarray,
    measure: Callable[[numpy.ndarray, numpy.ndarray], float], rounds: int = 1000, seed: int = 7,
) -> tuple[float, float, float]:
    """(2.5 %, mean, 97.5 %) of the difference of `measure`, of scores and labels, when the same texts are drawn for both."""
    chance = numpy.random.default_rng(seed)
    differences = []
    for _ in range(rounds):
        drawn = redrawn(labels, chance)
        differences.append(measure(first[drawn], labels[drawn]) - measure(second[drawn], labels[drawn]))
    low, high = numpy.quantile(differences, (0.025, 0.975))
    return float(low), float(numpy.mean(differences)), float(high)


def alarms(labels: numpy.ndarray, kinds: numpy.ndarray, logits: numpy.ndarray) -> float:
    """Share of the humans of left-out sources above what one in a hundred humans of the fold's seen sources reaches, of all
    folds together. `kinds` and `logits` [folds, texts]: kind 1 is held out of a seen source, 2 of one left out; NaN where a
    fold has no logit."""
    above = []
    for kind, found in zip(kinds, logits):
        human = numpy.isfinite(found) & (labels == 0)
        if (human & (kind == 1)).any():
            limit = numpy.quantile(found[human & (kind == 1)], 0.99)
            above.append(found[human & (kind == 2)] >= limit)
    return float(numpy.concatenate(above).mean())
