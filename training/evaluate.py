"""Markdown tables of how the gateway's answers compare with the labels.

    gateway analyze --jsonl <dev.jsonl >dev.analyzed.jsonl
    python -m training evaluate dev.analyzed.jsonl --essays dev.jsonl

`fit-ensemble` reads none of dev.jsonl.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy

from .analysis import MODELS, Analyzed, read_analyzed
from .metrics import (
    area_under_roc, bootstrap_difference, expected_calibration_error, mean_true_positive_rate, true_positive_rate)
from .places import ESSAYS
from .stacking import LOW_RATE

HEADER = (
    "| {} | label | n | accuracy at ½ | AUROC | verdict ai | uncertain | human | wrong verdict |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|---:|")
LENGTHS = ((0, 100), (100, 200), (200, 300), (300, 450), (450, 100_000))
"""Words, the first included and the second not."""
LEARNERS = ("ellipse",)
"""Human sources whose writers learn English; the others' are taken for native or fluent."""


def row(name: str, label: str, essays: Analyzed, area: float) -> str:
    """One line. 'wrong verdict': of humans those called ai (the false-positive rate), of AI those called human."""
    accuracy = ((essays.probability >= 0.5) == essays.label).mean()
    wrong = numpy.where(essays.label == 0, essays.verdict == "ai", essays.verdict == "human").mean()
    shares = " | ".join(f"{(essays.verdict == kind).mean():.1%}" for kind in ("ai", "uncertain", "human"))
    shown = "" if numpy.isnan(area) else f"{area:.4f}"
    return f"| {name} | {label} | {len(essays.ids)} | {accuracy:.1%} | {shown} | {shares} | {wrong:.2%} |"


def table(kind: str, essays: Analyzed, group_of: Callable[[Analyzed], numpy.ndarray]) -> str:
    """A line for each group of each label. A group's AUROC is against all essays of the other label."""
    lines = [HEADER.format(kind)]
    names = numpy.asarray(group_of(essays))
    for label, title in ((0, "human"), (1, "ai")):
        for name in sorted(set(names[essays.label == label])):
            own = (names == name) & (essays.label == label)
            against = own | (essays.label != label)
            area = area_under_roc(essays.probability[against], essays.label[against])
            lines.append(row(name, title, essays.chosen(own), area))
    return "\n".join(lines)


def pooled(essays: Analyzed) -> str:
    """All essays, then those of each label."""
    lines = [HEADER.format("all"), row("**all**", "both", essays, area_under_roc(essays.probability, essays.label))]
    lines += [row("**all**", name, essays.chosen(essays.label == label), float("nan"))
              for label, name in ((0, "human"), (1, "ai")) if (essays.label == label).any()]
    return "\n".join(lines)


def length_of(essays: Analyzed) -> numpy.ndarray:
    def name(words: int) -> str:
        low, high = next((low, high) for low, high in LENGTHS if low <= words < high)
        return f"{low:3}–{high - 1} words" if high < LENGTHS[-1][1] else f"{low:3} words and more"
    return numpy.array([name(words) for words in essays.words])


def writer_of(essays: Analyzed) -> numpy.ndarray:
    return numpy.array(["learners of English" if source in LEARNERS else "others" for source in essays.sources])


def headline(essays: Analyzed) -> str:
    """The figures that stand for the whole, each with its meaning."""
    score, label = essays.probability, essays.label
    lines = [
        f"- AUROC {area_under_roc(score, label):.4f}; each model alone: " + ", ".join(
            f"{name} {area_under_roc(essays.logits[:, place], label):.4f}" for place, name in enumerate(MODELS)),
        f"- true positives at 1 % false positives {true_positive_rate(score, label, 0.01):.3f}, at 5 % "
        f"{true_positive_rate(score, label, 0.05):.3f}",
        f"- expected calibration error (15 bins of equal size) {expected_calibration_error(score, label):.3f}",
        f"- verdict `ai` for {(essays.verdict[label == 0] == 'ai').mean():.2%} of the humans and "
        f"{(essays.verdict[label == 1] == 'ai').mean():.1%} of the AI texts; `uncertain` for "
        f"{(essays.verdict == 'uncertain').mean():.1%}"]
    return "\n".join(lines)


def found_at_low_rates(scores: numpy.ndarray, labels: numpy.ndarray) -> float:
    """What the ensemble is fitted for."""
    return mean_true_positive_rate(scores, labels, LOW_RATE)


def against_members(essays: Analyzed) -> str:
    """One line a model: by how much the ensemble is better."""
    def difference(place: int, measure: Callable[[numpy.ndarray, numpy.ndarray], float]) -> str:
        low, middle, high = bootstrap_difference(essays.probability, essays.logits[:, place], essays.label, measure)
        return f"{middle:+.4f} ({low:+.4f} to {high:+.4f})"

    lines = [
        f"The ensemble less each of its members: mean of 1,000 paired bootstraps, and where 95 % of them lie. 'Found' is the mean "
        f"share of AI texts found over all false-positive rates of up to {LOW_RATE:.0%} (the ensemble: "
        f"{found_at_low_rates(essays.probability, essays.label):.4f}), for which the ensemble's shares are fitted.",
        "", "| member | found | difference | AUROC | difference |", "|---|---:|---|---:|---|"]
    for place, name in enumerate(MODELS):
        logits = essays.logits[:, place]
        lines.append(f"| {name} | {found_at_low_rates(logits, essays.label):.4f} | {difference(place, found_at_low_rates)} | "
                     f"{area_under_roc(logits, essays.label):.4f} | {difference(place, area_under_roc)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("analyzed", type=Path, help="what `gateway analyze --jsonl` wrote")
    parser.add_argument("--essays", type=Path, default=ESSAYS / "dev.jsonl", help="the labelled essays")
    parser.add_argument("--output", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    essays = read_analyzed(options.analyzed, options.essays)
    text = "\n\n".join([
        headline(essays), against_members(essays), pooled(essays), table("source", essays, lambda found: numpy.array(found.sources)),
        table("generator", essays, lambda found: numpy.array(found.generators)),
        table("length", essays, length_of), table("writers", essays, writer_of),
        f"Essays without an answer from every model: {len(essays.failed)}."]) + "\n"
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
