"""Hard cases: generated essays that the current ensemble does not take for AI, and the slots that make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..gateway_tool import run_jsonl

PRIOR = 2
"""Hard essays that each value of a slot is credited with, and as many that were to be expected: one lucky essay decides
little."""
LEAST = 0.2
"""No value becomes rarer than this, so that it can win later."""


def scored(essays: Sequence[dict], triton: str, executable: Sequence[str] | None = None) -> list[dict]:
    """What the gateway says of each essay: id, verdict, probability_ai, scoring_version; an error where it has none."""
    answers = run_jsonl(["analyze", "--jsonl", "--triton", triton], essays, len(essays), executable)
    kept = ("id", "verdict", "probability_ai", "scoring_version", "error")
    return [{name: answer[name] for name in kept if name in answer} for answer in answers]


def is_hard(score: Mapping[str, object], below: float) -> bool:
    """Whether the ensemble gets an essay by a model wrong: no verdict `ai`, and a probability under `below`."""
    probability = score.get("probability_ai")
    return score.get("verdict") not in (None, "ai") and isinstance(probability, int | float) and probability < below


def slot_weights(essays: Sequence[Mapping], hard: set[str]) -> dict[str, dict[str, float]]:
    """By slot and value: how many times as often essays with it are hard as essays are on the whole.

    Values never drawn weigh 1, as does everything while nothing, or everything, is hard."""
    share = len(hard) / len(essays) if essays else 0
    if share in (0, 1):
        return {}
    drawn: dict[str, Counter[str]] = {}
    won: dict[str, Counter[str]] = {}
    for essay in essays:
        for slot, value in essay["slots"].items():
            if value:
                drawn.setdefault(slot, Counter())[value] += 1
                won.setdefault(slot, Counter())[value] += essay["id"] in hard
    return {
        slot: {value: max(LEAST, (won[slot][value] + PRIOR) / (count * share + PRIOR))
               for value, count in sorted(counts.items())}
        for slot, counts in drawn.items()}
