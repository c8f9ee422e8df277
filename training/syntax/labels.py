"""The labels of a finished tree, from left to right, by an averaged perceptron with a margin.

Swift: Sources/Features/Syntax/Labeler.swift; the order and the numbers of the templates are the contract.
"""

from __future__ import annotations

import numpy
from numba import njit

from .parser import _distance, _f2, _f3, _f4, _pair, _u
from .tables import find, find_or_add, row_of

FEATURES = 47

FIRST_LEFT, LAST_LEFT, FIRST_RIGHT, LAST_RIGHT, BEFORE, AFTER, CASE, AUX, COUNTS = range(9)
LINKS = 9
"""Rows of a tree's links, one column a node: outermost and nearest children, siblings, the first preposition and the
last auxiliary to the left, and min(left children, 3) * 4 + min(right children, 3)."""


@njit
def link(heads, is_case, is_aux, links):
    """`heads` of the words, n for the root's child; nodes without a link have n + 1."""
    n = heads.size
    links[:, :] = n + 1
    links[COUNTS, :] = 0
    for word in range(n):
        head = heads[word]
        previous = n + 1
        if word < head:
            previous = links[LAST_LEFT, head]
            if previous == n + 1:
                links[FIRST_LEFT, head] = word
            links[LAST_LEFT, head] = word
            if is_case[word] and links[CASE, head] == n + 1:
                links[CASE, head] = word
            if is_aux[word]:
                links[AUX, head] = word
            if links[COUNTS, head] < 12:
                links[COUNTS, head] += 4
        else:
            previous = links[LAST_RIGHT, head]
            if previous == n + 1:
                links[FIRST_RIGHT, head] = word
                previous = links[LAST_LEFT, head]
            links[LAST_RIGHT, head] = word
            if links[COUNTS, head] & 3 < 3:
                links[COUNTS, head] += 1
        links[BEFORE, word] = previous
        if previous != n + 1:
            links[AFTER, previous] = word


@njit
def label_keys(words, tags, fine, coarse, heads, links, labels, word, keys):
    """`labels` (from 0; 0 for a node that has none yet) [n + 2]."""
    n = heads.size
    none = n + 1
    head = heads[word]
    above = heads[head] if head < n else none
    gap = word - head
    right = _u(1) if gap > 0 else _u(0)
    dist = _distance(gap if gap > 0 else -gap) * _u(2) + right
    hw, ht, dw, dt = words[head], tags[head], words[word], tags[word]
    hwt, dwt = _pair(hw, ht), _pair(dw, dt)
    case, hcase = words[links[CASE, word]], words[links[CASE, head]]
    aux = words[links[AUX, word]]
    haux = words[links[AUX, head]]
    l1, l2, r1, r2 = links[FIRST_LEFT, word], links[LAST_LEFT, word], links[FIRST_RIGHT, word], links[LAST_RIGHT, word]
    before, after = links[BEFORE, word], links[AFTER, word]
    bl = _u(labels[before])
    hl = _u(labels[head])
    bbl = _u(labels[links[BEFORE, before]]) if before < n else _u(0)
    bt, at = tags[before], tags[after]
    near, next_ = tags[word - 1] if word > 0 else tags[none], tags[word + 1] if word + 1 < none else tags[none]
    hf, df = fine[head], fine[word]
    hcounts, dcounts = _u(links[COUNTS, head]), _u(links[COUNTS, word])
    k = 0
    k = _f2(keys, k, dt, right)
    k = _f2(keys, k, ht, right)
    k = _f2(keys, k, dwt, right)
    k = _f2(keys, k, hwt, right)
    k = _f3(keys, k, ht, dt, right)
    k = _f3(keys, k, hwt, dt, right)
    k = _f3(keys, k, ht, dwt, right)
    k = _f3(keys, k, hw, dw, right)
    k = _f3(keys, k, ht, dt, dist)
    k = _f3(keys, k, hw, dt, dist)
    k = _f3(keys, k, ht, dw, dist)
    k = _f3(keys, k, hf, df, right)
    k = _f3(keys, k, hf, dt, right)
    k = _f3(keys, k, ht, df, right)
    k = _f3(keys, k, coarse[head], coarse[word], dist)
    k = _f4(keys, k, ht, dt, case, right)
    k = _f4(keys, k, hw, case, dt, right)
    k = _f4(keys, k, dw, case, ht, right)
    k = _f4(keys, k, hf, case, df, right)
    k = _f2(keys, k, case, dt)
    k = _f4(keys, k, ht, dt, aux, right)
    k = _f4(keys, k, ht, dt, haux, right)
    k = _f4(keys, k, hcase, ht, dt, right)
    k = _f4(keys, k, ht, dt, words[l1], right)
    k = _f4(keys, k, ht, dt, words[l2], right)
    k = _f4(keys, k, ht, dt, words[r1], right)
    k = _f4(keys, k, dt, tags[l1], tags[l2], right)
    k = _f4(keys, k, dt, tags[r1], tags[r2], right)
    k = _f4(keys, k, ht, dt, bl, right)
    k = _f4(keys, k, ht, dt, bl, bbl)
    k = _f4(keys, k, hw, dt, bl, right)
    k = _f4(keys, k, hf, df, bl, right)
    k = _f4(keys, k, ht, dt, bt, right)
    k = _f4(keys, k, ht, dt, at, right)
    k = _f4(keys, k, hw, dt, bt, at)
    k = _f4(keys, k, ht, dt, words[before], right)
    k = _f4(keys, k, ht, dt, words[after], right)
    k = _f4(keys, k, ht, dt, near, next_)
    k = _f4(keys, k, dt, near, next_, right)
    k = _f4(keys, k, ht, dt, tags[above], right)
    k = _f4(keys, k, ht, dt, words[above], right)
    k = _f4(keys, k, ht, dt, hl, right)
    k = _f4(keys, k, ht, dt, dcounts, right)
    k = _f4(keys, k, ht, dt, hcounts, right)
    k = _f4(keys, k, dt, words[l1], words[l2], right)
    k = _f4(keys, k, hl, dw, ht, right)
    k = _f4(keys, k, hf, dt, bl, case)
    return k


