"""Sentences of a treebank in CoNLL-U."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Sentence:
    """Lists of equal length, one entry a word. `heads` are 0-based, -1 for the root."""

    forms: list[str]
    lemmas: list[str]
    upos: list[str]
    xpos: list[str]
    heads: list[int]
    labels: list[str]
    joined: list[tuple[str, list[str]]] = field(default_factory=list)
    """What is written as one and is several words, with these: `don't`, [`do`, `n't`]."""

    def __len__(self) -> int:
        return len(self.forms)


def read(path: Path) -> list[Sentence]:
    """Empty nodes are left out."""
    sentences, rows, ranges = [], [], []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line:
                fields = line.split("\t")
                if fields[0].isdigit():
                    rows.append(fields)
                elif "-" in fields[0]:
                    first, last = map(int, fields[0].split("-"))
                    ranges.append((fields[1], first - 1, last))
            elif rows:
                sentences.append(Sentence(
                    [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows],
                    [row[4] for row in rows], [int(row[6]) - 1 for row in rows], [row[7] for row in rows],
                    [(written, [row[1] for row in rows[first:last]]) for written, first, last in ranges]))
                rows, ranges = [], []
    return sentences
