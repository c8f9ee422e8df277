"""Rates and areas, with numpy only."""

from __future__ import annotations

import math

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
