"""Tests and effect sizes of each feature, human against AI: docs/feature-statistics.md, two figures, and the reference
quantiles that the gateway's explanations speak of.

    python -m training.feature_report --triton http://127.0.0.1:8000          # everything
    python -m training.feature_report --output /tmp/statistics.md --plots /tmp/plots       # lexical features, seconds
    python -m training.feature_report --features features.jsonl --essays essays.jsonl ...  # features made before

Features come from `gateway features --jsonl` (GATEWAY_BIN) and are kept in training/.cache, for train_ebm, too. Texts
are whole, in a sample with equally many of each source and label; groups held out for calibration are not among them.
training/.cache/references.json (fit_ensemble reads it) is written when every feature of the schema was computed; its
ranges are those of the texts that the EBM is trained on.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from . import splits
from .feature_document import FALLBACK_FAMILY, Study, document
from .feature_plots import Panel, distributions, effects
from .feature_statistics import (
    TESTS, FeatureStatistics, Texts, corrected, direction, feature_statistics, reading, strongest)
from .feature_texts import Schema, ebm_texts, feature_rows, matrix, store_path, stored_features
from .originals import with_originals
from .places import CACHE, ESSAYS, ROOT
from .prepare import read_essays, selection, training_essays
from .references import REFERENCES, references, write_references

LIMIT = 150
"""Texts of each source and label: 2,850 of train.jsonl, minutes with embeddings on two cores."""
STRONGEST = 12
DISTRIBUTIONS, EFFECTS = "feature-distributions.svg", "feature-effects.svg"


def sample(paths: Sequence[Path], limit: int, keep_calibration: bool) -> list[dict]:
    """The texts to make statistics of. Raises ValueError when an id occurs twice."""
    essays = with_originals([essay for path in paths for essay in read_essays(path)])
    if len({essay["id"] for essay in essays}) < len(essays):
        raise ValueError("an essay's id occurs twice")
    if not keep_calibration:
        essays = [essay for essay in essays if not splits.is_calibration(essay)]
    return splits.limited(essays, limit) if limit else essays


def features_of_file(path: Path, essays: Sequence[Mapping[str, str]]) -> list[dict | None]:
    """What `gateway features --jsonl` wrote, by the essays' ids. Raises ValueError when it is of other essays."""
    by_id = {answer["id"]: answer.get("features") for answer in read_essays(path)}
    absent = sum(essay["id"] not in by_id for essay in essays)
    if absent:
        raise ValueError(f"{path} has no line for {absent} of {len(essays)} essays")
    return [by_id[essay["id"]] for essay in essays]


def names_of(answers: Sequence[Mapping[str, float] | None]) -> set[str]:
    """Names that the first text with features has."""
    return set(next((answer for answer in answers if answer), {}))


def all_statistics(rows: Sequence[dict], names: Sequence[str], families: Mapping[str, str]) -> list[FeatureStatistics]:
    values, labels = matrix(rows)
    texts = Texts(labels, [row["source"] for row in rows])
    return corrected(
        feature_statistics(name, families.get(name, FALLBACK_FAMILY), values[:, place], texts)
        for place, name in enumerate(tqdm(names, desc="statistics", mininterval=2)))


def draw(folder: Path, strong: Sequence[FeatureStatistics], rows: Sequence[dict], names: Sequence[str]) -> None:
    values, labels = matrix(rows)
    panels = [Panel(feature.name, f"d = {feature.cohens_d:+.2f}".replace("-", "−"),
                    values[labels == 0, names.index(feature.name)], values[labels == 1, names.index(feature.name)])
              for feature in strong]
    distributions(panels, folder / DISTRIBUTIONS)
    effects(strong, folder / EFFECTS)


def plot_links(folder: Path, page: Path, strong: Sequence[FeatureStatistics]) -> list[tuple[str, str, str]]:
    """For `document`."""
    if not strong:
        return []
    way = os.path.relpath(folder, page.parent)
    return [
        ("Distributions of the strongest features",
         "shares of the human and of the AI texts, dashed lines at the medians, extreme texts in the outermost bins",
         f"{way}/{DISTRIBUTIONS}"),
        ("Cohen's d of the strongest features",
         "over all texts, for each source against all texts of the other label, and within each corpus that has both "
         "labels; the grey band is less than a small effect", f"{way}/{EFFECTS}")]


def write_csv(path: Path, features: Sequence[FeatureStatistics], records: int) -> None:
    """One line a feature with every number in full, for those who choose features."""
    contrasts = sorted({(entry.name, entry.label) for feature in features
                        for entry in (*feature.sources, *feature.corpora)})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([
            "feature", "family", *(f"{label}_{what}" for label in ("human", "ai")
                                   for what in ("count", "mean", "deviation", "median")),
            "cohens_d", "glass_delta", "area", "rank_biserial", "source_epsilon_squared",
            *(f"{test}_{what}" for test in TESTS for what in ("p", "holm", "benjamini_hochberg")),
            "sources_agreeing", "sources", "direction", "reading",
            *(f"d:{name}:{label}" for name, label in contrasts)])
        for feature in features:
            d = {(entry.name, entry.label): entry.d for entry in (*feature.sources, *feature.corpora)}
            writer.writerow([
                feature.name, feature.family,
                *(value for group in (feature.human, feature.ai)
                  for value in (group.count, group.mean, group.deviation, group.median)),
                feature.cohens_d, feature.glass_delta, feature.area, feature.rank_biserial, feature.source_effect,
                *(entry[test] for test in TESTS
                  for entry in (feature.p, feature.holm, feature.benjamini_hochberg)),
                feature.agreeing, len(feature.sources), direction(feature), reading(feature, records),
                *(d.get(key, "") for key in contrasts)])


