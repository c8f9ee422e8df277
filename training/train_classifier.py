"""Fits bert_classifier on the crops of `prepare`; how well it tells other texts apart is for `cross-fit` to say.

    python -m training train-classifier

Writes training/.cache/checkpoints/bert_classifier.safetensors.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy
import torch

from .classifier_fit import RIDGE, Line
from .crops import Crops, add_encoder_arguments, encoded
from .domain_shift import STRENGTH
from .metrics import area_under_roc
from .places import CACHE
from .prepare import read_essays
from .stacking import corpus_weights
from .tracking import tracking
from .train_bilstm import save_checkpoint
from .transformer_models import BertClassifier, load_encoder


def add_classifier_arguments(parser: argparse.ArgumentParser) -> None:
    """What `fitted` takes."""
    add = parser.add_argument
    add("--ridge", type=float, default=RIDGE, help="pull of bert_classifier's weights towards 0, in crops (default %(default)s)")
    add("--domain-damping", type=float, default=STRENGTH,
        help="how strongly directions are damped in which the corpora differ (default %(default)s)")


def fitted(
    options: argparse.Namespace, crops: Crops, rows: numpy.ndarray, weights: numpy.ndarray, domains: Sequence[str],
) -> Line:
    """The line fitted on the crops `rows`, which count `weights` [rows]; `domains` names every crop's corpus."""
    return Line.fitted(
        numpy.asarray(crops.statistics[rows]), crops.label[rows], weights, [domains[row] for row in rows],
        ridge=options.ridge, strength=options.domain_damping)


def model_of(line: Line, layers: int) -> BertClassifier:
    """The classifier whose two logits differ by the line's."""
    model = BertClassifier(load_encoder(), layers)
    with torch.no_grad():
        for label, half in ((0, -0.5), (1, 0.5)):
            model.classifier.weight[label] = torch.from_numpy(half * line.slopes)
            model.classifier.bias[label] = half * line.intercept
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_classifier_arguments(parser)
    add_encoder_arguments(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    crops = encoded(options)
    domains = crops.domains(read_essays(CACHE / "selected.jsonl"))
    with tracking("train-classifier", options) as run:
        line = fitted(options, crops, numpy.arange(len(crops.label)), corpus_weights(domains, crops.label), domains)
        run.model(save_checkpoint("bert_classifier", model_of(line, options.layers)))
        run.scalar("AUROC on its own crops", area_under_roc(line.logits(crops.statistics), crops.label))


if __name__ == "__main__":
    main()
