"""The head of bert_classifier, as a regression on made-up statistics."""

import numpy
import pytest

from training.classifier_fit import Line
from training.metrics import area_under_roc


@pytest.fixture(scope="module")
def crops():
    """Statistics of very different scales, of which the first two tell."""
    chance = numpy.random.default_rng(8)
    label = numpy.arange(600) % 2
    statistics = chance.normal(size=(600, 6))
    statistics[:, 0] += label
    statistics[:, 1] -= label
    return (statistics * [1e3, 1e-3, 1, 1, 1, 1] + 5).astype(numpy.float32), label


def test_a_line_finds_what_tells_whatever_its_scale(crops):
    statistics, label = crops
    line = Line.fitted(statistics, label, numpy.ones(len(label)), ["one"] * len(label), ridge=1)
    assert area_under_roc(line.logits(statistics), label) > 0.8
    assert line.slopes[0] > 0 > line.slopes[1]


def test_a_stronger_ridge_makes_it_less_sure(crops):
    statistics, label = crops
    spread = [Line.fitted(statistics, label, numpy.ones(len(label)), ["one"] * len(label), ridge=ridge).logits(statistics).std() for ridge in (1, 100, 1e4)]
    assert spread[0] > spread[1] > spread[2]


def test_a_statistic_that_never_changes_has_no_say(crops):
    statistics, label = crops
    constant = numpy.column_stack([statistics, numpy.full(len(label), 3, numpy.float32)])
    line = Line.fitted(constant, label, numpy.ones(len(label)), ["one"] * len(label), ridge=1)
    assert line.slopes[-1] == pytest.approx(0, abs=1e-6)


def test_crops_without_weight_are_not_learned_from(crops):
    statistics, label = crops
    weights = numpy.where(numpy.arange(len(label)) < 300, 2.0, 0.0)
    wrong = numpy.where(weights > 0, label, 1 - label)
    assert Line.fitted(statistics, wrong, weights, ["one"] * len(label), ridge=1).slopes == pytest.approx(
        Line.fitted(statistics[:300], label[:300], weights[:300], ["one"] * 300, ridge=1).slopes, rel=0.2)
