"""Fits the gateway's ensembles and thresholds and writes Sources/Gateway/Resources/scoring.json.

    python -m training fit-ensemble

All of it is fitted on what the models of `cross-fit` say of texts that they were not trained on; the shipped models are trained
on these texts, too, and would be too sure of them (stacking on out-of-fold predictions, Wolpert 1992). For every subset of
the models that may answer

- each model is **calibrated** alone, on held-out texts of the sources that it was trained on, so that logits of different
  models, and of different folds, mean the same; a shipped one like that of the fold which leaves out no source;
- the **shares** of the models in the mean of these logits are those that find most AI texts while few humans score as
  high, in texts of both kinds: held-out ones of sources that the models which judged them were trained on, and those of sources
  that they were not trained on. What is sent will be like the one or like the other: the first alone trust the models that
  know their sources best, the second alone those that are merely seldom wrong about strangers;
- the **scale** of the mean, which makes it a probability, comes from the first kind;
- the **thresholds** come from the humans of left-out sources. `ai` begins where few enough of them are, `human` where
  few enough of the left-out AI texts are.

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
from dataclasses import dataclass
from pathlib import Path

import numpy

from .analysis import MODELS
from .held_out_logits import Calibration, CrossFit, Fold, Measured, Texts, joined
from .metrics import area_under_roc, binomial_upper_bound
from .places import CACHE, MODEL_REPOSITORY, SCORING, WINDOWS
from .prepare import read_essays
from .references import REFERENCES, read_references
from .stacking import Stacking, ThresholdRule, ai_threshold, best_shares, fit_logistic, human_threshold, subsets
from .tracking import tracking
from .window_pooling import Pooling

BASIS = "humans of sources that the models which judged them were not trained on"
LEFT_OUT = CACHE / "left_out.npz"
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


@dataclass(frozen=True)
class LeftOut:
    """What an ensemble's share of each fold's models says, on the scale of the shipped ensemble: of texts of left-out
    sources, and of held-out texts of the sources that the fold had seen."""

    unseen: list[numpy.ndarray]
    seen: list[numpy.ndarray]


def ensemble(
    models: tuple[str, ...], held_out: Texts, cross: list[Fold], rule: ThresholdRule,
) -> tuple[dict, LeftOut]:
    """One entry of `ensembles`: both kinds of texts decide the shares, `held_out` calibrates, `cross` the thresholds."""
    columns = [MODELS.index(name) for name in models]
    held_out = held_out.of_models(columns)
    # Each fold's models are calibrated one by one on the fold's own seen sources. Calibrating their weighed sum instead
    # would let a fold whose models disagree about the seen sources be sure of the unseen ones.
    calibrations = [Calibration.fitted(fold.seen.of_models(columns)) for fold in cross]
    unseen, seen = ([found.of(texts.of_models(columns)) for found, texts in zip(calibrations, side)]
                    for side in ([fold.unseen for fold in cross], [fold.seen for fold in cross]))
    own = Calibration.fitted(held_out)
    known, strange = own.of(held_out), joined(unseen)
    shares = best_shares([(known.logits, known.label), (strange.logits, strange.label)])
    scale = fit_logistic((known.logits @ shares)[:, None], known.label, known.weights())

    def probability(texts: Texts) -> numpy.ndarray:
        return scale.probability((texts.logits @ shares)[:, None])

    score, human = probability(strange), strange.label == 0
    human_sources = [source for source, is_human in zip(strange.sources, human) if is_human]
    # Rounded up as they are shipped, so that the counts below are those that the gateway makes, and no essay that is not
    # counted reaches the threshold.
    human_scores = numpy.ceil(score[human] * 10**SCORE_DIGITS) / 10**SCORE_DIGITS
    ai = ai_threshold(human_scores, human_sources, rule)
    low = human_threshold(score[~human], rule, below=ai)
    hits, missed = int((human_scores >= ai).sum()), int((score[~human] <= low).sum())
    entry = {
        "models": list(models),
        "intercept": scale.intercept + scale.weights[0] * float(shares @ own.intercepts),
        "weights": [float(weight) for weight in scale.weights[0] * shares * own.slopes],
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
    return entry, LeftOut([probability(texts) for texts in unseen], [probability(texts) for texts in seen])


def neutral(models: tuple[str, ...]) -> dict:
    """An entry of `ensembles` that promises nothing: no held-out essays, a bound of 1."""
    return {
        "models": list(models), "intercept": 0.0, "weights": [1 / len(models)] * len(models),
        "thresholds": {"human": 0.2, "ai": 0.8},
        "held_out": {"humans": 0, "humans_at_or_above_ai_threshold": 0, "false_positive_rate_upper_95": 1.0,
                     "ai": 0, "ai_at_or_below_human_threshold": 0},
        "human_scores": [],
    }


def save_left_out(path: Path, left_out: LeftOut, cross: list[Fold]) -> None:
    """For `report`: what the models of each fold, weighed as the ensemble of all models, say of its texts."""
    found = {}
    for number, fold in enumerate(cross):
        for side, texts, probability in (("unseen", fold.unseen, left_out.unseen), ("seen", fold.seen, left_out.seen)):
            found |= {f"{side}.probability.{number}": probability[number], f"{side}.label.{number}": texts.label,
                      f"{side}.source.{number}": numpy.array(texts.sources)}
    numpy.savez(path, **found)


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


def summary(entry: dict, held_out: Texts, cross: list[Fold], left_out: LeftOut) -> str:
    """One line: the area under the curve on held-out texts of seen sources, what the threshold makes of them, and of
    texts of left-out sources."""
    stacking = Stacking(entry["intercept"], tuple(entry["weights"]))
    known = stacking.probability(held_out.of_models([MODELS.index(name) for name in entry["models"]]).logits)
    threshold, counted = entry["thresholds"]["ai"], entry["held_out"]
    strange, label = numpy.concatenate(left_out.unseen), numpy.concatenate([fold.unseen.label for fold in cross])
    return (f"{' + '.join(entry['models']):42} AUROC seen {area_under_roc(known, held_out.label):.4f} "
            f"left out {area_under_roc(strange, label):.4f}  "
            f"called ai: humans {(known[held_out.label == 0] >= threshold).mean():.4f} (left out "
            f"{counted['humans_at_or_above_ai_threshold']}/{counted['humans']}), "
            f"AI {(known[held_out.label == 1] >= threshold).mean():.4f} "
            f"(left out {(strange[label == 1] >= threshold).mean():.4f})  "
            f"thresholds {entry['thresholds']['human']:.4f} {threshold:.4f}  "
            f"weights {' '.join(f'{weight:.3f}' for weight in entry['weights'])}")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    rule = ThresholdRule()
    add = parser.add_argument
    add("--cross-fit", type=Path, default=CACHE / "cross_fit.npz", help="written by cross-fit")
    add("--references", type=Path, default=REFERENCES, help="written by feature-report")
    add("--pooled-rate", type=float, default=rule.pooled_rate,
        help="of all left-out humans at or above the ai threshold, at most (default %(default)s)")
    add("--source-rate", type=float, default=rule.source_rate, help="of any one source's (default %(default)s)")
    add("--missed-rate", type=float, default=rule.missed_rate,
        help="of left-out AI texts at or below the human threshold, at most (default %(default)s)")
    add("--neutral", action="store_true", help="write a scoring file to compute logits with")
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
    cross = CrossFit.read(measured, options.cross_fit)
    rule = ThresholdRule(options.pooled_rate, options.source_rate, options.missed_rate)
    fitted = [ensemble(models, cross.held_out, cross.folds, rule) for models in subsets(MODELS)]
    entries = [entry for entry, _ in fitted]
    save_left_out(LEFT_OUT, fitted[0][1], cross.folds)
    with tracking("fit-ensemble", options) as run:
        version = write_scoring(options.output, entries, references, cross.poolings)
        run.scalar("ai threshold", entries[0]["thresholds"]["ai"])
        run.model(options.output, "scoring")
    print(f"{options.output} version {version}; windows: " + ", ".join(
        f"{name} slope {pooling.slope} gain {pooling.gain}" for name, pooling in cross.poolings.items()))
    for entry, left_out in fitted:
        print(" ", summary(entry, cross.held_out, cross.folds, left_out))


if __name__ == "__main__":
    main()
