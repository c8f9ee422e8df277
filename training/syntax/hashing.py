"""The hashes that Swift computes, too (Sources/Features/Syntax/FeatureHash.swift)."""

from __future__ import annotations

import numpy
from numba import njit

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x00000100000001B3
MASK = 0xFFFFFFFFFFFFFFFF

MULTIPLIER = numpy.uint64(0x9E3779B97F4A7C15)
SHIFT = numpy.uint64(32)


def fnv1a(data: bytes) -> int:
    """64-bit FNV-1a, WordHash in Swift."""
    value = FNV_OFFSET
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & MASK
    return value


@njit(inline="always")
def mix(state, atom):
    """A feature's key takes in one more atom: two uint64 to one."""
    product = (state ^ atom) * MULTIPLIER
    return product ^ (product >> SHIFT)
