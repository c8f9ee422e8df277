"""The best projective tree for given scores of arcs."""

from __future__ import annotations

import numpy
from numba import njit


@njit(cache=True)
def projective_heads(scores):
    """The best projective tree with one word below the root (Eisner 1996). scores [n, n + 1]: word × head, head 0 the
    root; heads in the same numbering."""
    n = scores.shape[0] + 1
    table = numpy.full((n, n), -1e9)
    for word in range(1, n):
        for head in range(n):
            table[head, word] = scores[word - 1, head] - (1e5 if head == 0 else 0.0)
    complete = numpy.full((n, n, 2), -1e18)
    incomplete = numpy.full((n, n, 2), -1e18)
    complete_back = numpy.zeros((n, n, 2), dtype=numpy.int64)
    incomplete_back = numpy.zeros((n, n, 2), dtype=numpy.int64)
    for place in range(n):
        complete[place, place, 0] = complete[place, place, 1] = 0.0
    for width in range(1, n):
        for left in range(n - width):
            right = left + width
            best, at = -1e18, left
            for split in range(left, right):
                value = complete[left, split, 1] + complete[split + 1, right, 0]
                if value > best:
                    best, at = value, split
            incomplete[left, right, 0] = best + table[right, left]
            incomplete[left, right, 1] = best + table[left, right]
            incomplete_back[left, right, 0] = incomplete_back[left, right, 1] = at
            best, at = -1e18, left
            for split in range(left, right):
                value = complete[left, split, 0] + incomplete[split, right, 0]
                if value > best:
                    best, at = value, split
            complete[left, right, 0], complete_back[left, right, 0] = best, at
            best, at = -1e18, right
            for split in range(left + 1, right + 1):
                value = incomplete[left, split, 1] + complete[split, right, 1]
                if value > best:
                    best, at = value, split
            complete[left, right, 1], complete_back[left, right, 1] = best, at
    heads = numpy.zeros(n, dtype=numpy.int64)
    stack = [(0, n - 1, 1, 1)]
    while len(stack) > 0:
        left, right, side, whole = stack.pop()
        if left == right:
            continue
        if whole:
            split = complete_back[left, right, side]
            if side == 1:
                stack.append((left, split, 1, 0))
                stack.append((split, right, 1, 1))
            else:
                stack.append((left, split, 0, 1))
                stack.append((split, right, 0, 0))
        else:
            if side == 1:
                heads[right] = left
            else:
                heads[left] = right
            split = incomplete_back[left, right, side]
            stack.append((left, split, 1, 1))
            stack.append((split + 1, right, 0, 1))
    return heads[1:]
