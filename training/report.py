"""Writes docs/evaluation.md and its plots from what the gateway answered.

    python -m training report --dev dev.analyzed.jsonl --attacks attacks.analyzed.jsonl

Every number is computed here, from dev.jsonl and the attacks on it through the running gateway, and from left_out.npz
(models that were not trained on a source, on its texts: `cross-fit`, weighed by `fit-ensemble`).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy

from . import splits
from .analysis import MODELS, Analyzed, read_analyzed
from .attacks import ATTACKS, HUMAN_START
from .evaluate import against_members, headline, length_of, pooled, table, writer_of
from .evaluation_plots import reliability, roc, scores
from .fit_ensemble import LEFT_OUT
from .metrics import area_under_roc
from .places import CACHE, ESSAYS, ROOT, SCORING
from .stacking import Stacking

PLOTS = "evaluation-"


def stacking_of(scoring: dict, models: tuple[str, ...]) -> tuple[Stacking, float]:
    """An ensemble of the scoring file over all of MODELS (weight 0 for those without), and its `ai` threshold."""
    entry = next(entry for entry in scoring["ensembles"] if set(entry["models"]) == set(models))
    weight = dict(zip(entry["models"], entry["weights"]))
    return (Stacking(entry["intercept"], tuple(weight.get(name, 0.0) for name in MODELS)), entry["thresholds"]["ai"])


def attack_table(attacked: Analyzed, dev: Analyzed) -> str:
    """One line an attack: area under the curve of the attacked AI texts against dev's humans."""
    humans = dev.probability[dev.label == 0]
    names = numpy.array([identity.split("/", 1)[0] for identity in attacked.ids])
    lines = ["| attack | n | AUROC | change | verdict ai | uncertain | human |", "|---|---:|---:|---:|---:|---:|---:|"]
    plain = None
    for name in [*ATTACKS, HUMAN_START]:
        own = attacked.probability[names == name]
        if not len(own):
            continue
        area = area_under_roc(numpy.concatenate([humans, own]), numpy.repeat([0, 1], [len(humans), len(own)]))
        plain = area if plain is None else plain
        verdict = attacked.verdict[names == name]
        shares = " | ".join(f"{(verdict == kind).mean():.1%}" for kind in ("ai", "uncertain", "human"))
        lines.append(f"| {name} | {len(own)} | {area:.4f} | {area - plain:+.4f} | {shares} |")
    return "\n".join(lines)


def left_out_table(threshold: float, path: Path) -> str:
    """One line a source: models that were not trained on it, weighed as the scoring file weighs those that were."""
    found = numpy.load(path)
    lines = ["| source left out | humans | AI | AUROC | called ai: humans | called ai: AI |", "|---|---:|---:|---:|---:|---:|"]
    areas, hits, total = [], 0, 0
    for number, names in enumerate(splits.FOLDS):
        (probability, label, source), (others, other_label) = (
            [found[f"unseen.{key}.{number}"] for key in ("probability", "label", "source")],
            [found[f"seen.{key}.{number}"] for key in ("probability", "label")])
        for name in names:
            own, labels = probability[source == name], label[source == name]
            shares = [f"{(own[labels == kind] >= threshold).mean():.1%}" if (labels == kind).any() else "" for kind in (0, 1)]
            humans, machines = int((labels == 0).sum()), int((labels == 1).sum())
            hits, total = hits + int((own[labels == 0] >= threshold).sum()), total + humans
            if len(set(labels)) == 1:
                # Only humans, or only a machine's texts: against the others of the sources that were seen.
                against = other_label != labels[0]
                own, labels = (numpy.concatenate(pair) for pair in ((own, others[against]), (labels, other_label[against])))
            areas.append(area_under_roc(own, labels))
            lines.append(f"| {name} | {humans} | {machines} | {areas[-1]:.4f} | {shares[0]} | {shares[1]} |")
    lines.append(f"| **mean, and pooled** | {total} | | {numpy.mean(areas):.4f} | {hits / max(1, total):.2%} | |")
    return "\n".join(lines)


