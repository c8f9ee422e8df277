"""N-grams of one to three word pieces, and a logistic regression on which of them a row has. Needs numpy and scipy only.

An n-gram's column is its number among all of its length modulo a prime (feature hashing, Weinberger et al. 2009), so that
the fitted table has a fixed size and the served graph finds an n-gram's slope without a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from .domain_shift import domain_deviations

LONGEST = 3
"""Word pieces of the longest n-gram."""
VOCABULARY = 30522
BUCKETS = 1_048_573
"""Columns for the pairs, and as many for the triples: the largest prime under 2²⁰. Two n-grams that share a column share a slope;
with a quarter of the columns most of those that count would be chance meetings of n-grams that do not."""
COLUMNS = VOCABULARY + (LONGEST - 1) * BUCKETS
ROWS_WITH = 3
"""Rows that must have an n-gram, or it says nothing."""
DOMAINS_WITH = 3
"""Corpora that must have an n-gram in two rows each: what one or two corpora say is about their topics."""
RIDGE = 0.03
"""Strength of the pull of the slopes towards 0, in rows; a row's n-grams have length 1 together."""
AGREEMENT = 1000.0
"""Strength of the pull of the corpora of one label towards one mean logit, in rows."""


def first_column(order: int) -> int:
    """Of the n-grams of `order` word pieces; a single one's column is its id."""
    return 0 if order == 1 else VOCABULARY + (order - 2) * BUCKETS


def columns(ids: numpy.ndarray, order: int) -> numpy.ndarray:
    """The column of the n-gram of `order` ids that begins at each place but the last order - 1: [..., L] → [..., L + 1 - order].

    Numbers stay under 30522³ < 2⁶³."""
    last = ids.shape[-1] + 1 - order
    key = numpy.zeros((*ids.shape[:-1], max(0, last)), numpy.int64)
    for place in range(order):
        key = key * VOCABULARY + ids[..., place : max(0, last) + place]
    return key % BUCKETS + first_column(order)


def presence(ids: numpy.ndarray, starts: numpy.ndarray) -> csr_matrix:
    """[rows, COLUMNS] of 1 where a row has an n-gram between its first and its last token, [CLS] and [SEP]. `ids` is
    all rows joined, `starts` [rows + 1]."""
    lengths = numpy.diff(starts)
    row = numpy.repeat(numpy.arange(len(lengths)), lengths)
    place = numpy.arange(len(ids)) - starts[row]
    rows, found = [], []
    for order in range(1, LONGEST + 1):
        whole = numpy.flatnonzero((place >= 1) & (place + order < lengths[row]))
        rows.append(row[whole])
        found.append(columns(ids.astype(numpy.int64), order)[whole])
    pairs = numpy.unique(numpy.concatenate(rows).astype(numpy.int64) * COLUMNS + numpy.concatenate(found))
    matrix = csr_matrix((len(lengths), COLUMNS), dtype=numpy.float32)
    matrix.indices = (pairs % COLUMNS).astype(numpy.int32)
    matrix.indptr = numpy.searchsorted(pairs // COLUMNS, numpy.arange(len(lengths) + 1)).astype(numpy.int32)
    matrix.data = numpy.ones(len(pairs), numpy.float32)
    return matrix


def widespread(ngrams: csr_matrix, domains: Sequence[str]) -> numpy.ndarray:
    """The columns that enough rows of enough `domains` have."""
    names = numpy.asarray(domains)
    corpora = sum((numpy.bincount(ngrams[names == name].indices, minlength=COLUMNS) >= 2).astype(int)
                  for name in sorted(set(domains)))
    return numpy.flatnonzero((numpy.bincount(ngrams.indices, minlength=COLUMNS) >= ROWS_WITH) & (corpora >= DOMAINS_WITH))


def scaled(ngrams: csr_matrix) -> csr_matrix:
    """Rows of length 1: one over the root of the number of its n-grams."""
    length = numpy.sqrt(numpy.maximum(numpy.diff(ngrams.indptr), 1))
    found = ngrams.copy()
    found.data = numpy.repeat(1 / length, numpy.diff(ngrams.indptr)).astype(numpy.float32)
    return found


@dataclass(frozen=True)
class NgramLine:
    """logit = intercept + Σ slopes of a row's known n-grams, each counted once, / √(number of them)."""

    intercept: float
    slopes: numpy.ndarray
    """[COLUMNS], FP32; 0 for an n-gram that is not known, which does not count."""

    @staticmethod
    def fitted(
        ngrams: csr_matrix, labels: numpy.ndarray, weights: numpy.ndarray, domains: Sequence[str], *,
        ridge: float = RIDGE, agreement: float = AGREEMENT,
    ) -> "NgramLine":
        """Of `presence` [rows, COLUMNS] and labels (1 is AI); `weights` is what each row counts, 1 on average; `domains` are
        the rows' corpora."""
        known = widespread(ngrams, domains)
        inputs = scaled(ngrams[:, known])
        transposed = inputs.T.tocsr()
        deviations = domain_deviations(inputs, labels, domains)
        sign = 2.0 * labels - 1

        def loss(parameters: numpy.ndarray) -> tuple[float, numpy.ndarray]:
            """Logistic loss with both pulls, and its gradient; the intercept comes first."""
            intercept, slopes = parameters[0], parameters[1:]
            margin = sign * (inputs @ slopes + intercept)
            errors = -weights * sign / (1 + numpy.exp(margin))
            apart = deviations @ slopes
            value = (weights * numpy.logaddexp(0, -margin)).sum() + ridge / 2 * slopes @ slopes + agreement / 2 * apart @ apart
            gradient = transposed @ errors + ridge * slopes + agreement * (deviations.T @ apart)
            return value, numpy.concatenate([[errors.sum()], gradient])

        found = minimize(loss, numpy.zeros(len(known) + 1), jac=True, method="L-BFGS-B",
                         options={"maxiter": 1000, "ftol": 1e-9, "maxcor": 20}).x
        slopes = numpy.zeros(COLUMNS, numpy.float32)
        slopes[known] = found[1:]
        return NgramLine(float(found[0]), slopes)

    def logits(self, ngrams: csr_matrix) -> numpy.ndarray:
        known = numpy.flatnonzero(self.slopes)
        return self.intercept + scaled(ngrams[:, known]) @ self.slopes[known]

    def save(self, path: Path) -> None:
        numpy.savez_compressed(path, intercept=self.intercept, slopes=self.slopes)

    @staticmethod
    def load(path: Path) -> "NgramLine":
        found = numpy.load(path)
        return NgramLine(float(found["intercept"]), found["slopes"])
