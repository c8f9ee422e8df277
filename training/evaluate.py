"""A Markdown table of how the gateway's answers compare with the labels, per source.

    gateway analyze --jsonl <dev.jsonl >dev.analyzed.jsonl
    python -m training.evaluate dev.analyzed.jsonl --essays dev.jsonl

'report half' is the half of dev.jsonl that nothing was tuned on (splits.py); its figures are the ones to quote.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy

from .analysis import MODELS, Analyzed, read_analyzed
from .metrics import area_under_roc
from .places import ESSAYS

HEADER = (
    "| source | label | n | accuracy at ½ | AUROC | verdict ai | uncertain | human | wrong verdict |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|---:|")


def row(name: str, label: str, essays: Analyzed, area: float) -> str:
    """One line. 'wrong verdict': of humans those called ai (the false-positive rate), of AI those called human."""
    total = len(essays.ids)
    verdict = numpy.array(essays.verdict)
    accuracy = ((essays.probability >= 0.5) == essays.label).mean()
    wrong = numpy.where(essays.label == 0, verdict == "ai", verdict == "human").mean()
    shares = " | ".join(f"{(verdict == kind).mean():.1%}" for kind in ("ai", "uncertain", "human"))
    shown = "" if numpy.isnan(area) else f"{area:.4f}"
    return f"| {name} | {label} | {total} | {accuracy:.1%} | {shown} | {shares} | {wrong:.2%} |"


def table(title: str, essays: Analyzed) -> str:
    """Pooled figures first, then each source. A source's AUROC is against all essays of the other label."""
    lines = [f"### {title}", "", HEADER]
    everything = area_under_roc(essays.probability, essays.label)
    lines.append(row("**all**", "both", essays, everything))
    for label, name in ((0, "human"), (1, "ai")):
        if (essays.label == label).any():
            lines.append(row("**all**", name, essays.chosen(essays.label == label), float("nan")))
    names = numpy.array(essays.sources)
    for label, name in ((0, "human"), (1, "ai")):
        for source in sorted(set(names[essays.label == label])):
            own = (names == source) & (essays.label == label)
            against = own | (essays.label != label)
            area = area_under_roc(essays.probability[against], essays.label[against])
            lines.append(row(source, name, essays.chosen(own), area))
    return "\n".join(lines)


def model_areas(essays: Analyzed) -> str:
    return ", ".join(f"{name} {area_under_roc(essays.logits[:, place], essays.label):.4f}"
                     for place, name in enumerate(MODELS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("analyzed", type=Path, help="what `gateway analyze --jsonl` wrote")
    parser.add_argument("--essays", type=Path, default=ESSAYS / "dev.jsonl", help="the labelled essays")
    parser.add_argument("--output", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    essays = read_analyzed(options.analyzed, options.essays)
    report = essays.chosen(essays.report)
    text = "\n\n".join([
        table("Report half", report), f"Each model alone, AUROC, report half: {model_areas(report)}.",
        table("Whole set", essays), f"Essays without an answer from every model: {len(essays.failed)}."]) + "\n"
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
