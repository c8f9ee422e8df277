"""Fits bert_classifier's head: a logistic regression on statistics of the encoder's states, which has one optimum.
Needs numpy and scikit-learn only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from .domain_shift import STRENGTH, Damping

RIDGE = 300.0
"""Strength of the pull of the weights towards 0, in crops; inputs have variance 1, where they are not damped."""


@dataclass(frozen=True)
class Line:
    """logit = intercept + statistics · slopes."""

    intercept: float
    slopes: numpy.ndarray

    @staticmethod
    def fitted(
        statistics: numpy.ndarray, labels: numpy.ndarray, weights: numpy.ndarray, domains: Sequence[str], *,
        ridge: float = RIDGE, strength: float = STRENGTH,
    ) -> "Line":
        """Of `statistics` [crops, S] and labels (1 is AI); `weights` is what each crop counts, 1 on average; `domains` are
        the crops' corpora, whose differences are damped with `strength` (`domain_shift.py`)."""
        from sklearn.linear_model import LogisticRegression

        center = statistics.mean(axis=0, dtype=float)
        scale = numpy.maximum(statistics.std(axis=0, dtype=float), 1e-9)
        inputs = (statistics - center) / scale
        damping = Damping.fitted(inputs, labels, domains, strength)
        found = LogisticRegression(C=1 / ridge, max_iter=1000).fit(damping.of(inputs), labels, sample_weight=weights)
        slopes = damping.of(found.coef_)[0] / scale
        return Line(float(found.intercept_[0] - slopes @ center), slopes)

    def logits(self, statistics: numpy.ndarray) -> numpy.ndarray:
        return self.intercept + statistics @ self.slopes
