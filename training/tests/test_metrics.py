import math

import numpy
import pytest

from training.metrics import alarms, area_under_roc, binomial_upper_bound, bootstrap_difference, mean_true_positive_rate


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


def test_the_mean_share_found_at_low_rates_counts_each_of_the_highest_humans_once():
    """Of a hundred humans the five highest score 0.95 to 0.99; four AI texts score above none, two, four and all of them."""
    scores = numpy.concatenate([numpy.arange(100) / 100, [0.5, 0.965, 0.985, 1.0]])
    labels = numpy.repeat([0, 1], [100, 4])
    # Above 0.99: 1 of 4; above 0.98: 2; above 0.97: 2; above 0.96: 3; above 0.95: 3.
    assert mean_true_positive_rate(scores, labels, 0.05) == pytest.approx((1 + 2 + 2 + 3 + 3) / 4 / 5)


def test_a_tie_with_a_human_is_not_found():
    assert mean_true_positive_rate(numpy.array([0.7, 0.7]), numpy.array([0, 1]), 0.05) == 0


def test_without_humans_nothing_is_found():
    assert mean_true_positive_rate(numpy.array([0.7]), numpy.array([1]), 0.05) == 0


def test_a_paired_bootstrap_sees_what_two_scores_differ_in_and_not_what_they_share():
    """The second score errs where the first does, and more."""
    chance = numpy.random.default_rng(8)
    labels = numpy.repeat([0, 1], 200)
    shared = labels + chance.normal(0, 1, 400)
    low, middle, high = bootstrap_difference(shared, shared + chance.normal(0, 0.7, 400), labels, area_under_roc, rounds=300)
    assert 0 < low < middle < high < 0.15
    assert bootstrap_difference(shared, 3 * shared + 1, labels, area_under_roc, rounds=20) == (0, 0, 0)


def test_alarms_are_counted_fold_by_fold_against_the_folds_own_seen_humans():
    """Two folds on scales of their own; in the first half of the unseen humans lie above all seen ones, in the second none."""
    labels = numpy.repeat([0, 0, 1], 100)
    kinds = numpy.tile(numpy.repeat([1, 2, 2], 100), (2, 1))
    seen, unseen = numpy.arange(100.0), numpy.repeat([-1.0, 200.0], 50)
    logits = numpy.stack([numpy.concatenate([seen, unseen, numpy.full(100, 300.0)]),
                          1000 + numpy.concatenate([seen, seen - 10, numpy.zeros(100)])])
    assert alarms(labels, kinds, logits) == pytest.approx(0.25)
    logits[1, :] = numpy.nan
    assert alarms(labels, kinds, logits) == pytest.approx(0.5)
