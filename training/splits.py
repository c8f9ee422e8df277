"""Who is trained on, who calibrates, who is left out together: decided by a hash of an essay's group, so that essays of one
prompt or course, or several versions of one text, never stand on both sides. Pure and free of dependencies.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

CALIBRATION_SHARE = 0.21

# DetectRL has no prompts (the field names the task or the attack). Its rows carry the number of the original text, and
# the human text, the machine's and each attack on it share that number, whatever the source is called. Not so the perturbed
# texts of people (ph…), which are numbered for themselves: `originals.py` finds the text that they were made from.
UNPROMPTED = "detectrl-"


def group_of(essay: Mapping[str, Any]) -> str:
    """What essays must share to be kept together: the prompt, of generated ones the topic, or for DetectRL the original text."""
    source = essay["source"]
    if slots := essay.get("slots"):
        return f"{source}/{slots['topic']}"
    if source.startswith(UNPROMPTED):
        return UNPROMPTED + (essay.get("original") or essay["id"].removeprefix(source + "-"))
    if not essay.get("prompt"):
        return f"{source}/{essay['id']}"
    # The same prompt under two sources (argugpt-dev and argugpt-test, say) is one group.
    return f"{source.split('-')[0]}/{essay['prompt']}"


def fraction(key: str, salt: str) -> float:
    """A number in [0, 1) that depends on nothing but the two strings."""
    digest = hashlib.sha256(f"{salt}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def is_calibration(essay: Mapping[str, str]) -> bool:
    """Held out: nothing that is measured on it is trained on it; the shipped models are."""
    return fraction(group_of(essay), "calibration") < CALIBRATION_SHARE


def limited(essays: Iterable[Mapping[str, str]], limit: int) -> list:
    """At most `limit` essays of each (source, label), chosen by the hash of their ids; the order is kept."""
    essays = list(essays)
    ranked: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for essay in essays:
        ranked.setdefault((essay["source"], essay["label"]), []).append((fraction(essay["id"], "limit"), essay["id"]))
    kept = {
        identity for rows in ranked.values() for _, identity in sorted(rows)[:limit]}
    return [essay for essay in essays if essay["id"] in kept]


# DetectRL's texts come from four corpora, which some name in their number. The others are numbered through, in this order.
CORPORA = {"arxiv": "abstract", "xsum": "document", "writing_prompt": "story", "yelp_review": "content"}
OF_A_CORPUS = 502
"""Numbers of a corpus. So it is with all 3,516 people's texts that name theirs; of the machines' texts, which do not, a classifier
of topics fitted on those that do says the same in 99 of 100."""


def domain_of(essay: Mapping[str, str]) -> str:
    """What is left out together when a source is left out: human and machine texts of one corpus."""
    source = essay["source"]
    if not source.startswith(UNPROMPTED):
        return source.split("-")[0]
    number = essay["id"].removeprefix(source + "-")
    for corpus, name in CORPORA.items():
        if number.startswith(f"md-{corpus}"):
            return UNPROMPTED + name
    # 'Llama-2-70b927' is the generator's 927th text.
    place = int(re.findall(r"\d+$", number)[0]) // OF_A_CORPUS
    return UNPROMPTED + list(CORPORA.values())[place]


FOLDS = (
    ("ellipse", "detectrl-abstract"), ("comnets", "detectrl-story", "foldoc"), ("ndhal", "detectrl-document", "anarchism"),
    ("argugpt", "detectrl-content", "ewt"))
"""Left out together: unlike sources a fold, so that each is left out once and a fold trains on most. But both that have
reviews (detectrl-content and the treebank) are left out at once, and so are both about computers (comnets and foldoc):
neither stands in for the other."""
NOTHING = len(FOLDS)
"""The number of one more fold, which leaves out no source: its models are the shipped ones but for the held-out texts."""
ALL_FOLDS = (*FOLDS, ())


def is_left_out(essay: Mapping[str, str], fold: Sequence[str]) -> bool:
    """Whether a model that is tested on the fold's sources must not be trained on the essay."""
    return domain_of(essay) in fold
