"""The texts that features are computed of, and their features by the gateway's own binary.

One store for every consumer: training/.cache/features.<schema hash>.jsonl holds a line for each text (by a hash of the
text), so that what train_ebm computed need not be computed again by feature_report, and an interrupted run goes on
where it stopped. A feature whose values change must change the schema's hash (FeatureSchema.version); delete the file
after trying an unversioned change.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy

from . import splits
from .gateway_tool import command, run_jsonl
from .noise import with_slips
from .places import CACHE
from .prepare import NOISY_SHARE

SEED = 41
"""Of the cuts and slips in the texts that the EBM is trained on."""
SHORTEST_WORDS, LONGEST_WORDS = 60, 350
TOLERATED_FAILURES = 0.05
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'“(])")


@dataclass(frozen=True)
class Schema:
    """What the gateway calls its features, in the order in which the EBM takes them."""

    hash: str
    names: tuple[str, ...]
    families: Mapping[str, str]
    """By name; empty when the gateway does not say."""

    @staticmethod
    def parse(text: str) -> "Schema":
        """From what `gateway features --schema` writes: {"hash", "names"} and, in the names' order, "families"."""
        described = json.loads(text)
        names = tuple(described["names"])
        families = described.get("families") or []
        return Schema(described["hash"], names, dict(zip(names, families, strict=True)) if families else {})

    @staticmethod
    def of_gateway(executable: Sequence[str] | None = None) -> "Schema":
        arguments = [*(executable or command()), "features", "--schema"]
        return Schema.parse(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)


def cut(text: str, chance: random.Random) -> str:
    """A run of whole sentences of about a random number of words; the text itself when it is no longer."""
    wanted = chance.randint(SHORTEST_WORDS, LONGEST_WORDS)
    sentences = SENTENCE_END.split(text)
    sizes = [len(sentence.split()) for sentence in sentences]
    if sum(sizes) <= wanted or len(sentences) < 4:
        return text
    latest, remaining = 0, sum(sizes)
    while latest < len(sizes) - 1 and remaining - sizes[latest] >= wanted:
        remaining -= sizes[latest]
        latest += 1
    start = chance.randint(0, latest)
    end, words = start, 0
    while end < len(sizes) and words < wanted:
        words += sizes[end]
        end += 1
    return " ".join(sentences[start:end])


def variants(essays: Sequence[Mapping[str, str]], seed: int = SEED) -> list[dict]:
    """One row a text, as the EBM sees it: half whole, half cut, some with slips. `whole` marks the unchanged."""
    rows = []
    for essay in essays:
        chance = random.Random(f"{seed} {essay['id']}")
        whole, noisy = chance.random() < 0.5, chance.random() < NOISY_SHARE[essay["label"]]
        text = essay["text"] if whole else cut(essay["text"], chance)
        rows.append({**essay, "text": with_slips(text, chance) if noisy else text, "whole": whole and not noisy})
    return rows


def ebm_texts(selected: Sequence[dict], limit: int | None = None) -> list[dict]:
    """The texts that the EBM is trained on, of prepare's selection: all, or `limit` by a hash of their ids."""
    ordered = sorted(selected, key=lambda essay: splits.fraction(essay["id"], "ebm"))
    return variants(ordered[:limit])


def text_key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def store_path(schema: Schema, triton: str | None, folder: Path = CACHE) -> Path:
    """Vectors with the sentence encoder's features, and those without, lie in files of their own."""
    return folder / f"features.{schema.hash}{'' if triton else '.lexical'}.jsonl"


def read_store(store: Path) -> dict[str, dict[str, float]]:
    """Features by text_key. A line that an interrupted run left half written is passed over."""
    known = {}
    if store.exists():
        with store.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    continue
                known[entry["key"]] = entry["features"]
    return known


def stored_features(
    texts: Sequence[str], store: Path, triton: str | None, executable: Sequence[str] | None = None,
) -> list[dict[str, float] | None]:
    """Each text's features by name; None for a text that the gateway refuses. New ones are added to the store."""
    keys = [text_key(text) for text in texts]
    known = read_store(store)
    missing = {key: text for key, text in zip(keys, texts) if key not in known}
    if missing:
        store.parent.mkdir(parents=True, exist_ok=True)
        lines = [{"id": key, "text": text} for key, text in missing.items()]
        subcommand = ["features", "--jsonl", *(["--triton", triton] if triton else [])]
        with store.open("a+b") as file:
            if file.tell() and not _ends_a_line(store):
                file.write(b"\n")
            for answer in run_jsonl(subcommand, lines, len(lines), executable):
                if "features" in answer:
                    known[answer["id"]] = answer["features"]
                    entry = {"key": answer["id"], "features": answer["features"]}
                    file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
    return [known.get(key) for key in keys]


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def feature_rows(
    essays: Sequence[dict], answers: Sequence[Mapping[str, float] | None], names: Sequence[str],
) -> list[dict]:
    """The essays that have every feature, with `features` in the order of `names`. Raises RuntimeError when more than
    one text in twenty has none."""
    rows = []
    for essay, values in zip(essays, answers, strict=True):
        if values is not None and all(values.get(name) is not None for name in names):
            rows.append({**essay, "features": [float(values[name]) for name in names]})
    failed = len(essays) - len(rows)
    print(f"features of {len(rows)} texts; {failed} texts have none (too short after cutting, say)")
    if failed > TOLERATED_FAILURES * len(essays):
        raise RuntimeError("more than one text in twenty has no features")
    return rows


def matrix(rows: Sequence[dict]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Values [texts, features] and labels (1 is AI)."""
    return (numpy.array([row["features"] for row in rows], dtype=numpy.float64),
            numpy.array([int(row["label"] == "ai") for row in rows]))
