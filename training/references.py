"""What is usual: the reference distributions that the gateway's explanations speak of, made in this one place.

feature_report writes them to training/.cache/references.json; fit_ensemble puts them into the gateway's scoring.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy

from .places import CACHE

REFERENCES = CACHE / "references.json"
STEPS = 101
"""0, 1, … 100 %: `Reference` in Scoring.swift takes the middle one for the median."""


def references(
    names: Sequence[str], whole: numpy.ndarray, labels: numpy.ndarray, trained: numpy.ndarray,
) -> dict[str, dict]:
    """For each feature, in its own unit, 101 quantiles of human and of AI texts as they were written, and the range
    that the EBM has seen.

    `whole` [texts, features] are whole texts without slips, `labels` theirs (1 is AI); `trained` [texts, features] is
    every text that the EBM is trained on, cut ones and ones with slips included: outside of that range it guesses.
    """
    steps = numpy.linspace(0, 1, STEPS)
    result = {}
    for place, name in enumerate(names):
        quantiles = {
            label: [float(f"{value:.6g}") for value in numpy.quantile(whole[labels == number, place], steps)]
            for number, label in ((0, "human"), (1, "ai"))}
        result[name] = {
            **quantiles, "minimum": float(trained[:, place].min()), "maximum": float(trained[:, place].max())}
    return result


def write_references(path: Path, made: dict[str, dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made), encoding="utf-8")


def read_references(path: Path, names: Sequence[str]) -> dict[str, dict]:
    """Raises ValueError when the file is not of exactly these features."""
    found = json.loads(path.read_text(encoding="utf-8"))
    if set(found) != set(names):
        raise ValueError(f"{path} is of other features than the EBM takes: run training.feature_report again")
    return found