def ablation_table(scoring: dict, dev: Analyzed) -> str:
    """One line for each set of models that may answer, on dev."""
    lines = ["| models that answer | AUROC | humans called ai | AI called ai | weights |", "|---|---:|---:|---:|---|"]
    for entry in scoring["ensembles"]:
        stacking, threshold = stacking_of(scoring, tuple(entry["models"]))
        probability = stacking.probability(dev.logits)
        lines.append(
            f"| {' + '.join(entry['models'])} | {area_under_roc(probability, dev.label):.4f} | "
            f"{(probability[dev.label == 0] >= threshold).mean():.2%} | "
            f"{(probability[dev.label == 1] >= threshold).mean():.1%} | "
            f"{', '.join(f'{weight:.2f}' for weight in entry['weights'])} |")
    return "\n".join(lines)


def page(dev: Analyzed, attacked: Analyzed, scoring: dict, left_out: Path) -> str:
    command = "`python -m training {}`"
    return f"""# Evaluation

Written by `python -m training report`; do not edit. Scoring version {scoring['version']}. The texts of dev.jsonl
({len(dev.ids)} essays that nothing was fitted on) went through the running gateway and Triton (`gateway analyze --jsonl`).

## All of dev

{headline(dev)}

{against_members(dev)}

{pooled(dev)}

![ROC at low false-positive rates](plots/{PLOTS}roc.svg) ![Reliability](plots/{PLOTS}reliability.svg)
![Scores](plots/{PLOTS}scores.svg)

## Per source

({command.format('evaluate')} prints these tables.) A group's AUROC is against all essays of the other label; 'wrong
verdict' is the share of humans called `ai`, and of AI texts called `human`.

{table("source", dev, lambda found: numpy.array(found.sources))}

## Per generator

{table("generator", dev, lambda found: numpy.array(found.generators))}

## Per length

{table("length", dev, length_of)}

## Learners of English against other writers

{table("writers", dev, writer_of)}

## Sources that nobody trained on

({command.format('cross-fit')}.) For each line models were trained without the source; the thresholds of the
verdict come from these humans. A source with texts of one label is measured against held-out texts of the other.

{left_out_table(stacking_of(scoring, MODELS)[1], left_out)}

## Attacks

({command.format('attacks')}.) AI texts of dev, changed, against dev's humans as they are.

{attack_table(attacked, dev)}

## Each model, and each set of models

{ablation_table(scoring, dev)}
"""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--dev", type=Path, default=CACHE / "dev.analyzed.jsonl", help="default %(default)s")
    add("--attacks", type=Path, default=CACHE / "attacks.analyzed.jsonl", help="default %(default)s")
    add("--essays", type=Path, default=ESSAYS / "dev.jsonl", help="default %(default)s")
    add("--left-out", type=Path, default=LEFT_OUT, help="written by fit-ensemble (default %(default)s)")
    add("--output", type=Path, default=ROOT / "docs" / "evaluation.md", help="default %(default)s")
    return parser


def main() -> None:
    options = arguments().parse_args()
    scoring = json.loads(SCORING.read_text(encoding="utf-8"))
    dev = read_analyzed(options.dev, options.essays)
    attacked = read_analyzed(options.attacks, CACHE / "attacks.jsonl")
    plots = options.output.parent / "plots"
    curves = {"ensemble": dev.probability} | {name: dev.logits[:, place] for place, name in enumerate(MODELS)}
    roc(plots / f"{PLOTS}roc.svg", curves, dev.label)
    reliability(plots / f"{PLOTS}reliability.svg", dev.probability, dev.label)
    scores(plots / f"{PLOTS}scores.svg", dev.probability, dev.label)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(page(dev, attacked, scoring, options.left_out), encoding="utf-8")
    print(f"{options.output}\n{headline(dev)}")


if __name__ == "__main__":
    main()
