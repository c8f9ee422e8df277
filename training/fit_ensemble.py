"""Fits the gateway's ensembles and thresholds and writes Sources/Gateway/Resources/scoring.json.

    gateway analyze --jsonl <calibration.jsonl >calibration.analyzed.jsonl
    gateway analyze --jsonl <dev.jsonl >dev.analyzed.jsonl
    python -m training.fit_ensemble --calibration-analyzed calibration.analyzed.jsonl --dev-analyzed dev.analyzed.jsonl

    python -m training.fit_ensemble --neutral    # before the first: mean of the logits, thresholds 0.2 and 0.8

The gateway refuses models that its scoring file was not fitted with, so after a new training `--neutral` comes first:
it makes a scoring file for the models in triton_model_repo/ that is fit for nothing but computing their logits.

For every subset of the models a logistic stacking of their logits, fitted on one half of dev.jsonl; the other half
('report', see splits.py) is touched by nothing here. Thresholds come from calibration.jsonl, which no model was trained
on: `ai` from its human essays, `human` from its AI essays.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
from collections import Counter
from pathlib import Path

import numpy

from .analysis import MODELS, Analyzed, read_analyzed
from .metrics import area_under_roc, binomial_upper_bound
from .places import CACHE, ESSAYS, MODEL_REPOSITORY, SCORING
from .references import REFERENCES, read_references
from .stacking import ThresholdRule, ai_threshold, fit_logistic, human_threshold, source_weights, subsets

WINDOWS = {"maximum_length": 256, "overlap": 64}
SCORE_DIGITS = 5


def configured(model: str, parameter: str, repository: Path = MODEL_REPOSITORY) -> str:
    """A parameter of a model's config.pbtxt, as model_repository.py writes it."""
    text = (repository / model / "config.pbtxt").read_text(encoding="utf-8")
    found = re.search(rf'key: "{parameter}" value: {{ string_value: ("(?:[^"\\]|\\.)*")', text)
    if not found:
        raise ValueError(f"{model}/config.pbtxt has no parameter {parameter}")
    return json.loads(found[1])


def next_version(previous: str, today: datetime.date) -> str:
    """`YYYY-MM-DD.n`: n counts the fits of a day from 1."""
    day, _, number = previous.partition(".")
    return f"{today.isoformat()}.{int(number) + 1 if day == today.isoformat() and number.isdigit() else 1}"


def ensemble(models: tuple[str, ...], fit: Analyzed, held_out: Analyzed, rule: ThresholdRule) -> dict:
    """One entry of `ensembles`: weights from `fit`, thresholds and held-out figures from `held_out`."""
    columns = [MODELS.index(name) for name in models]
    stacking = fit_logistic(fit.logits[:, columns], fit.label, source_weights(fit.sources, fit.label))
    score = stacking.probability(held_out.logits[:, columns])
    human = held_out.label == 0
    human_sources = [source for source, is_human in zip(held_out.sources, human) if is_human]
    # Rounded up as they are shipped, so that the counts below are those that the gateway makes, and no essay that is not
    # counted reaches the threshold.
    human_scores = numpy.ceil(score[human] * 10**SCORE_DIGITS) / 10**SCORE_DIGITS
    ai = ai_threshold(human_scores, human_sources, rule)
    low = human_threshold(score[~human], rule, below=ai)
    hits, missed = int((human_scores >= ai).sum()), int((score[~human] <= low).sum())
    return {
        "models": list(models),
        "intercept": stacking.intercept,
        "weights": list(stacking.weights),
        "thresholds": {"human": low, "ai": ai},
        "held_out": {
            "humans": int(human.sum()),
            "humans_at_or_above_ai_threshold": hits,
            "false_positive_rate_upper_95": round(binomial_upper_bound(hits, int(human.sum())), 6),
            "ai": int((~human).sum()),
            "ai_at_or_below_human_threshold": missed,
        },
        "human_scores": [round(float(value), SCORE_DIGITS) for value in numpy.sort(human_scores)],
    }


