"""Fits ngram_classifier on the crops of `prepare`; how well it tells other texts apart is for `cross-fit` to say.

    python -m training train-ngrams

Writes training/.cache/checkpoints/ngram_classifier.npz.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy

from .crops import Crops
from .metrics import area_under_roc
from .ngrams import AGREEMENT, RIDGE, NgramLine
from .places import CACHE, CHECKPOINTS
from .prepare import read_essays
from .stacking import corpus_weights
from .tracking import tracking

CHECKPOINT = CHECKPOINTS / "ngram_classifier.npz"


def add_ngram_arguments(parser: argparse.ArgumentParser) -> None:
    """What `fitted` takes."""
    add = parser.add_argument
    add("--ngram-ridge", type=float, default=RIDGE, help="pull of the n-grams' slopes towards 0 (default %(default)s)")
    add("--agreement", type=float, default=AGREEMENT,
        help="pull of the corpora of one label towards one mean logit, in crops (default %(default)s)")


def fitted(
    options: argparse.Namespace, crops: Crops, rows: numpy.ndarray, weights: numpy.ndarray, domains: Sequence[str],
) -> NgramLine:
    """The line fitted on the crops `rows`, which count `weights` [rows]; `domains` names every crop's corpus."""
    return NgramLine.fitted(
        crops.ngrams[rows], crops.label[rows], weights, [domains[row] for row in rows], ridge=options.ngram_ridge,
        agreement=options.agreement)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_ngram_arguments(parser)
    options = parser.parse_args()
    crops = Crops(CACHE / "crops.npz")
    domains = crops.domains(read_essays(CACHE / "selected.jsonl"))
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    with tracking("train-ngrams", options) as run:
        line = fitted(options, crops, numpy.arange(len(crops.label)), corpus_weights(domains, crops.label), domains)
        line.save(CHECKPOINT)
        run.model(CHECKPOINT)
        print(f"ngram_classifier: {line.known} n-grams")
        run.scalar("AUROC on its own crops", area_under_roc(line.logits(crops.ngrams), crops.label))


if __name__ == "__main__":
    main()
