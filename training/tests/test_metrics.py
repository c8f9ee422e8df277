import math

import numpy
import pytest

from training.metrics import area_under_roc, binomial_upper_bound


def test_area_equals_the_share_of_well_ordered_pairs():
    chance = numpy.random.default_rng(3)
    scores, labels = chance.integers(0, 12, 90), chance.integers(0, 2, 90)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[labels == 1] for b in scores[labels == 0]]
    assert area_under_roc(scores, labels) == pytest.approx(sum(pairs) / len(pairs))


def test_area_needs_both_labels():
    assert math.isnan(area_under_roc(numpy.array([1.0, 2.0]), numpy.array([1, 1])))


@pytest.mark.parametrize(
    ("hits", "trials", "bound"),
    # Zero hits have the closed form 1 - 0.05^(1/n); the others are R's binom.test(…, alternative = "less").
    [(0, 100, 1 - 0.05 ** 0.01), (0, 1, 0.95), (5, 5, 1.0), (1, 10, 0.3941633), (10, 1000, 0.0168955)])
def test_upper_bound(hits, trials, bound):
    assert binomial_upper_bound(hits, trials) == pytest.approx(bound, abs=1e-5)


def test_upper_bound_without_trials_promises_nothing():
    assert binomial_upper_bound(0, 0) == 1.0
