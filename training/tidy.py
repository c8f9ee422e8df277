"""Human texts without their slips, so that a model does not learn 'a text without errors is a machine's'.

Spelling, capitals and spaces are put right by rule; words, order and thoughts stay the writer's. A misspelt word is one
that hardly any text has; it becomes the most frequent word at one edit's distance, if there is a frequent one.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping

KNOWN = 6
"""In so many texts a word is spelt as meant."""
FREQUENT = 60
"""In so many texts a word must be for a rare one to be taken for it."""
SHORTEST = 4
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
SENTENCE_START = re.compile(r"(^|[.!?]\s+)([a-z])")
LONE_I = re.compile(r"\bi\b(?=$|[\s,;']|’)")
SPACE_BEFORE = re.compile(r"\s+([,.;:!?])(?=\s|$)")
NO_SPACE_AFTER = re.compile(r"([a-z])([,;!?])(?=[A-Za-z])")


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word is, in lower case."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word.lower() for word in WORD.findall(text)})
    return counts


class Tidier:
    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self.spelt = functools.lru_cache(maxsize=None)(self._spelt)

    def _spelt(self, word: str) -> str:
        """`word`, in lower case, or what it was meant to be."""
        if len(word) < SHORTEST or self.counts.get(word, 0) >= KNOWN or not word.isalpha():
            return word
        # Of equally frequent ones the last in the alphabet: a set has no order of its own.
        best = max(edits(word), key=lambda other: (self.counts.get(other, 0), other))
        return best if self.counts.get(best, 0) >= FREQUENT else word

    def tidied(self, text: str) -> str:
        def put_right(match: re.Match[str]) -> str:
            word = match[0]
            # A capital inside a sentence is a name's: nobody knows how that is spelt.
            if not word.islower() and not (word[:1].isupper() and word[1:].islower() and starts(match.start())):
                return word
            spelt = self.spelt(word.lower())
            return spelt.capitalize() if word[:1].isupper() else spelt

        def starts(place: int) -> bool:
            before = text[:place].rstrip()[-1:]
            return before in "" or before in ".!?"

        text = WORD.sub(put_right, text)
        text = NO_SPACE_AFTER.sub(r"\1\2 ", SPACE_BEFORE.sub(r"\1", text))
        text = LONE_I.sub("I", text)
        return SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)


def edits(word: str) -> set[str]:
    """All at one edit's distance: a letter lost, doubled or added, changed, or two in the wrong order."""
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return (
        {left + right[1:] for left, right in parts if right}
        | {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
        | {left + letter + right[1:] for left, right in parts if right for letter in LETTERS}
        | {left + letter + right for left, right in parts for letter in LETTERS}) - {word}
