"""Which texts a fold of `cross_fit` trains on, and which it measures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy

from . import splits


def chosen_rows(
    essays: Sequence[dict], fold: Sequence[str], limit: int | None, *, without: Collection[str] = (),
) -> numpy.ndarray:
    """Numbers of the texts that a fold may be trained on, none held out and none of the sources `without`; of at most `limit`,
    the sources' shares kept."""
    rows = [place for place, essay in enumerate(essays)
            if not essay["held_out"] and not splits.is_left_out(essay, fold) and splits.domain_of(essay) not in without]
    rows.sort(key=lambda place: splits.fraction(essays[place]["id"], "cross fit"))
    return numpy.array(sorted(rows[:limit]))


def measured_rows(essays: Sequence[dict], fold: Sequence[str]) -> numpy.ndarray:
    """[texts]: 0 not measured by this fold, 1 held out of a seen source, 2 of a source left out."""
    kinds = []
    for essay in essays:
        if splits.domain_of(essay) in fold:
            kinds.append(2)
        elif essay["held_out"]:
            kinds.append(1)
        else:
            kinds.append(0)
    return numpy.array(kinds)
