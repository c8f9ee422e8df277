"""From the logits of an essay's windows to one logit of the essay: the twin of the gateway's WindowPooling.swift, and
its fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

SLOPES = (-0.5, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.5, 0.8)
GAINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Pooling:
    """logit = n^gain · Σ wᵢ·zᵢ / Σ wᵢ with wᵢ = tokensᵢ · exp(slope · zᵢ), over an essay's n windows."""

    slope: float
    gain: float

    def essays(self, logits: numpy.ndarray, tokens: numpy.ndarray, essay: numpy.ndarray, count: int) -> numpy.ndarray:
        """[count] from the windows' logits, tokens and essays' numbers, each [windows]. 0 without windows."""
        exponent = self.slope * logits
        largest = numpy.full(count, -numpy.inf)
        numpy.maximum.at(largest, essay, exponent)
        weight = tokens * numpy.exp(exponent - largest[essay])
        total, weighted = numpy.zeros((2, count))
        numpy.add.at(total, essay, weight)
        numpy.add.at(weighted, essay, weight * logits)
        windows = numpy.bincount(essay, minlength=count)
        return numpy.where(
            windows > 0, numpy.maximum(windows, 1) ** self.gain * weighted / numpy.maximum(total, 1e-300), 0.0)


def fit_pooling(
    logits: numpy.ndarray, tokens: numpy.ndarray, essay: numpy.ndarray, labels: numpy.ndarray, weights: numpy.ndarray,
) -> Pooling:
    """The slope and gain whose essays' logits, calibrated by a logistic regression, lose least; of equals the plainest.
    `labels` and `weights` are the essays'."""
    from .stacking import fit_logistic

    def loss(pooling: Pooling) -> float:
        pooled = pooling.essays(logits, tokens, essay, len(labels))[:, None]
        probability = fit_logistic(pooled, labels, weights).probability(pooled)
        probability = numpy.clip(probability, 1e-9, 1 - 1e-9)
        chosen = numpy.where(labels == 1, probability, 1 - probability)
        return float(-(weights * numpy.log(chosen)).sum() / weights.sum())

    choices = [Pooling(slope, gain) for slope in SLOPES for gain in GAINS]
    return min(choices, key=lambda pooling: (round(loss(pooling), 5), abs(pooling.slope), pooling.gain))
