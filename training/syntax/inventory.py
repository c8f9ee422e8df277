"""The tags and labels that there are, numbered by frequency in the treebank's training part."""

from __future__ import annotations

from collections import Counter

from .conllu import Sentence

TAGS = 80
LABELS = 48
SPARE_LABEL = "parataxis"
"""Of words that the parser would make a second child of the root."""


def tag_inventory(train: list[Sentence], most: int = TAGS) -> list[tuple[str, str]]:
    """Joint tags (XPOS, UPOS), the most frequent ones."""
    pairs = Counter(pair for sentence in train for pair in zip(sentence.xpos, sentence.upos))
    return sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:most]


def label_inventory(train: list[Sentence], most: int = LABELS) -> list[str]:
    """Dependency labels; 0 is none, 1 `root`."""
    counts = Counter(label for sentence in train for label in sentence.labels if label != "root")
    return ["", "root", *sorted(counts, key=lambda name: (-counts[name], name))[: most - 2]]
