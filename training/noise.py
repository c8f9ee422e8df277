"""Slips of the pen for training texts, so that a model does not learn 'an error means a human wrote it'.

A writer's habit is drawn once a text (how careless, which kinds of slip), as people are consistent in their errors.
"""

from __future__ import annotations

import random
import re

NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}
CONFUSED = {
    "their": "there", "there": "their", "they're": "their", "your": "you're", "you're": "your", "its": "it's",
    "it's": "its", "than": "then", "then": "than", "to": "too", "too": "to", "affect": "effect", "effect": "affect",
    "lose": "loose", "whose": "who's", "because": "becuase", "which": "wich", "believe": "beleive", "a": "an",
    "an": "a", "is": "are", "are": "is", "was": "were", "were": "was", "has": "have", "have": "has", "don't": "dont",
    "in": "on", "on": "in", "for": "to", "definitely": "definately", "receive": "recieve", "people": "peoples",
}
DROPPED = {"the", "a", "an", "of", "to", "is", "are"}
WORD = re.compile(r"\S+|\s+")


def typo(word: str, chance: random.Random) -> str:
    """One slip of a finger in a word of at least four letters; shorter words stay."""
    letters = [place for place, letter in enumerate(word) if letter.isalpha()]
    if len(letters) < 4:
        return word
    place = chance.choice(letters[1:-1])
    kind = chance.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    if kind == 2:
        return word[: place + 1] + word[place:]
    neighbours = NEIGHBOURS.get(word[place].lower())
    return word[:place] + chance.choice(neighbours) + word[place + 1 :] if neighbours else word


def with_slips(text: str, chance: random.Random) -> str:
    """The text with typos, confused and dropped words, lost punctuation or lost capitals."""
    typos, confusions, drops = (chance.choice((0, 0.5, 1, 2, 4)) / 100 for _ in range(3))
    no_commas, no_capitals, no_apostrophes = (chance.random() < share for share in (0.25, 0.15, 0.25))
    lost_stops = chance.choice((0, 0, 0.1, 0.3))
    parts = []
    for part in WORD.findall(text):
        if part.isspace():
            parts.append(part)
            continue
        lowered = part.lower()
        if lowered in CONFUSED and chance.random() < confusions * 8:
            part = CONFUSED[lowered]
        elif lowered in DROPPED and chance.random() < drops * 4:
            continue
        elif chance.random() < typos * 2:
            part = typo(part, chance)
        if no_commas:
            part = part.rstrip(",")
        if lost_stops and part.endswith(".") and chance.random() < lost_stops:
            part = part[:-1]
        if no_apostrophes:
            part = part.replace("'", "").replace("’", "")
        parts.append(part.lower() if no_capitals else part)
    return "".join(parts)
