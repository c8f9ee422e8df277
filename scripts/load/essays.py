"""Real essays of about the length that the targets speak of."""

from __future__ import annotations

import json
import random
from pathlib import Path

SHORTEST, LONGEST = 330, 370


def choose(file: Path, count: int) -> list[str]:
    """`count` essays of 330 to 370 words, human and AI in turns, the same ones each time."""
    if not file.is_file():
        raise SystemExit(f"load: no essays at {file}; set ESSAYS_DIR to the folder that holds dev.jsonl")
    by_label: dict[str, list[str]] = {"human": [], "ai": []}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            essay = json.loads(line)
            if SHORTEST <= len(essay["text"].split()) <= LONGEST:
                by_label[essay["label"]].append(essay["text"])
    source = random.Random(7)
    half = -(-count // 2)
    if any(len(texts) < half for texts in by_label.values()):
        raise SystemExit(f"load: {file} has too few essays of {SHORTEST} to {LONGEST} words")
    human, ai = (source.sample(texts, half) for texts in by_label.values())
    return [text for pair in zip(human, ai, strict=True) for text in pair][:count]
