"""Weights of hashed features: while they are learned, and packed for reading.

Learning keeps one row of integers for each key that an error has touched, found by open addressing, and the sums that
averaging needs (Daumé 2006): average = weights - totals / step.

Packed, a table is `slots` (uint32, buckets of two: 16 bits of the key as a check, 16 of the row's number) and `rows`
(uint8 around NEUTRAL). A key that is not there reads row 0, which is neutral. Swift adds the same bytes, so both sides
decide by the same sums; of equal scores the lowest number wins.
"""

from __future__ import annotations

import numpy
from numba import njit

NEUTRAL = 128


class Learned:
    """Open addressing over uint64 keys. Neither the slots nor the rows grow: features beyond them are not learned."""

    def __init__(self, classes: int, capacity_bits: int, row_capacity: int) -> None:
        self.classes = classes
        self.keys = numpy.zeros(1 << capacity_bits, dtype=numpy.uint64)
        self.index = numpy.zeros(1 << capacity_bits, dtype=numpy.int32)
        self.weights = numpy.zeros((row_capacity, classes), dtype=numpy.int32)
        self.totals = numpy.zeros((row_capacity, classes), dtype=numpy.int64)
        self.used = numpy.ones(1, dtype=numpy.int64)
        """Rows in use; row 0 stays zero."""

    @property
    def arrays(self):
        return self.keys, self.index, self.weights, self.totals, self.used

    def averaged(self, step: int) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Keys and average weights, FP64 [rows, classes]."""
        used = int(self.used[0])
        occupied = numpy.flatnonzero(self.index)
        keys = numpy.zeros(used, dtype=numpy.uint64)
        keys[self.index[occupied]] = self.keys[occupied]
        return keys[1:], self.weights[1:used] - self.totals[1:used] / step


@njit(inline="always")
def find(keys, index, key):
    mask = numpy.uint64(keys.size - 1)
    slot = key & mask
    while index[slot] != 0:
        if keys[slot] == key:
            return index[slot]
        slot = (slot + numpy.uint64(1)) & mask
    return 0


@njit(inline="always")
def find_or_add(keys, index, used, key, limit):
    mask = numpy.uint64(keys.size - 1)
    slot = key & mask
    while index[slot] != 0:
        if keys[slot] == key:
            return index[slot]
        slot = (slot + numpy.uint64(1)) & mask
    if used[0] >= limit:
        return 0
    keys[slot] = key
    index[slot] = used[0]
    used[0] += 1
    return index[slot]


class Packed:
    """What Swift reads. `bits`: the logarithm of the number of slots."""

    def __init__(self, bits: int, slots: numpy.ndarray, rows: numpy.ndarray) -> None:
        self.bits, self.slots, self.rows = bits, slots, rows

    @classmethod
    def of(cls, keys: numpy.ndarray, weights: numpy.ndarray, bits: int, most: int, width: int,
           clip: float = 0.0005) -> "Packed":
        """The `most` heaviest rows, a weight's byte being NEUTRAL + round(weight * scale). `clip` is the share of rows
        whose heaviest weight may be cut to fit; `width` ≥ classes pads a row."""
        heaviest = numpy.abs(weights).max(axis=1)
        order = numpy.lexsort((keys, -heaviest))[:most]
        top = heaviest[order[int(len(order) * clip)]]
        scale = 127 / top
        quantised = numpy.clip(numpy.rint(weights[order] * scale), -127, 127).astype(numpy.int64)
        slots = numpy.zeros(1 << bits, dtype=numpy.uint32)
        rows = [numpy.full(width, NEUTRAL, dtype=numpy.uint8)]
        kept = _place(keys[order], quantised, slots, bits)
        body = numpy.full((len(kept), width), NEUTRAL, dtype=numpy.uint8)
        body[:, : weights.shape[1]] = quantised[kept] + NEUTRAL
        return cls(bits, slots, numpy.concatenate([rows[0][None], body]))

    @property
    def arrays(self):
        return self.slots, self.rows, numpy.int64(64 - self.bits)


@njit(cache=True)
def _place(keys, quantised, slots, bits):
    kept = numpy.zeros(len(keys), dtype=numpy.int64)
    count = 0
    for place in range(len(keys)):
        if count >= 65535:
            break
        zero = True
        for column in range(quantised.shape[1]):
            if quantised[place, column] != 0:
                zero = False
                break
        if zero:
            continue
        slot = (keys[place] >> numpy.uint64(64 - bits))
        check = numpy.uint32(keys[place] & numpy.uint64(0xFFFF))
        other = slot ^ numpy.uint64(1)
        taken_by_check = (slots[slot] >> numpy.uint32(16) == check and slots[slot] != 0) or (
            slots[other] >> numpy.uint32(16) == check and slots[other] != 0)
        if taken_by_check:
            continue
        if slots[slot] != 0:
            slot = other
        if slots[slot] != 0:
            continue
        kept[count] = place
        count += 1
        slots[slot] = (check << numpy.uint32(16)) | numpy.uint32(count)
    return kept[:count]


@njit(inline="always")
def row_of(slots, shift, key):
    """Number of the row of a key in a packed table, 0 where it has none."""
    slot = key >> numpy.uint64(shift)
    check = numpy.uint32(key & numpy.uint64(0xFFFF))
    first = slots[slot]
    if first >> numpy.uint32(16) == check and first != 0:
        return numpy.int64(first & numpy.uint32(0xFFFF))
    second = slots[slot ^ numpy.uint64(1)]
    if second >> numpy.uint32(16) == check and second != 0:
        return numpy.int64(second & numpy.uint32(0xFFFF))
    return 0
