"""The documents of a treebank as human texts: the English Web Treebank's reviews, answers, mails, newsgroups and weblogs.

They are everyday writing that the essays' corpora lack: the more kinds of human text a model has seen, the fewer kinds it
takes for a machine's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SHORTEST_WORDS = 50
"""As in train.jsonl."""
SOURCE = "ewt"


def documents(lines: Iterable[str]) -> list[dict]:
    """Essays, as in train.jsonl, of a CoNLL-U file's lines: its documents of at least fifty words, paragraphs kept.
    `source` is ewt-<genre>."""
    found: list[tuple[str, list[list[str]]]] = []
    for line in lines:
        key, _, value = line.strip().partition(" = ")
        if key == "# newdoc id":
            found.append((value, []))
        elif key.startswith("# newpar"):
            found[-1][1].append([])
        elif key == "# text":
            if not found[-1][1]:
                found[-1][1].append([])
            found[-1][1][-1].append(value)
    essays = []
    for identity, paragraphs in found:
        text = "\n\n".join(" ".join(sentences) for sentences in paragraphs if sentences)
        if len(text.split()) >= SHORTEST_WORDS:
            essays.append({
                "id": f"{SOURCE}-{identity}", "text": text, "label": "human",
                "source": f"{SOURCE}-{identity.partition('-')[0]}", "generator": "human", "prompt": ""})
    return essays


def read_documents(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return documents(lines)
