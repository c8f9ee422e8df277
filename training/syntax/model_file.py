"""The file that Swift reads: little-endian, a header of (offset, count) pairs, then sections on 8-byte boundaries.

Sources/Features/Syntax/ModelFile.swift names the sections in the same order.
"""

from __future__ import annotations

from pathlib import Path

import numpy

from .lemmas import Lemmatizer
from .parser import Packed as Network
from .tables import Packed
from .words import Lexicon

MAGIC = 0x32584E5953


def _names(names: list[str]) -> numpy.ndarray:
    return numpy.frombuffer("\n".join(names).encode(), dtype=numpy.uint8)


def _table(entries: dict[int, list[int]], width: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Open addressing, at most seven tenths full: keys uint64 (0 is empty) and values uint16 [slots, width]."""
    size = 16
    while 7 * size < 10 * len(entries):
        size *= 2
    keys = numpy.zeros(size, dtype=numpy.uint64)
    values = numpy.zeros((size, width), dtype=numpy.uint16)
    for key, row in sorted(entries.items()):
        slot = (key ^ key >> 32) & (size - 1)
        while keys[slot] != 0:
            slot = (slot + 1) & (size - 1)
        keys[slot] = key
        values[slot] = row
    return keys, values


def write(path: Path, tag_names: list[tuple[str, str]], label_names: list[str], lexicon: Lexicon, tagger: Packed,
          word_numbers: dict[int, int], network: Network, lemmatizer: Lemmatizer) -> int:
    """Writes the file and returns its size in bytes. `word_numbers`: the parser's vocabulary, hash to number."""
    words = sorted(set(lexicon.ids) | set(lexicon.fine) | set(word_numbers))
    lexicon_keys, lexicon_values = _table(
        {key: [lexicon.ids.get(key, 0), lexicon.fine.get(key, 0), lexicon.coarse.get(key, 0),
               lexicon.ambiguity.get(key, 0), word_numbers.get(key, 0)] for key in words}, 5)
    lemma_keys, lemma_values = _table({key: [number] for key, number in lemmatizer.table.items()}, 1)
    pool, scripts = bytearray(), []
    for case, cut, text in lemmatizer.scripts:
        scripts.append([case, cut, len(pool), len(text)])
        pool += text
    sections = [
        _names([xpos for xpos, _ in tag_names]), _names([upos for _, upos in tag_names]), _names(label_names),
        lexicon_keys, lexicon_values, tagger.slots, tagger.rows, network.table, network.weights, network.biases,
        lemma_keys, lemma_values, numpy.array(scripts, dtype=numpy.uint16), numpy.frombuffer(bytes(pool), numpy.uint8),
        numpy.array([tagger.rows.shape[1], network.layout.words, network.layout.classes], dtype=numpy.uint32)]
    header = numpy.zeros(2 + 2 * len(sections), dtype=numpy.uint64)
    header[0], header[1] = MAGIC, len(sections)
    offset = header.nbytes
    body = []
    for place, section in enumerate(sections):
        data = numpy.ascontiguousarray(section).tobytes()
        header[2 + 2 * place], header[3 + 2 * place] = offset, section.size
        padding = -len(data) % 8
        body.append(data + bytes(padding))
        offset += len(data) + padding
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.tobytes() + b"".join(body))
    return offset
