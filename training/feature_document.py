"""Words and tables of docs/feature-statistics.md, from the statistics alone: the same numbers give the same bytes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .feature_statistics import (
    LARGE, MEDIUM, RECORDS_FOR_EFFECTS, SIGNIFICANCE, SMALL, FeatureStatistics, by_strength, direction, reading,
    reads_effects)

SHOWN_OF_FAMILY = 12
"""A family's strongest features; the others are folded away."""
FALLBACK_FAMILY = "features"


@dataclass(frozen=True)
class Study:
    """What the statistics were made of."""

    schema_hash: str
    """Empty when the features came from a file."""
    inputs: tuple[str, ...]
    """Names of the essay files."""
    limit: int
    counts: dict[tuple[str, str], int]
    """Texts by (source, label)."""
    left_out: tuple[str, ...]
    """Features of the schema that were not computed."""
    command: str

    @property
    def records(self) -> int:
        return sum(self.counts.values())

    def of_label(self, label: str) -> int:
        return sum(count for (_, its), count in self.counts.items() if its == label)


def number(value: float, digits: int = 3) -> str:
    """Three significant digits, no exponent for the usual sizes."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    shown = f"{value:.{digits}g}"
    if "e" in shown and 1e-4 <= abs(value) < 1e6:
        shown = f"{value:.0f}"
    return "0" if float(shown) == 0 else shown.replace("-", "−", 1) if shown.startswith("-") else shown


def effect(value: float) -> str:
    if math.isinf(value):
        return number(value)
    shown = f"{value:+.2f}"
    return "0.00" if float(shown) == 0 else shown.replace("-", "−")


def probability(p: float) -> str:
    """A p-value; 0 is what is too small for a double."""
    if p == 0:
        return "<1e-300"
    return f"{p:.1e}" if p < 1e-3 else f"{p:.3f}"


def whole(count: int) -> str:
    return f"{count:,}"


def row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def table(header: Sequence[str], lines: Sequence[Sequence[str]], text_columns: Sequence[int] = (0,)) -> str:
    """A Markdown table; numbers stand to the right."""
    rule = "|" + "|".join("---" if place in text_columns else "---:" for place in range(len(header))) + "|"
    return "\n".join([row(header), rule, *(row(line) for line in lines)])


def folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def usual(feature: FeatureStatistics) -> list[str]:
    """Human and AI medians. Where they are equal, as of features that most texts lack, the means, marked."""
    if feature.human.median == feature.ai.median and not feature.constant:
        return [f"x̄ {number(feature.human.mean)}", f"x̄ {number(feature.ai.mean)}"]
    return [number(feature.human.median), number(feature.ai.median)]


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def effects_table(features: Sequence[FeatureStatistics], records: int) -> str:
    header = ["feature", "human", "AI", "d", "Δ", "area", "p (U, Holm)", "sources agreeing", "direction", "reading"]
    lines = [[
        f"`{feature.name}`", *usual(feature), effect(feature.cohens_d), effect(feature.glass_delta),
        f"{feature.area:.2f}", probability(feature.holm["mann_whitney"]),
        f"{feature.agreeing} of {len(feature.sources)}", direction(feature), reading(feature, records)]
        for feature in features]
    return table(header, lines, (0, 8, 9))


def spread(mean: float, deviation: float) -> str:
    return f"{number(mean)} ± {number(deviation)}"


def tests_table(features: Sequence[FeatureStatistics]) -> str:
    """Every test; each p followed by its correction after Holm and after Benjamini and Hochberg."""
    header = ["feature", "human mean ± SD", "AI mean ± SD", "t-test p", "Holm", "BH", "U-test p", "Holm", "BH",
              "rank-biserial", "H p", "Holm", "BH", "H sources p", "Holm", "BH", "ε² sources"]

    def three(feature: FeatureStatistics, test: str) -> list[str]:
        return [probability(entry[test]) for entry in (feature.p, feature.holm, feature.benjamini_hochberg)]

    lines = [[
        f"`{feature.name}`", spread(feature.human.mean, feature.human.deviation),
        spread(feature.ai.mean, feature.ai.deviation), *three(feature, "welch"), *three(feature, "mann_whitney"),
        effect(feature.rank_biserial), *three(feature, "kruskal"), *three(feature, "kruskal_sources"),
        f"{feature.source_effect:.2f}"] for feature in features]
    return table(header, lines)


def family_section(family: str, features: Sequence[FeatureStatistics], records: int) -> str:
    features = by_strength(features)
    parts = [f"### {family[:1].upper()}{family[1:]}", plural(len(features), "feature") + ".",
             effects_table(features[:SHOWN_OF_FAMILY], records)]
    if len(features) > SHOWN_OF_FAMILY:
        rest = features[SHOWN_OF_FAMILY:]
        parts.append(folded(f"{len(rest)} more, |d| at most {abs(rest[0].cohens_d):.2f}", effects_table(rest, records)))
    parts.append(folded("Means and every test", tests_table(features)))
    return "\n\n".join(parts)


def data_section(study: Study) -> str:
    ordered = sorted(study.counts.items(), key=lambda entry: (entry[0][1] == "ai", entry[0]))
    lines = [[f"`{source}`", label, whole(count)] for (source, label), count in ordered]
    inputs = ", ".join(f"`{name}`" for name in study.inputs)
    sample = (f"at most {study.limit} of each source and label, chosen by a hash of their ids, so that no source "
              f"counts for more than it should" if study.limit else "all of them")
    schema = f" Feature schema `{study.schema_hash}`." if study.schema_hash else ""
    missing = ("" if not study.left_out else " Not computed in this run: "
               + ", ".join(f"`{name}`" for name in study.left_out) + ".")
    return "\n\n".join([
        "## Data",
        f"{whole(study.records)} whole texts ({whole(study.of_label('human'))} by people, "
        f"{whole(study.of_label('ai'))} by language models) of {inputs}: {sample}. "
        f"They are as they were written: nothing is cut and no slips are added. Features are the gateway's own "
        f"(`gateway features --jsonl`).{schema}{missing}",
        folded("Texts by source", table(["source", "label", "texts"], lines, (0, 1)))])


def guidance(records: int) -> str:
    applies = (f"These are {whole(records)} records: **read the effect sizes**." if reads_effects(records)
               else f"These are {whole(records)} records: **read the corrected p-values**; the effect sizes say how "
                    "much it matters.")
    return (f"**Sample size.** Under {whole(RECORDS_FOR_EFFECTS)} records a p-value tells whether a difference is "
            f"more than chance. From {whole(RECORDS_FOR_EFFECTS)} on nearly every difference is, however small, and "
            f"effect sizes tell whether it matters. {applies} The column *reading* follows that rule.")


def reading_section(study: Study) -> str:
    words = (f"*negligible* |d| < {SMALL}, *small* < {MEDIUM}, *medium* < {LARGE}, *large* from there on"
             if reads_effects(study.records) else
             f"*differs* when the U-test's p after Holm is below {SIGNIFICANCE}, else *no evidence*")
    return "\n\n".join([
        "## How to read it",
        guidance(study.records),
        "\n".join([
            "- **human**, **AI**: medians, in the feature's unit; where these are equal (most texts have none of it), "
            "means, marked x̄.",
            "- **d**: Cohen's d, the difference of the means by the pooled standard deviation; **Δ**: Glass's delta, "
            "by the human texts' standard deviation alone. Positive: higher in AI texts.",
            "- **area**: the chance that a random AI text has a higher value than a random human one, ties half "
            "(Mann-Whitney U by the number of pairs, the area under the ROC curve). Rank-biserial correlation is twice "
            "that less 1. Unlike d it does not mind a few extreme texts.",
            "- **p**: two-sided; Welch's t-test, Mann-Whitney U, and Kruskal-Wallis H. H is given between human and AI "
            "(two groups: U's p but for the continuity correction) and across all sources, where **ε²** is the share "
            "of the ranks' variance that lies between sources. `<1e-300` is less than a double holds.",
            "- **Holm**, **BH**: the same p corrected for the number of features, by Holm (chance of a single false "
            "finding) and by Benjamini and Hochberg (expected share of false findings). Each test is corrected over "
            "all features that vary.",
            "- **sources agreeing**: of the sources, each compared with all texts of the other label, how many differ "
            "in the direction of d.",
            "- **direction**: *stable* when no source shows the opposite (at least |d| = "
            f"{SMALL}, beyond chance at 95 %), *mixed* when some do, **artefact** when a third of them do, or a "
            "corpus with texts by both (the same tasks) does: such a feature tells the corpora apart rather than the "
            "writers, and a model that leans on it will fail elsewhere. Empty under |d| = 0.2.",
            f"- **reading**: {words}; *constant* when every text has the same value (then d = 0, area = ½, p = 1).",
            "- ∞: the means differ and there is no spread to divide by.",
        ])])


def summary_section(features: Sequence[FeatureStatistics], records: int) -> str:
    kinds = Counter((reading(feature, records), direction(feature)) for feature in features)
    readings = (("large", "medium", "small", "negligible") if reads_effects(records) else ("differs", "no evidence"))
    directions = ("stable", "mixed", "artefact", "")
    lines = [[kind, *(str(kinds[kind, way]) for way in directions), str(sum(kinds[kind, way] for way in directions))]
             for kind in (*readings, "constant") if any(kinds[kind, way] for way in directions)]
    return "\n\n".join([
        "## Summary", f"{plural(len(features), 'feature')} by reading and by direction:",
        table(["reading", "stable", "mixed", "artefact", f"|d| < {SMALL}".replace("|", "\\|"), "all"], lines)])


def strongest_section(strong: Sequence[FeatureStatistics], records: int, plots: Sequence[tuple[str, str, str]]) -> str:
    if not strong:
        return "## The strongest\n\nNo feature differs beyond chance."
    turning = [f"- `{feature.name}`: " + ", ".join(
        f"{entry.name} {'within' if entry.label == 'both' else entry.label} {effect(entry.d)}"
        for entry in sorted(feature.opposing, key=lambda entry: (-abs(entry.d), entry.name)))
        for feature in strong if feature.opposing]
    parts = ["## The strongest", effects_table(strong, records),
             *(f"![{title}]({path})\n\n*{title}: {words}.*" for title, words, path in plots)]
    if turning:
        parts.append(folded("Where these turn round", "\n".join(turning)))
    return "\n\n".join(parts)


def document(
    study: Study, features: Sequence[FeatureStatistics], strong: Sequence[FeatureStatistics],
    plots: Sequence[tuple[str, str, str]],
) -> str:
    """The whole page. `plots` are (title, how to read it, path from the page); families stand in the order of
    their strongest feature."""
    families: dict[str, list[FeatureStatistics]] = {}
    for feature in by_strength(features):
        families.setdefault(feature.family or FALLBACK_FAMILY, []).append(feature)
    return "\n\n".join([
        "# Feature statistics",
        "How each feature differs between texts by people and by language models. Made by `make feature-report`; do "
        "not edit. It runs, with the gateway built and Triton up:",
        f"```sh\n{study.command}\n```",
        "A difference here is one of these corpora, whose AI texts are mostly by models of 2022 and 2023. It is no "
        "proof about a single text.",
        data_section(study), reading_section(study), summary_section(features, study.records),
        strongest_section(strong, study.records, plots),
        "## By family",
        *(family_section(family, members, study.records) for family, members in families.items()),
    ]) + "\n"
