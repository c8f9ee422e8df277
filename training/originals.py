"""Which text a perturbed one was made from, by the phrases that they share: so that both stand on one side of a split.

DetectRL's people's texts with perturbed words are numbered for themselves. One whose original is not there stands alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from .splits import UNPROMPTED

PERTURBED = UNPROMPTED + "perturbed-human"
PHRASE = 4
"""Words of a phrase."""
SHARED = 8
"""Phrases that make another text the original. DetectRL's perturbed texts have 71 and more of their original's; one whose original is
not there has at most four of any text's."""


def phrases(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(PHRASE))))


def with_originals(essays: Sequence[Mapping[str, str]]) -> list[dict]:
    """The essays; a perturbed one whose original is among them names its number as `original`, for `splits.group_of`."""
    perturbed = [phrases(essay["text"]) if essay["source"] == PERTURBED else None for essay in essays]
    wanted = set().union(*filter(None, perturbed))
    having: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, essay in enumerate(essays):
        if essay["label"] == "human" and essay["source"].startswith(UNPROMPTED) and perturbed[place] is None:
            for phrase in phrases(essay["text"]) & wanted:
                having[phrase].append(place)
    found = []
    for essay, own in zip(essays, perturbed, strict=True):
        counts = Counter(place for phrase in own or () for place in having[phrase])
        best = min(counts, key=lambda place: (-counts[place], place), default=None)
        if best is None or counts[best] < SHARED:
            found.append(dict(essay))
        else:
            original = essays[best]
            found.append({**essay, "original": original["id"].removeprefix(original["source"] + "-")})
    return found