def neutral(models: tuple[str, ...]) -> dict:
    """An entry of `ensembles` that promises nothing: no held-out essays, a bound of 1."""
    return {
        "models": list(models), "intercept": 0.0, "weights": [1 / len(models)] * len(models),
        "thresholds": {"human": 0.2, "ai": 0.8},
        "held_out": {"humans": 0, "humans_at_or_above_ai_threshold": 0, "false_positive_rate_upper_95": 1.0,
                     "ai": 0, "ai_at_or_below_human_threshold": 0},
        "human_scores": [],
    }


def write_scoring(path: Path, entries: list[dict], references: dict) -> str:
    """Writes the scoring file for the models in triton_model_repo/ and returns its version."""
    previous = json.loads(path.read_text())["version"] if path.exists() else ""
    scoring = {
        "version": next_version(previous, datetime.datetime.now(datetime.timezone.utc).date()),
        "feature_schema_hash": configured("ebm", "feature_schema_hash"),
        "models": {name: {"fit_id": configured(name, "fit_id")} for name in MODELS},
        "windows": WINDOWS,
        "ensembles": entries,
        "references": references,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(scoring, separators=(",", ":")) + "\n", encoding="utf-8")
    return scoring["version"]


def summary(entry: dict, report: Analyzed) -> str:
    """One line of figures on the half of dev that nothing was fitted on."""
    columns = [MODELS.index(name) for name in entry["models"]]
    logit = entry["intercept"] + report.logits[:, columns] @ numpy.array(entry["weights"])
    ai = numpy.log(entry["thresholds"]["ai"]) - numpy.log1p(-min(entry["thresholds"]["ai"], 1 - 1e-12))
    human = report.label == 0
    return (f"{' + '.join(entry['models']):42} AUROC {area_under_roc(logit, report.label):.4f}  "
            f"FPR {(logit[human] >= ai).mean():.4f}  TPR {(logit[~human] >= ai).mean():.4f}  "
            f"thresholds {entry['thresholds']['human']:.4f} {entry['thresholds']['ai']:.4f}  "
            f"weights {' '.join(f'{weight:.3f}' for weight in entry['weights'])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibration-analyzed", type=Path)
    parser.add_argument("--dev-analyzed", type=Path)
    parser.add_argument("--neutral", action="store_true", help="write a scoring file to compute logits with")
    parser.add_argument("--calibration", type=Path, default=CACHE / "calibration.jsonl")
    parser.add_argument("--dev", type=Path, default=ESSAYS / "dev.jsonl")
    parser.add_argument("--references", type=Path, default=REFERENCES, help="written by feature_report")
    parser.add_argument("--output", type=Path, default=SCORING)
    options = parser.parse_args()
    if options.neutral:
        references = json.loads(options.references.read_text()) if options.references.exists() else {}
        version = write_scoring(options.output, [neutral(models) for models in subsets(MODELS)], references)
        print(f"{options.output} version {version}: neutral")
        return
    if not options.calibration_analyzed or not options.dev_analyzed:
        parser.error("--calibration-analyzed and --dev-analyzed are needed, or --neutral")
    if not options.references.exists():
        parser.error(f"no {options.references}: feature_report comes first")
    references = read_references(options.references, configured("ebm", "feature_names").split(","))

    held_out = read_analyzed(options.calibration_analyzed, options.calibration)
    dev = read_analyzed(options.dev_analyzed, options.dev)
    for name, essays in (("calibration", held_out), ("dev", dev)):
        reasons = Counter(failure.split(": ", 1)[1] for failure in essays.failed)
        print(f"{name}: {len(essays.ids)} essays, left out: {dict(reasons) or 'none'}")
    fit, report = dev.chosen(~dev.report), dev.chosen(dev.report)
    entries = [ensemble(models, fit, held_out, ThresholdRule()) for models in subsets(MODELS)]
    version = write_scoring(options.output, entries, references)
    print(f"{options.output} version {version}; on the half of dev that nothing was fitted on:")
    for entry in entries:
        print(" ", summary(entry, report))


if __name__ == "__main__":
    main()
