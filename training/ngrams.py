"""N-grams of word pieces and of kinds of words, and a logistic regression on which of them a row has. Needs numpy and scipy
only.

A row is read in two ways: as its word pieces, whose n-grams are phrases, and as the kinds of these (`token_kinds.py`), whose
n-grams are turns of phrase, whatever they are about. An n-gram's column is its number among all of its length modulo a prime
(feature hashing, Weinberger et al. 2009), so that the fitted tables have a fixed size and the served graph finds an n-gram's
slope without a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from .domain_shift import domain_deviations

LONGEST = {"pieces": 3, "kinds": 4}
"""The two readings, and the length of the longest n-gram of each."""
VOCABULARY = 30522
BUCKETS = 1_048_573
"""Columns for the pairs, and as many for each longer length: the largest prime under 2²⁰. Two n-grams that share a column share
a slope; with a quarter of the columns most of those that count would be chance meetings of n-grams that do not."""
ROWS_WITH = 3
"""Rows that must have an n-gram, or it says nothing."""
DOMAINS_WITH = 3
"""Corpora that must have an n-gram in two rows each: what one or two corpora say is about their topics."""
RIDGE = 0.03
"""Strength of the pull of the slopes towards 0, in rows; a row's n-grams of one reading have length 1 together."""
AGREEMENT = 1000.0
"""Strength of the pull of the corpora of one label towards one mean logit, in rows."""


def first_column(order: int) -> int:
    """Of the n-grams of `order` tokens; a single one's column is its id."""
    return 0 if order == 1 else VOCABULARY + (order - 2) * BUCKETS


def column_count(longest: int) -> int:
    return first_column(longest + 1)


def columns(ids: numpy.ndarray, order: int) -> numpy.ndarray:
    """The column of the n-gram of `order` ids that begins at each place but the last order - 1: [..., L] → [..., L + 1 - order].

    Numbers stay under 30522⁴ < 2⁶³."""
    last = ids.shape[-1] + 1 - order
    key = numpy.zeros((*ids.shape[:-1], max(0, last)), numpy.int64)
    for place in range(order):
        key = key * VOCABULARY + ids[..., place : max(0, last) + place]
    return key % BUCKETS + first_column(order)


def presence(ids: numpy.ndarray, starts: numpy.ndarray, longest: int) -> csr_matrix:
    """[rows, columns] of 1 where a row has an n-gram of up to `longest` tokens between its first and its last token, [CLS]
    and [SEP]. `ids` is all rows joined, `starts` [rows + 1]."""
    lengths = numpy.diff(starts)
    row = numpy.repeat(numpy.arange(len(lengths)), lengths)
    place = numpy.arange(len(ids)) - starts[row]
    rows, found = [], []
    for order in range(1, longest + 1):
        whole = numpy.flatnonzero((place >= 1) & (place + order < lengths[row]))
        rows.append(row[whole])
        found.append(columns(ids.astype(numpy.int64), order)[whole])
    number = column_count(longest)
    pairs = numpy.unique(numpy.concatenate(rows).astype(numpy.int64) * number + numpy.concatenate(found))
    matrix = csr_matrix((len(lengths), number), dtype=numpy.float32)
    matrix.indices = (pairs % number).astype(numpy.int32)
    matrix.indptr = numpy.searchsorted(pairs // number, numpy.arange(len(lengths) + 1)).astype(numpy.int32)
    matrix.data = numpy.ones(len(pairs), numpy.float32)
    return matrix


@dataclass(frozen=True)
class Ngrams:
    """Which n-grams rows of tokens have, in each reading: [rows, columns]."""

    pieces: csr_matrix
    kinds: csr_matrix

    @staticmethod
    def of(ids: numpy.ndarray, starts: numpy.ndarray, kinds: numpy.ndarray) -> "Ngrams":
        """Of rows joined; `kinds` [vocabulary] is each id's kind."""
        return Ngrams(presence(ids, starts, LONGEST["pieces"]), presence(kinds[ids], starts, LONGEST["kinds"]))

    def __getitem__(self, rows: numpy.ndarray) -> "Ngrams":
        return Ngrams(self.pieces[rows], self.kinds[rows])

    def readings(self) -> tuple[csr_matrix, csr_matrix]:
        return self.pieces, self.kinds


def widespread(ngrams: csr_matrix, domains: Sequence[str]) -> numpy.ndarray:
    """The columns that enough rows of enough `domains` have."""
    names = numpy.asarray(domains)
    number = ngrams.shape[1]
    corpora = sum((numpy.bincount(ngrams[names == name].indices, minlength=number) >= 2).astype(int)
                  for name in sorted(set(domains)))
    return numpy.flatnonzero((numpy.bincount(ngrams.indices, minlength=number) >= ROWS_WITH) & (corpora >= DOMAINS_WITH))


def scaled(ngrams: csr_matrix) -> csr_matrix:
    """Rows of length 1: one over the root of the number of its n-grams."""
    length = numpy.sqrt(numpy.maximum(numpy.diff(ngrams.indptr), 1))
    found = ngrams.copy()
    found.data = numpy.repeat(1 / length, numpy.diff(ngrams.indptr)).astype(numpy.float32)
    return found


@dataclass(frozen=True)
class NgramLine:
    """logit = intercept + for each reading Σ slopes of a row's known n-grams, each counted once, / √(number of them)."""

    intercept: float
    slopes: tuple[numpy.ndarray, numpy.ndarray]
    """Of the pieces' and the kinds' n-grams, [columns], FP32; 0 for one that is not known, which does not count."""

    @staticmethod
    def fitted(
        ngrams: Ngrams, labels: numpy.ndarray, weights: numpy.ndarray, domains: Sequence[str], *,
        ridge: float = RIDGE, agreement: float = AGREEMENT,
    ) -> "NgramLine":
        """Of n-grams [rows, columns] and labels (1 is AI); `weights` is what each row counts, 1 on average; `domains` are
        the rows' corpora."""
        known = [widespread(found, domains) for found in ngrams.readings()]
        inputs = hstack([scaled(found[:, chosen]) for found, chosen in zip(ngrams.readings(), known)]).tocsr()
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

        found = minimize(loss, numpy.zeros(inputs.shape[1] + 1), jac=True, method="L-BFGS-B",
                         options={"maxiter": 1000, "ftol": 1e-9, "maxcor": 20}).x
        slopes = tuple(numpy.zeros(reading.shape[1], numpy.float32) for reading in ngrams.readings())
        slopes[0][known[0]], slopes[1][known[1]] = numpy.split(found[1:], [len(known[0])])
        return NgramLine(float(found[0]), slopes)

    @property
    def known(self) -> int:
        """How many n-grams count."""
        return sum(int(numpy.count_nonzero(table)) for table in self.slopes)

    def logits(self, ngrams: Ngrams) -> numpy.ndarray:
        total = numpy.full(ngrams.pieces.shape[0], self.intercept)
        for found, table in zip(ngrams.readings(), self.slopes):
            known = numpy.flatnonzero(table)
            total += scaled(found[:, known]) @ table[known]
        return total

    def save(self, path: Path) -> None:
        numpy.savez_compressed(path, intercept=self.intercept, **dict(zip(LONGEST, self.slopes)))

    @staticmethod
    def load(path: Path) -> "NgramLine":
        found = numpy.load(path)
        return NgramLine(float(found["intercept"]), tuple(found[name] for name in LONGEST))