def relative(path: Path) -> str:
    """A path as one writes it in the repository's root."""
    return os.path.relpath(path.resolve(), ROOT)


def command_of(options: argparse.Namespace) -> str:
    """What makes the same page again: only what was not left at its default."""
    parts = ["python", "-m", "training.feature_report"]
    if options.essays != [ESSAYS / "train.jsonl"]:
        parts += ["--essays", *map(relative, options.essays)]
    if options.limit != LIMIT:
        parts += ["--limit", str(options.limit)]
    if options.keep_calibration:
        parts.append("--keep-calibration")
    if options.features:
        parts += ["--features", relative(options.features)]
    if options.schema:
        parts += ["--schema", relative(options.schema)]
    if options.triton:
        # Where it happened to run says nothing about the figures.
        parts += ["--triton", "http://127.0.0.1:8000"]
    if options.strongest != STRONGEST:
        parts += ["--strongest", str(options.strongest)]
    return shlex.join(parts)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--essays", type=Path, nargs="+", default=[ESSAYS / "train.jsonl"],
                        help="labelled essays, {id, text, label, source, prompt} a line (default train.jsonl)")
    parser.add_argument("--limit", type=int, default=LIMIT,
                        help="texts of each source and label, 0 for all (default %(default)s)")
    parser.add_argument("--keep-calibration", action="store_true",
                        help="also use the groups of essays that are held out for thresholds (default: leave them out)")
    parser.add_argument("--triton",
                        help="server for sentence embeddings (default: none; features that need them are left out and "
                             "no references are written)")
    parser.add_argument("--features", type=Path,
                        help="what `gateway features --jsonl` wrote about the essays (default: run it)")
    parser.add_argument("--schema", type=Path, help="what `gateway features --schema` wrote (default: run it, or with "
                                                    "--features take what the file has, in one family)")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "feature-statistics.md",
                        help="the page (default docs/feature-statistics.md)")
    parser.add_argument("--plots", type=Path, default=ROOT / "docs" / "plots",
                        help="folder of the figures (default docs/plots)")
    parser.add_argument("--csv", type=Path, default=CACHE / "feature-statistics.csv",
                        help="every number, one line a feature (default training/.cache/feature-statistics.csv)")
    parser.add_argument("--strongest", type=int, default=STRONGEST, help="features to plot (default %(default)s)")
    parser.add_argument("--references", type=Path,
                        help="where references go (default training/.cache/references.json, nowhere with --features; "
                             "with --features their ranges are those of the texts at hand)")
    parser.add_argument("--trained-on", type=Path, default=CACHE / "selected.jsonl",
                        help="essays that the EBM is trained on, for the references' ranges (default "
                             "training/.cache/selected.jsonl; prepare's selection where it is absent)")
    parser.add_argument("--ebm-limit", type=int, help="train_ebm's --limit (default: all)")
    return parser


def trained_texts(options: argparse.Namespace) -> list[dict]:
    """The texts that the EBM is trained on, cut ones and ones with slips included."""
    path = options.trained_on
    selected = read_essays(path) if path.exists() else [essay for side in selection(training_essays()) for essay in side]
    return ebm_texts(selected, options.ebm_limit)


def main() -> None:
    parser = arguments()
    options = parser.parse_args()
    if options.features and options.triton:
        parser.error("--features are made already: --triton has nothing to do")
    essays = sample(options.essays, options.limit, options.keep_calibration)
    schema = (Schema.parse(options.schema.read_text(encoding="utf-8")) if options.schema
              else None if options.features else Schema.of_gateway())

    trained: list[dict] = []
    if options.features:
        answers = features_of_file(options.features, essays)
        destination = options.references
    else:
        assert schema is not None
        destination = options.references or (REFERENCES if options.triton else None)
        if destination and not options.triton:
            parser.error("references need every feature: give --triton")
        trained = trained_texts(options) if destination else []
        # One run of the gateway for all texts.
        texts = [entry["text"] for entry in (*essays, *trained)]
        found = stored_features(texts, store_path(schema, options.triton), options.triton)
        answers, trained_answers = found[: len(essays)], found[len(essays) :]
    present = names_of(answers)
    names = [name for name in schema.names if name in present] if schema else sorted(present)
    left_out = tuple(name for name in schema.names if name not in present) if schema else ()
    if options.triton and left_out:
        raise RuntimeError(f"the gateway gave no {', '.join(left_out)}")
    rows = feature_rows(essays, answers, names)

    features = all_statistics(rows, names, schema.families if schema else {})
    strong = strongest(features, len(rows), options.strongest)
    study = Study(
        schema_hash=schema.hash if schema else "", inputs=tuple(path.name for path in options.essays),
        limit=options.limit, counts=dict(Counter((row["source"], row["label"]) for row in rows)), left_out=left_out,
        command=command_of(options))
    if strong:
        draw(options.plots, strong, rows, names)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(
        document(study, features, strong, plot_links(options.plots, options.output, strong)), encoding="utf-8")
    write_csv(options.csv, features, len(rows))
    print(f"{options.output}: {len(names)} features of {len(rows)} texts; every number in {options.csv}")
    if destination:
        whole, labels = matrix(rows)
        seen = matrix(feature_rows(trained, trained_answers, names))[0] if trained else whole
        write_references(destination, references(names, whole, labels, seen))
        print(f"{destination}: references of {len(names)} features")
    else:
        print("references were left as they are" + (f": {', '.join(left_out)} need --triton" if left_out else ""))
    for feature in strong:
        print(f"  {feature.cohens_d:+.2f}  {feature.name}  {reading(feature, len(rows))} {direction(feature)}")


if __name__ == "__main__":
    main()
