import math

import numpy
import pytest

from training.stacking import (
    Stacking, ThresholdRule, ai_threshold, all_shares, best_shares, corpus_weights, fit_logistic, human_threshold, sigmoid,
    standard_error, subsets, verdicts)

RULE = ThresholdRule(pooled_rate=0.01, source_rate=0.05, missed_rate=0.05)


def test_every_subset_is_listed_once_with_the_whole_first():
    found = subsets(["a", "b", "c"])
    assert found[0] == ("a", "b", "c")
    assert len(found) == len(set(found)) == 7


def test_the_pooled_rate_of_false_alarms_is_kept_and_not_undershot():
    scores = numpy.linspace(0, 1, 1000)
    threshold = ai_threshold(scores, ["one"] * 1000, RULE)
    assert (scores >= threshold).sum() == 10


def test_a_single_source_cannot_exceed_its_own_rate():
    """A hundred learners score high and nine hundred others do not: the pooled rate alone would call ten of them ai."""
    scores = numpy.concatenate([numpy.linspace(0.9, 1, 100), numpy.linspace(0, 0.5, 900)])
    sources = ["learners"] * 100 + ["others"] * 900
    threshold = ai_threshold(scores, sources, RULE)
    assert (scores[:100] >= threshold).sum() == 5
    assert (scores >= threshold).mean() <= RULE.pooled_rate


def test_ties_at_the_threshold_never_raise_the_rate():
    scores = numpy.array([0.7] * 50 + [0.1] * 950)
    threshold = ai_threshold(scores, ["one"] * 1000, RULE)
    assert (scores >= threshold).sum() == 0
    assert threshold > 0.7


def test_a_handful_of_essays_allows_no_false_alarm():
    scores = numpy.array([0.2, 0.95, 0.4])
    assert (scores >= ai_threshold(scores, ["few"] * 3, RULE)).sum() == 0


def test_the_human_threshold_keeps_its_rate_and_stays_below_the_other():
    scores = numpy.linspace(0.2, 1, 1000)
    low = human_threshold(scores, RULE, below=0.9)
    assert (scores <= low).sum() == 50
    assert human_threshold(scores, RULE, below=0.1) < 0.1


def test_no_verdict_human_stands_beside_a_probability_of_ai_above_a_half():
    assert human_threshold(numpy.linspace(0.8, 1, 101), RULE, below=0.99) == 0.5


def test_verdicts_at_the_thresholds_themselves():
    found = verdicts(numpy.array([0.2, 0.2000001, 0.8, 0.7999999]), human=0.2, ai=0.8)
    assert list(found) == ["human", "uncertain", "ai", "uncertain"]


def test_the_fit_recovers_the_weights_that_made_the_labels():
    chance = numpy.random.default_rng(5)
    logits = chance.normal(0, 2, (20000, 2))
    labels = (chance.random(20000) < sigmoid(-0.5 + logits @ [1.2, 0.4])).astype(int)
    found = fit_logistic(logits, labels, numpy.ones(20000))
    assert found.intercept == pytest.approx(-0.5, abs=0.1)
    assert found.weights == pytest.approx((1.2, 0.4), abs=0.1)


def test_a_model_that_would_count_backwards_is_left_out():
    chance = numpy.random.default_rng(6)
    truth = chance.normal(0, 2, 4000)
    labels = (chance.random(4000) < sigmoid(truth)).astype(int)
    found = fit_logistic(numpy.column_stack([truth, -truth + chance.normal(0, 3, 4000)]), labels, numpy.ones(4000))
    assert found.weights[1] == 0 and found.weights[0] > 0.5


def test_separable_logits_give_finite_weights():
    logits = numpy.concatenate([numpy.full((50, 1), -9.0), numpy.full((50, 1), 9.0)])
    found = fit_logistic(logits, numpy.repeat([0, 1], 50), numpy.ones(100))
    assert math.isfinite(found.weights[0]) and found.weights[0] > 0


def test_both_labels_and_small_corpora_count():
    labels = numpy.array([0] * 100 + [0] * 4 + [1] * 25)
    weights = corpus_weights(["big"] * 100 + ["small"] * 4 + ["ai"] * 25, labels)
    assert weights.sum() == pytest.approx(len(labels))
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())
    assert weights[:100].sum() / weights[100:104].sum() == pytest.approx(5)


def test_a_corpus_of_machine_texts_alone_may_count_less_and_one_of_people_alone_does_not():
    corpora, labels = ["both"] * 50 + ["machines"] * 25 + ["people"] * 25, numpy.array([0] * 25 + [1] * 50 + [0] * 25)
    weights = corpus_weights(corpora, labels, machines_alone=0.1)
    assert weights[50:75].sum() / weights[25:50].sum() == pytest.approx(0.1)
    assert weights[75:].sum() / weights[:25].sum() == pytest.approx(1)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())


def test_probability_does_not_overflow():
    extreme = Stacking(0.0, (1.0,)).probability(numpy.array([[-2000.0], [0.0], [2000.0]]))
    assert list(extreme) == [0.0, 0.5, 1.0]


def test_shares_are_tenths_that_sum_to_one_and_no_model_is_without():
    assert [list(shares) for shares in all_shares(1)] == [[1.0]]
    assert len(all_shares(3)) == 36
    assert all(shares.sum() == pytest.approx(1) and shares.min() >= 0.1 for shares in all_shares(3))


def group(strengths, count=4000, seed=11):
    """(logits, labels) of models of these strengths whose errors have nothing in common."""
    chance = numpy.random.default_rng(seed)
    labels = numpy.arange(count) % 2
    return chance.normal((2 * labels - 1)[:, None] * numpy.array(strengths), 1.0), labels


def test_models_that_are_equally_good_get_about_equal_shares():
    assert best_shares([group((1.0, 1.0))]) == pytest.approx([0.5, 0.5], abs=0.11)


def test_each_kind_of_texts_has_a_say_however_few_they_are():
    known, strange = group((1.5, 0.3)), group((0.0, 1.0), count=800, seed=12)
    assert best_shares([known])[0] > 0.7
    assert best_shares([strange])[1] > 0.6
    assert best_shares([group((0.0, 1.0), count=20_000, seed=12)])[1] > 0.8  # known better, it is told from the most even
    assert 0.2 < best_shares([known, strange])[1] < 0.9


def test_four_times_as_many_texts_halve_the_standard_error_of_what_is_found():
    few, many = (standard_error([group((1.0, 0.5), count=count)], numpy.array([0.5, 0.5])) for count in (1000, 4000))
    assert many == pytest.approx(few / 2, rel=0.25)


def test_of_shares_that_differ_by_chance_the_most_even_are_taken():
    logits, labels = group((1.0,))
    assert list(best_shares([(numpy.column_stack([logits, logits]), labels)])) == [0.5, 0.5]
