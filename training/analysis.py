"""Reads what `gateway analyze --jsonl` wrote about a labelled set of essays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy

MODELS = ("bert_bilstm", "bert_classifier", "ngram_classifier", "ebm")


@dataclass(frozen=True)
class Analyzed:
    """Essays that every model answered. `label` is 1 for AI, `logits` is [N, len(MODELS)]."""

    ids: list[str]
    sources: list[str]
    generators: list[str]
    words: numpy.ndarray
    label: numpy.ndarray
    logits: numpy.ndarray
    probability: numpy.ndarray
    verdict: numpy.ndarray
    reasons: list[list[str]]
    failed: list[str]
    """Ids that the gateway answered with an error, or without every model's logit, and why."""

    def chosen(self, mask: numpy.ndarray) -> "Analyzed":
        places = numpy.flatnonzero(mask)
        return Analyzed(
            [self.ids[p] for p in places], [self.sources[p] for p in places], [self.generators[p] for p in places],
            self.words[mask], self.label[mask], self.logits[mask], self.probability[mask], self.verdict[mask],
            [self.reasons[p] for p in places], self.failed)


def read_jsonl(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_analyzed(analyzed: Path, essays: Path, models: Sequence[str] = MODELS) -> Analyzed:
    """Joins answers with labels by id. Raises ValueError when the answers are of other essays."""
    answers = {answer["id"]: answer for answer in read_jsonl(analyzed)}
    labelled = read_jsonl(essays)
    unknown = set(answers) - {essay["id"] for essay in labelled}
    if unknown or len(answers) < len(labelled):
        raise ValueError(f"{analyzed} answers {len(answers)} essays, {len(unknown)} of them not among the "
                         f"{len(labelled)} of {essays}")
    kept, logits, failed = [], [], []
    for essay in labelled:
        answer = answers[essay["id"]]
        by_name = {entry["name"]: entry.get("logit") for entry in answer.get("models", [])}
        row = [by_name.get(name) for name in models]
        if "error" in answer or any(value is None for value in row):
            failed.append(f"{essay['id']}: {answer.get('error', 'no logit of ' + str(models))}")
        else:
            kept.append((essay, answer))
            logits.append(row)
    return Analyzed(
        ids=[essay["id"] for essay, _ in kept], sources=[essay["source"] for essay, _ in kept],
        generators=[essay.get("generator") or "" for essay, _ in kept],
        words=numpy.array([len(essay["text"].split()) for essay, _ in kept], dtype=int),
        label=numpy.array([int(essay["label"] == "ai") for essay, _ in kept], dtype=int),
        logits=numpy.array(logits, dtype=float).reshape(len(kept), len(models)),
        probability=numpy.array([answer.get("probability_ai", numpy.nan) for _, answer in kept], dtype=float),
        verdict=numpy.array([answer.get("verdict", "") for _, answer in kept]),
        reasons=[[reason["code"] for reason in answer.get("reasons", [])] for _, answer in kept],
        failed=failed)
