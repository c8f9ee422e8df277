"""Fits the gateway's ensembles and thresholds and writes Sources/Gateway/Resources/scoring.json.

    python -m training fit-ensemble --triton http://127.0.0.1:8000

For every subset of the models that may answer

- the **weights** come from held-out texts of both kinds: of the sources that the shipped models were trained on, judged by
  those, and of sources that the models which judged them were not trained on (`cross-fit`). What is sent will be like the
  one or like the other: the first alone trust the models that know their sources best, the second alone those that are
  merely seldom wrong about strangers;
- the **calibration** (intercept and scale) comes from held-out texts of the sources that the shipped models were trained
  on, judged by the shipped files;
- the **thresholds** come from the humans of left-out sources: each fold's models, weighed as above and calibrated on the
  fold's own seen sources, judge the humans of the sources that the fold left out. `ai` begins where few enough of them
  are, `human` where few enough of the left-out AI texts are.

dev.jsonl is not read.

    python -m training fit-ensemble --neutral

writes a scoring file for the models in triton_model_repo/ that promises nothing (mean of the logits, thresholds 0.2 and
0.8): for looking at the logits of models that nothing was fitted for yet.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
from pathlib import Path

import numpy

from .analysis import MODELS
from .ebm_fit import labelled_features
from .held_out_logits import TRANSFORMERS, Fold, Measured, Texts, folds, shipped_ebm_logits, shipped_window_logits
from .metrics import area_under_roc, binomial_upper_bound
from .places import CACHE, MODEL_REPOSITORY, SCORING, WINDOWS
from .prepare import read_essays
from .references import REFERENCES, read_references
from .stacking import Stacking, ThresholdRule, ai_threshold, fit_logistic, human_threshold, subsets
from .tracking import tracking
from .window_pooling import Pooling

BASIS = "humans of sources that the models which judged them were not trained on"
SCORE_DIGITS = 7
"""Of the human scores in the scoring file: fewer, and the best of them would be rounded up to 1, which nothing reaches."""


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


def calibrated(weights: numpy.ndarray, texts: Texts) -> Stacking:
    """The weights scaled and shifted so that the probabilities of these texts are right."""
    margin = texts.logits @ weights
    fitted = fit_logistic(margin[:, None], texts.label, texts.weights())
    return Stacking(fitted.intercept, tuple(float(fitted.weights[0] * weight) for weight in weights))


def stacked_weights(columns: list[int], texts: Texts) -> numpy.ndarray:
    """[models], 0 for those not in `columns`: how much each tells about these texts."""
    weights = numpy.zeros(len(MODELS))
    weights[columns] = fit_logistic(texts.logits[:, columns], texts.label, texts.weights()).weights
    if not weights.any():
        weights[columns] = 1 / len(columns)
    return weights


def joined(parts: list[Texts]) -> Texts:
    return Texts(numpy.concatenate([part.logits for part in parts]), numpy.concatenate([part.label for part in parts]),
                 [source for part in parts for source in part.sources])


def ensemble(models: tuple[str, ...], shipped: Texts, cross: list[Fold], rule: ThresholdRule) -> dict:
    """One entry of `ensembles`: both decide the weights, `shipped` calibrates, `cross` decides the thresholds."""
    columns = [MODELS.index(name) for name in models]
    unseen = joined([fold.unseen for fold in cross])
    weights = stacked_weights(columns, joined([shipped, unseen]))
    stacking = calibrated(weights, shipped)
    # As `report` does it: from the weights that are shipped, not from those before their calibration.
    scaled = numpy.array(stacking.weights)
    score = numpy.concatenate([calibrated(scaled, fold.seen).probability(fold.unseen.logits) for fold in cross])
    human = unseen.label == 0
    human_sources = [source for source, is_human in zip(unseen.sources, human) if is_human]
    # Rounded up as they are shipped, so that the counts below are those that the gateway makes, and no essay that is not
    # counted reaches the threshold.
    human_scores = numpy.ceil(score[human] * 10**SCORE_DIGITS) / 10**SCORE_DIGITS
    ai = ai_threshold(human_scores, human_sources, rule)
    low = human_threshold(score[~human], rule, below=ai)
    hits, missed = int((human_scores >= ai).sum()), int((score[~human] <= low).sum())
    return {
        "models": list(models),
        "intercept": stacking.intercept,
        "weights": [stacking.weights[column] for column in columns],
        "thresholds": {"human": low, "ai": ai},
        "held_out": {
            "basis": BASIS,
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


def write_scoring(path: Path, entries: list[dict], references: dict, poolings: dict[str, Pooling]) -> str:
    """Writes the scoring file for the models in triton_model_repo/ and returns its version."""
    previous = json.loads(path.read_text())["version"] if path.exists() else ""
    models: dict[str, dict] = {name: {"fit_id": configured(name, "fit_id")} for name in MODELS}
    for name, pooling in poolings.items():
        models[name]["pooling"] = {"slope": pooling.slope, "gain": pooling.gain}
    scoring = {
        "version": next_version(previous, datetime.datetime.now(datetime.timezone.utc).date()),
        "feature_schema_hash": configured("ebm", "feature_schema_hash"),
        "models": models,
        "windows": WINDOWS,
        "ensembles": entries,
        "references": references,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(scoring, separators=(",", ":")) + "\n", encoding="utf-8")
    return scoring["version"]


def summary(entry: dict, shipped: Texts, cross: list[Fold]) -> str:
    """One line: the area under the curve on held-out texts of seen sources, what the threshold makes of them, and of
    texts of left-out sources."""
    columns = [MODELS.index(name) for name in entry["models"]]
    weights = numpy.array(entry["weights"])

    def called(texts: Texts, label: int, stacking: Stacking) -> float:
        return float((stacking.probability(texts.logits[:, columns])[texts.label == label]
                      >= entry["thresholds"]["ai"]).mean())

    stacking = Stacking(entry["intercept"], tuple(weights))
    held_out = entry["held_out"]
    area = area_under_roc(shipped.logits[:, columns] @ weights, shipped.label)
    unseen = numpy.mean([area_under_roc(fold.unseen.logits[:, columns] @ weights, fold.unseen.label) for fold in cross])
    return (f"{' + '.join(entry['models']):42} AUROC seen {area:.4f} left out {unseen:.4f}  "
            f"called ai: humans {called(shipped, 0, stacking):.4f} (left out "
            f"{held_out['humans_at_or_above_ai_threshold']}/{held_out['humans']}), AI {called(shipped, 1, stacking):.4f}  "
            f"thresholds {entry['thresholds']['human']:.4f} {entry['thresholds']['ai']:.4f}  "
            f"weights {' '.join(f'{weight:.3f}' for weight in weights)}")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    rule = ThresholdRule()
    add = parser.add_argument
    add("--triton", default="http://127.0.0.1:8000", help="for sentence embeddings (default %(default)s)")
    add("--cross-fit", type=Path, default=CACHE / "cross_fit.npz", help="written by cross-fit")
    add("--references", type=Path, default=REFERENCES, help="written by feature-report")
    add("--pooled-rate", type=float, default=rule.pooled_rate,
        help="of all left-out humans at or above the ai threshold, at most (default %(default)s)")
    add("--source-rate", type=float, default=rule.source_rate, help="of any one source's (default %(default)s)")
    add("--missed-rate", type=float, default=rule.missed_rate,
        help="of left-out AI texts at or below the human threshold, at most (default %(default)s)")
    add("--neutral", action="store_true", help="write a scoring file to compute logits with")
    add("--threads", type=int, default=2, help="default %(default)s")
    add("--output", type=Path, default=SCORING)
    return parser


def main() -> None:
    parser = arguments()
    options = parser.parse_args()
    if options.neutral:
        references = json.loads(options.references.read_text()) if options.references.exists() else {}
        version = write_scoring(options.output, [neutral(models) for models in subsets(MODELS)], references, {})
        print(f"{options.output} version {version}: neutral")
        return
    for path, command in ((options.references, "feature-report"), (options.cross_fit, "cross-fit")):
        if not path.exists():
            parser.error(f"no {path}: {command} comes first")
    references = read_references(options.references, configured("ebm", "feature_names").split(","))
    measured = Measured.read(read_essays(CACHE / "windows.jsonl"))
    rows = numpy.flatnonzero([essay["held_out"] for essay in measured.essays])
    windows = {name: shipped_window_logits(name, CACHE / "windows.npz", rows, options.threads) for name in TRANSFORMERS}
    features = labelled_features([measured.essays[row] for row in rows], [], options.triton)
    poolings = {name: measured.fitted_pooling(windows[name], rows) for name in TRANSFORMERS}
    shipped = measured.texts(rows, numpy.column_stack(
        [*(measured.pooled(poolings[name], windows[name], rows) for name in TRANSFORMERS),
         shipped_ebm_logits(features.measured)]))
    cross = folds(measured, options.cross_fit, list(poolings.values()))
    rule = ThresholdRule(options.pooled_rate, options.source_rate, options.missed_rate)
    entries = [ensemble(models, shipped, cross, rule) for models in subsets(MODELS)]
    with tracking("fit-ensemble", options) as run:
        version = write_scoring(options.output, entries, references, poolings)
        run.scalar("ai threshold", entries[0]["thresholds"]["ai"])
        run.model(options.output, "scoring")
    print(f"{options.output} version {version}; windows: " + ", ".join(
        f"{name} slope {pooling.slope} gain {pooling.gain}" for name, pooling in poolings.items()))
    for entry in entries:
        print(" ", summary(entry, shipped, cross))


if __name__ == "__main__":
    main()
