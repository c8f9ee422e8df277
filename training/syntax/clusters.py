"""Word classes from plain text by the exchange algorithm (Kneser and Ney 1993; Martin, Liermann and Ney 1998).

Every word gets the class that makes the likelihood of the text's class bigrams highest, given all others' classes;
some rounds over the words in the order of their frequency. Only classes leave this module, never text.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy
from numba import njit
from tqdm import tqdm

from ..originals import with_originals
from ..prepare import read_essays
from ..splits import is_calibration
from .conllu import Sentence
from .hashing import fnv1a
from .words import clipped, normal_bytes

PIECE = re.compile(
    r"(?:https?://|www\.)\S+|\w+(?=n['’]t\b)|n['’]t\b|['’](?:s|d|m|ll|re|ve)\b|\w+(?:[-.&]\w+)*|\.+|[^\w\s]",
    re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?]+$")


def plain_tokens(text: str) -> list[bytes]:
    return [normal_bytes(clipped(piece.encode("utf-8", "replace"))) for piece in PIECE.findall(text)]


def texts(essays: Path, treebank: list[Sentence]):
    """Normal forms, text by text; without the essays that are held out for the thresholds."""
    for sentence in treebank:
        yield [normal_bytes(clipped(form.encode())) for form in sentence.forms]
    for essay in tqdm(with_originals(read_essays(essays)), desc=f"reading {essays.name}", leave=False):
        if not is_calibration(essay):
            yield plain_tokens(essay["text"])


@njit(cache=True)
def _nlogn(value, table):
    if value < table.size:
        return table[value]
    return value * numpy.log(value)


@njit(cache=True)
def _exchange(classes, order, right_start, right_word, right_count, left_start, left_word, left_count, pairs, sums,
              occurrences, table):
    """One round. `pairs` [C, C]: bigrams of classes; `sums` [C]: words' counts by class; returns how many moved."""
    size = sums.size
    moved = 0
    right = numpy.zeros(size, dtype=numpy.int64)
    left = numpy.zeros(size, dtype=numpy.int64)
    right_list = numpy.zeros(size, dtype=numpy.int64)
    left_list = numpy.zeros(size, dtype=numpy.int64)
    for word in order:
        own = classes[word]
        rights, lefts, double = 0, 0, 0
        for place in range(right_start[word], right_start[word + 1]):
            other, count = right_word[place], right_count[place]
            if other == word:
                double = count
                continue
            kind = classes[other]
            if right[kind] == 0:
                right_list[rights] = kind
                rights += 1
            right[kind] += count
        for place in range(left_start[word], left_start[word + 1]):
            other, count = left_word[place], left_count[place]
            if other == word:
                continue
            kind = classes[other]
            if left[kind] == 0:
                left_list[lefts] = kind
                lefts += 1
            left[kind] += count
        # Take the word out.
        for place in range(rights):
            pairs[own, right_list[place]] -= right[right_list[place]]
        for place in range(lefts):
            pairs[left_list[place], own] -= left[left_list[place]]
        pairs[own, own] -= double
        best, best_gain = own, -1e300
        count_word = occurrences[word]
        sums[own] -= count_word
        for kind in range(size):
            gain = 0.0
            for place in range(rights):
                other = right_list[place]
                if other != kind:
                    old = pairs[kind, other]
                    gain += _nlogn(old + right[other], table) - _nlogn(old, table)
            for place in range(lefts):
                other = left_list[place]
                if other != kind:
                    old = pairs[other, kind]
                    gain += _nlogn(old + left[other], table) - _nlogn(old, table)
            old = pairs[kind, kind]
            gain += _nlogn(old + right[kind] + left[kind] + double, table) - _nlogn(old, table)
            gain -= 2 * (_nlogn(sums[kind] + count_word, table) - _nlogn(sums[kind], table))
            if gain > best_gain:
                best, best_gain = kind, gain
        for place in range(rights):
            pairs[best, right_list[place]] += right[right_list[place]]
        for place in range(lefts):
            pairs[left_list[place], best] += left[left_list[place]]
        pairs[best, best] += double
        sums[best] += count_word
        classes[word] = best
        if best != own:
            moved += 1
        for place in range(rights):
            right[right_list[place]] = 0
        for place in range(lefts):
            left[left_list[place]] = 0
    return moved


def _bigrams(lines, vocabulary: dict[bytes, int]) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """First word, second word, count; ascending. Word 0 is every word that is not in the vocabulary."""
    parts = []
    size = len(vocabulary) + 1
    for tokens in lines:
        ids = numpy.array([0] + [vocabulary.get(token, 0) for token in tokens] + [0], dtype=numpy.int64)
        parts.append(ids[:-1] * size + ids[1:])
    pairs, counts = numpy.unique(numpy.concatenate(parts), return_counts=True)
    return pairs // size, pairs % size, counts.astype(numpy.int64)


def learn(lines: list[list[bytes]], sizes: tuple[int, int], at_least: int, rounds: int) -> tuple[dict, dict]:
    """Two maps from a normal form's hash to its class, numbered from 1: of sizes[0] and of sizes[1] classes."""
    counts = Counter(token for tokens in lines for token in tokens)
    kept = [token for token, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if count >= at_least]
    vocabulary = {token: number for number, token in enumerate(kept, 1)}
    size = len(kept) + 1
    first, second, times = _bigrams(lines, vocabulary)
    right_start = numpy.searchsorted(first, numpy.arange(size + 1))
    by_second = numpy.lexsort((first, second))
    left_start = numpy.searchsorted(second[by_second], numpy.arange(size + 1))
    occurrences = numpy.bincount(first, weights=times, minlength=size).astype(numpy.int64)
    table = numpy.zeros(1 << 20)
    numbers = numpy.arange(1, 1 << 20)
    table[1:] = numbers * numpy.log(numbers)
    results = []
    for number in sizes:
        classes = numpy.arange(size) % number
        pairs = numpy.zeros((number, number), dtype=numpy.int64)
        numpy.add.at(pairs, (classes[first], classes[second]), times)
        sums = numpy.bincount(classes, weights=occurrences, minlength=number).astype(numpy.int64)
        for _ in tqdm(range(rounds), desc=f"{number} classes of {size} words"):
            if not _exchange(classes, numpy.arange(size), right_start, second, times, left_start, first[by_second],
                             times[by_second], pairs, sums, occurrences, table):
                break
        results.append({fnv1a(token): int(classes[number]) + 1 for token, number in vocabulary.items()})
    return results[0], results[1]
