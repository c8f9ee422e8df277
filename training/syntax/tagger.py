"""The tagger: from left to right, one joint tag (XPOS and UPOS) a token, averaged perceptron (Collins 2002).

Features see the two tags before, the words around with their affixes, shapes and clusters, and which tags the lexicon
has for them. Swift: Sources/Features/Syntax/Tagger.swift; the order and the numbers of the templates are the contract.
"""

from __future__ import annotations

import numpy
from numba import njit

from .hashing import mix
from .tables import Packed, find, find_or_add, row_of
from .words import AMBIGUITY, COARSE, COLUMNS, FINE, NONE_WORD, PREFIX1, PREFIX2, PREFIX3, SHAPE, SUFFIX1, SUFFIX2, \
    SUFFIX3, SUFFIX4, WORD

FEATURES = 42
MARGIN_TOKENS = 3
"""Rows of `outside` before and after a sentence."""


def outside() -> numpy.ndarray:
    row = numpy.zeros(COLUMNS, dtype=numpy.int64)
    row[WORD] = NONE_WORD
    return row


def padded(atoms: numpy.ndarray) -> numpy.ndarray:
    """uint64 [MARGIN_TOKENS + n + MARGIN_TOKENS, COLUMNS]."""
    edge = numpy.tile(outside(), (MARGIN_TOKENS, 1))
    return numpy.concatenate([edge, atoms, edge]).astype(numpy.uint64)


@njit(inline="always")
def _one(keys, n, atom):
    keys[n] = mix(numpy.uint64(n + 1), atom)
    return n + 1


@njit(inline="always")
def _two(keys, n, first, second):
    keys[n] = mix(mix(numpy.uint64(n + 1), first), second)
    return n + 1


@njit(inline="always")
def _three(keys, n, first, second, third):
    keys[n] = mix(mix(mix(numpy.uint64(n + 1), first), second), third)
    return n + 1


@njit
def tag_keys(a, i, tag1, tag2, keys):
    """Keys of the token in row `i` of the padded atoms; `tag1`, `tag2`: the tags of the tokens one and two before."""
    n = 0
    n = _one(keys, n, a[i, WORD])
    n = _two(keys, n, a[i, WORD], tag1)
    n = _two(keys, n, a[i, WORD], a[i, SHAPE])
    n = _one(keys, n, a[i, SUFFIX1])
    n = _one(keys, n, a[i, SUFFIX2])
    n = _two(keys, n, a[i, SUFFIX3], a[i, SHAPE] & numpy.uint64(0x1FF))
    n = _one(keys, n, a[i, SUFFIX4])
    n = _one(keys, n, a[i, PREFIX1])
    n = _one(keys, n, a[i, PREFIX2])
    n = _one(keys, n, a[i, PREFIX3])
    n = _two(keys, n, a[i, SHAPE], numpy.uint64(tag1))
    n = _two(keys, n, a[i, FINE], a[i, SHAPE] & numpy.uint64(7))
    n = _two(keys, n, a[i, AMBIGUITY], tag1)
    n = _three(keys, n, a[i, AMBIGUITY], tag1, tag2)
    n = _two(keys, n, a[i, AMBIGUITY], a[i + 1, AMBIGUITY])
    n = _three(keys, n, a[i, AMBIGUITY], tag1, a[i + 1, AMBIGUITY])
    n = _two(keys, n, tag1, tag2)
    n = _one(keys, n, tag1)
    n = _one(keys, n, a[i - 1, WORD])
    n = _one(keys, n, a[i + 1, WORD])
    n = _one(keys, n, a[i - 2, WORD])
    n = _one(keys, n, a[i + 2, WORD])
    n = _two(keys, n, a[i, WORD], a[i + 1, WORD])
    n = _two(keys, n, a[i - 1, WORD], a[i, WORD])
    n = _two(keys, n, a[i - 1, WORD], a[i + 1, WORD])
    n = _three(keys, n, tag1, a[i, FINE], a[i + 1, FINE])
    n = _one(keys, n, a[i + 1, FINE])
    n = _one(keys, n, a[i - 1, FINE])
    n = _two(keys, n, a[i, FINE], a[i + 1, COARSE])
    n = _three(keys, n, a[i - 1, COARSE], a[i, COARSE], a[i + 1, COARSE])
    n = _three(keys, n, a[i, AMBIGUITY], a[i + 1, AMBIGUITY], a[i + 2, AMBIGUITY])
    n = _two(keys, n, a[i + 1, SUFFIX3], a[i, AMBIGUITY])
    n = _two(keys, n, a[i + 1, SHAPE], a[i, SHAPE])
    n = _two(keys, n, a[i - 1, SHAPE], a[i, SHAPE])
    n = _two(keys, n, a[i, SUFFIX2], tag1)
    n = _three(keys, n, a[i, WORD], a[i + 1, AMBIGUITY], tag1)
    n = _three(keys, n, a[i, COARSE], a[i + 1, COARSE], a[i + 2, COARSE])
    n = _three(keys, n, a[i, AMBIGUITY], a[i + 1, COARSE], a[i + 2, COARSE])
    n = _three(keys, n, a[i, WORD], a[i - 1, COARSE], a[i - 2, COARSE])
    n = _three(keys, n, a[i, WORD], a[i + 1, COARSE], a[i + 2, COARSE])
    n = _three(keys, n, a[i, SUFFIX3], a[i - 1, COARSE], a[i + 1, COARSE])
    n = _two(keys, n, a[i - 1, WORD], a[i - 2, WORD])
    return n