@njit(cache=True)
def train_epoch(order, starts, words_, tags_, fine_, coarse_, is_case_, is_aux_, heads_, gold_, keys_table, index,
                weights, totals, used, step, margin):
    """One pass; `gold_` is 0 where a word is not to be learned from. Returns the step and the number of errors."""
    classes = weights.shape[1]
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    links = numpy.zeros((LINKS, longest), dtype=numpy.int64)
    labels = numpy.zeros(longest, dtype=numpy.int64)
    scores = numpy.zeros(classes, dtype=numpy.int64)
    keys = numpy.zeros(FEATURES, dtype=numpy.uint64)
    rows = numpy.zeros(FEATURES, dtype=numpy.int64)
    errors = 0
    for s in order:
        first, last = starts[s], starts[s + 1]
        n = last - first - 2
        words, tags, fine, coarse = words_[first:last], tags_[first:last], fine_[first:last], coarse_[first:last]
        heads = heads_[first : last - 2]
        link(heads, is_case_[first:last], is_aux_[first:last], links[:, : n + 2])
        labels[: n + 2] = 0
        for word in range(n):
            if heads[word] == n:
                labels[word] = 1
                continue
            step += 1
            count = label_keys(words, tags, fine, coarse, heads, links[:, : n + 2], labels, word, keys)
            scores[:] = 0
            for f in range(count):
                row = find(keys_table, index, keys[f])
                rows[f] = row
                if row != 0:
                    for c in range(classes):
                        scores[c] += weights[row, c]
            label, right, rival = 2, gold_[first + word], -1
            for c in range(2, classes):
                if scores[c] > scores[label]:
                    label = c
                if c != right and (rival < 0 or scores[c] > scores[rival]):
                    rival = c
            labels[word] = label
            if right < 2:
                continue
            if label != right:
                errors += 1
            if scores[right] - scores[rival] <= margin:
                for f in range(count):
                    row = rows[f]
                    if row == 0:
                        row = find_or_add(keys_table, index, used, keys[f], weights.shape[0])
                    if row != 0:
                        weights[row, right] += 1
                        totals[row, right] += step
                        weights[row, rival] -= 1
                        totals[row, rival] -= step
    return step, errors


@njit(cache=True)
def label(starts, words_, tags_, fine_, coarse_, is_case_, is_aux_, heads_, slots, rows, shift, classes, labels_):
    """Labels of all sentences' trees with a packed table, into `labels_`: 1 is the root's, others from 2."""
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    links = numpy.zeros((LINKS, longest), dtype=numpy.int64)
    scores = numpy.zeros(classes, dtype=numpy.int64)
    keys = numpy.zeros(FEATURES, dtype=numpy.uint64)
    for s in range(starts.size - 1):
        first, last = starts[s], starts[s + 1]
        n = last - first - 2
        words, tags, fine, coarse = words_[first:last], tags_[first:last], fine_[first:last], coarse_[first:last]
        heads, labels = heads_[first : last - 2], labels_[first:last]
        link(heads, is_case_[first:last], is_aux_[first:last], links[:, : n + 2])
        labels[:] = 0
        for word in range(n):
            if heads[word] == n:
                labels[word] = 1
                continue
            count = label_keys(words, tags, fine, coarse, heads, links[:, : n + 2], labels, word, keys)
            scores[:] = 0
            for f in range(count):
                row = row_of(slots, shift, keys[f])
                if row != 0:
                    for c in range(classes):
                        scores[c] += numpy.int64(rows[row, c]) - 128
            best = 2
            for c in range(3, classes):
                if scores[c] > scores[best]:
                    best = c
            labels[word] = best
