"""Tokens as integers: normal form, affixes, shape, and what the lexicon knows of a word.

Everything is a function of a token's bytes in UTF-8 (Sources/Features/Syntax/TokenAtoms.swift does the same).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy

from .conllu import Sentence
from .hashing import fnv1a

LONGEST = 64
"""Bytes of a token that are looked at from its beginning and from its end, so that a giant word costs little."""

# Columns of an array of atoms.
WORD, SUFFIX1, SUFFIX2, SUFFIX3, SUFFIX4, PREFIX1, PREFIX2, PREFIX3, SHAPE, FINE, COARSE, AMBIGUITY = range(12)
COLUMNS = 12

UNKNOWN = 1 << 17
"""Words that the treebank has less than twice: UNKNOWN + shape and last two letters take the word's place."""
NONE_WORD = 1 << 16
"""Beyond the sentence."""

FOLDED = {"’": b"'", "‘": b"'", "“": b'"', "”": b'"', "–": b"-", "—": b"-", "…": b"."}


def normal(form: str) -> bytes:
    """ASCII letters in lower case, digits as 0, quotation marks and dashes of ASCII; others as they are."""
    out = bytearray()
    for character in form:
        if character < "\x80":
            byte = ord(character)
            if 65 <= byte <= 90:
                byte += 32
            elif 48 <= byte <= 57:
                byte = 48
            out.append(byte)
        else:
            out += FOLDED.get(character) or character.encode()
    return bytes(out)


def clipped(data: bytes) -> bytes:
    """A giant token's first and last bytes."""
    return data if len(data) <= 2 * LONGEST else data[:LONGEST] + data[-LONGEST:]


def shape(raw: bytes) -> int:
    """Bits: 0 begins with a capital, 1 a capital after the first byte, 2 a small letter, 3 a digit, 4 a hyphen,
    5 a full stop, 6 an apostrophe, 7 another ASCII mark, 8 not ASCII; 9 and 10: one byte, two or three, four or
    five, more."""
    bits = 0
    for place, byte in enumerate(raw):
        if 65 <= byte <= 90:
            bits |= 1 if place == 0 else 2
        elif 97 <= byte <= 122:
            bits |= 4
        elif 48 <= byte <= 57:
            bits |= 8
        elif byte == 45:
            bits |= 16
        elif byte == 46:
            bits |= 32
        elif byte == 39:
            bits |= 64
        elif byte >= 128:
            bits |= 256
        else:
            bits |= 128
    length = len(raw)
    bucket = 0 if length <= 1 else 1 if length <= 3 else 2 if length <= 5 else 3
    return bits | bucket << 9


def packed(data: bytes) -> int:
    """Up to four bytes as one number."""
    value = 0
    for byte in data:
        value = value << 8 | byte
    return value


@lru_cache(maxsize=None)
def form_atoms(form: str) -> tuple[int, tuple[int, ...]]:
    """Hash of the normal form, and the columns that need no lexicon (SUFFIX1 … SHAPE)."""
    raw = clipped(form.encode())
    norm = normal_bytes(raw)
    suffixes = [packed(norm[-n:]) if len(norm) >= n else 0 for n in (1, 2, 3, 4)]
    prefixes = [packed(norm[:n]) if len(norm) >= n else 0 for n in (1, 2, 3)]
    return fnv1a(norm), (*suffixes, *prefixes, shape(raw))


def normal_bytes(raw: bytes) -> bytes:
    """`normal` of bytes, which may be cut inside of a character."""
    return normal(raw.decode("ascii")) if raw.isascii() else _normal_bytes(raw)


def _normal_bytes(raw: bytes) -> bytes:
    out = bytearray()
    place = 0
    folded = {key.encode(): value for key, value in FOLDED.items()}
    while place < len(raw):
        byte = raw[place]
        if byte == 0xE2 and raw[place:place + 3] in folded:
            out += folded[raw[place:place + 3]]
            place += 3
            continue
        if 65 <= byte <= 90:
            byte += 32
        elif 48 <= byte <= 57:
            byte = 48
        out.append(byte)
        place += 1
    return bytes(out)


class Lexicon:
    """What is known of words, by the hash of their normal form.

    `ids`: words that the treebank has at least twice, numbered from 1. `ambiguity`: which tags a word has, as the
    number of the set. `fine`, `coarse`: its clusters, numbered from 1; 0 for a word without.
    """

    def __init__(self, ids: dict[int, int], fine: dict[int, int], coarse: dict[int, int],
                 ambiguity: dict[int, int]) -> None:
        self.ids, self.fine, self.coarse, self.ambiguity = ids, fine, coarse, ambiguity

    @classmethod
    def learned(cls, sentences: Iterable[Sentence], tags: Sequence[numpy.ndarray], clusters: tuple[dict, dict],
                at_least: int = 2, share: float = 0.04, classes: int = 400,
                numbering: "Lexicon | None" = None) -> "Lexicon":
        """`tags` are the sentences' tags as numbers; `numbering` gives the words' numbers when only a part of the
        treebank is learned from."""
        counts: Counter[int] = Counter()
        seen: dict[int, Counter[int]] = {}
        for sentence, row in zip(sentences, tags):
            for form, tag in zip(sentence.forms, row):
                key = form_atoms(form)[0]
                counts[key] += 1
                seen.setdefault(key, Counter())[int(tag)] += 1
        known = [key for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
                 if count >= at_least]
        ids = {key: number for number, key in enumerate(known, 1)}
        if numbering is not None:
            ids = {key: numbering.ids[key] for key in known}
        sets = {}
        for key in known:
            tags_of = seen[key]
            total = sum(tags_of.values())
            kept = sorted((tag for tag, count in tags_of.items() if count >= share * total),
                          key=lambda tag: (-tags_of[tag], tag))
            # A word seen often is surer of its tags than one seen twice.
            sets[key] = (total >= 8, *kept[:4])
        popular = Counter(sets.values())
        order = sorted(popular, key=lambda entry: (-popular[entry], entry))[:classes]
        number = {entry: place for place, entry in enumerate(order, 2)}
        ambiguity = {key: number.get(entry, 1) for key, entry in sets.items()}
        return cls(ids, clusters[0], clusters[1], ambiguity)

    def atoms(self, forms: Sequence[str]) -> numpy.ndarray:
        """int64 [len(forms), COLUMNS]."""
        rows = numpy.zeros((len(forms), COLUMNS), dtype=numpy.int64)
        for row, form in zip(rows, forms):
            key, columns = form_atoms(form)
            number = self.ids.get(key, 0)
            row[1:9] = columns
            row[WORD] = number or UNKNOWN + (columns[7] & 0x1FF) * 65536 + columns[1]
            row[FINE] = self.fine.get(key, 0)
            row[COARSE] = self.coarse.get(key, 0)
            row[AMBIGUITY] = self.ambiguity.get(key, 0)
        return rows