@njit(cache=True)
def train_epoch(order, starts, atoms, gold, keys_table, index, weights, totals, used, step, margin):
    """One pass over the sentences in `order`; `starts` are rows of `atoms` (padded) and of `gold`. Returns the step
    and the number of errors."""
    classes = weights.shape[1]
    scores = numpy.zeros(classes, dtype=numpy.int64)
    keys = numpy.zeros(FEATURES, dtype=numpy.uint64)
    rows = numpy.zeros(FEATURES, dtype=numpy.int64)
    limit = weights.shape[0]
    errors = 0
    for sentence in order:
        tag1, tag2 = numpy.uint64(classes), numpy.uint64(classes)
        for i in range(starts[sentence] + MARGIN_TOKENS, starts[sentence + 1] - MARGIN_TOKENS):
            step += 1
            count = tag_keys(atoms, i, tag1, tag2, keys)
            scores[:] = 0
            for f in range(count):
                row = find(keys_table, index, keys[f])
                rows[f] = row
                if row != 0:
                    for k in range(classes):
                        scores[k] += weights[row, k]
            right = gold[i]
            best = 0
            rival = -1
            for k in range(classes):
                if scores[k] > scores[best]:
                    best = k
                if k != right and (rival < 0 or scores[k] > scores[rival]):
                    rival = k
            if best != right:
                errors += 1
            if right >= 0 and scores[right] - scores[rival] <= margin:
                for f in range(count):
                    row = rows[f]
                    if row == 0:
                        row = find_or_add(keys_table, index, used, keys[f], limit)
                    if row != 0:
                        weights[row, right] += 1
                        totals[row, right] += step
                        weights[row, rival] -= 1
                        totals[row, rival] -= step
            tag2 = tag1
            tag1 = numpy.uint64(best)
    return step, errors


@njit(cache=True)
def tag(starts, atoms, slots, rows, shift, classes, out):
    """Tags of all sentences with a packed table: `out` [rows of atoms]."""
    width = rows.shape[1]
    scores = numpy.zeros(width, dtype=numpy.int64)
    keys = numpy.zeros(FEATURES, dtype=numpy.uint64)
    for sentence in range(starts.size - 1):
        tag1, tag2 = numpy.uint64(classes), numpy.uint64(classes)
        for i in range(starts[sentence] + MARGIN_TOKENS, starts[sentence + 1] - MARGIN_TOKENS):
            count = tag_keys(atoms, i, tag1, tag2, keys)
            scores[:] = 0
            for f in range(count):
                row = row_of(slots, shift, keys[f])
                if row != 0:
                    for k in range(classes):
                        scores[k] += numpy.int64(rows[row, k]) - 128
            best = 0
            for k in range(1, classes):
                if scores[k] > scores[best]:
                    best = k
            out[i] = best
            tag2 = tag1
            tag1 = numpy.uint64(best)


def stacked(sentences: list[numpy.ndarray]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Padded atoms of all sentences one below the other, and where each begins (and the end)."""
    rows = [padded(atoms) for atoms in sentences]
    starts = numpy.cumsum([0] + [len(row) for row in rows])
    return starts, numpy.concatenate(rows)


def spread(starts: numpy.ndarray, values: list[numpy.ndarray]) -> numpy.ndarray:
    """The sentences' values in the rows of `stacked`; -1 elsewhere."""
    out = numpy.full(starts[-1], -1, dtype=numpy.int64)
    for start, row in zip(starts, values):
        first = start + MARGIN_TOKENS
        out[first : first + len(row)] = row
    return out


def gathered(starts: numpy.ndarray, out: numpy.ndarray) -> list[numpy.ndarray]:
    return [out[first + MARGIN_TOKENS : last - MARGIN_TOKENS].copy() for first, last in zip(starts[:-1], starts[1:])]


def packed_tags(packed: Packed, classes: int, sentences: list[numpy.ndarray]) -> list[numpy.ndarray]:
    starts, atoms = stacked(sentences)
    out = numpy.zeros(starts[-1], dtype=numpy.int64)
    tag(starts, atoms, *packed.arrays, classes, out)
    return gathered(starts, out)
