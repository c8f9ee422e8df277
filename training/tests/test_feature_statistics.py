"""Against scipy, hand-made figures and published examples."""

import math

import numpy
import pytest
from scipy import stats

from training import feature_statistics
from training.feature_statistics import (
    RECORDS_FOR_EFFECTS, TESTS, Contrast, Texts, benjamini_hochberg, cohens_d, corrected, deviation_of_d, direction,
    feature_statistics as statistics_of, glass_delta, holm, kruskal, mann_whitney, reading, size_of, strongest, welch)


def study(effects: dict[tuple[str, str], float], each: int = 80, seed: int = 1):
    """Texts with normal values whose mean is given by (source, label): (values, Texts)."""
    chance = numpy.random.default_rng(seed)
    keys = [key for key in effects for _ in range(each)]
    values = numpy.array([chance.normal(effects[key], 1) for key in keys])
    return values, Texts(numpy.array([int(label == "ai") for _, label in keys]), [source for source, _ in keys])


def measured(effects, **how):
    values, texts = study(effects, **how)
    return corrected([statistics_of("x", "f", values, texts)])[0]


PLAIN = {("ellipse", "human"): 0, ("comnets", "human"): 0, ("ndhal", "ai"): 1, ("comnets", "ai"): 1}


def test_effects_of_a_hand_made_example():
    human, ai = numpy.array([1.0, 2, 3, 4, 5]), numpy.array([3.0, 5, 7])
    # Means 3 and 5; variances 2.5 and 4; pooled (4 · 2.5 + 2 · 4) / 6 = 3.
    assert cohens_d(human, ai) == pytest.approx(2 / math.sqrt(3))
    assert glass_delta(human, ai) == pytest.approx(2 / math.sqrt(2.5))
    assert cohens_d(ai, human) == pytest.approx(-2 / math.sqrt(3))
    # Of 15 pairs AI is higher in 2 (3 over 1, 2) + 4 (5) + 5 (7), and equal in 2: 12.
    area, _ = mann_whitney(human, ai)
    assert area == pytest.approx(12 / 15)


def test_tests_are_scipys():
    chance = numpy.random.default_rng(7)
    human, ai = chance.normal(0, 1, 60), chance.normal(0.4, 2, 45).round(1)
    assert welch(human, ai) == pytest.approx(stats.ttest_ind(human, ai, equal_var=False).pvalue)
    area, p = mann_whitney(human, ai)
    assert p == pytest.approx(stats.mannwhitneyu(human, ai, method="asymptotic").pvalue)
    assert area == pytest.approx((ai[:, None] > human).mean() + (ai[:, None] == human).mean() / 2)
    groups = [human[:20], human[20:], ai]
    effect, p = kruskal(groups)
    expected = stats.kruskal(*groups)
    assert p == pytest.approx(expected.pvalue) and effect == pytest.approx(expected.statistic / 104)


def test_kruskal_of_two_groups_is_mann_whitney_without_continuity_correction():
    chance = numpy.random.default_rng(8)
    human, ai = chance.normal(0, 1, 50), chance.normal(0.3, 1, 50)
    expected = stats.mannwhitneyu(human, ai, method="asymptotic", use_continuity=False).pvalue
    assert kruskal([human, ai])[1] == pytest.approx(expected)


def test_corrections_of_a_known_example():
    """R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") and "BH"."""
    values = [0.01, 0.04, 0.03, 0.005]
    assert holm(values) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(values) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm([0.6, 0.7]) == [1, 1] and holm([]) == [] and benjamini_hochberg([]) == []


def test_benjamini_and_hochbergs_own_example():
    """Their paper of 1995, section 4.1: at 5 % four of fifteen are found, after Bonferroni's or Holm's three."""
    values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
              0.7590, 1.0]
    assert sum(p < 0.05 for p in benjamini_hochberg(values)) == 4
    assert sum(p < 0.05 for p in holm(values)) == 3


def test_corrections_never_lower_a_p_and_keep_the_order():
    values = numpy.random.default_rng(3).uniform(0, 0.2, 200)
    family_wise, discovery = holm(values), benjamini_hochberg(values)
    assert all(p <= b + 1e-12 and b <= h + 1e-12 for p, b, h in zip(values, discovery, family_wise))
    order = numpy.argsort(values)
    assert numpy.all(numpy.diff(numpy.array(family_wise)[order]) >= 0)


def test_a_constant_feature_has_defined_values_and_is_not_corrected_for():
    values, texts = study(PLAIN)
    features = corrected([
        statistics_of("constant", "f", numpy.full(len(values), 3.0), texts), statistics_of("x", "f", values, texts)])
    constant, other = features
    assert constant.constant and reading(constant, 10) == reading(constant, 10_000) == "constant"
    assert direction(constant) == ""
    assert (constant.cohens_d, constant.glass_delta, constant.area, constant.source_effect) == (0, 0, 0.5, 0)
    assert all(entry[test] == 1 for entry in (constant.p, constant.holm, constant.benjamini_hochberg) for test in TESTS)
    assert other.holm == pytest.approx(other.p)
    assert strongest(features, 10, 5) == [other]


def test_where_nothing_spreads_a_difference_is_infinite():
    human, ai = numpy.full(5, 1.0), numpy.full(6, 2.0)
    assert cohens_d(human, ai) == glass_delta(human, ai) == math.inf and cohens_d(ai, human) == -math.inf
    assert welch(human, ai) == 0 and welch(human, human) == 1
    varied = numpy.array([1.0, 2, 3])
    assert glass_delta(human, varied) == math.inf and math.isfinite(cohens_d(human, varied))
    assert 0 < welch(human, varied) < 1
    assert deviation_of_d(math.inf, 5, 6) == 0


def test_nothing_is_nan_even_for_rare_values():
    values, texts = study(PLAIN)
    rare = numpy.zeros(len(values))
    rare[-1] = 1
    (found,) = corrected([statistics_of("rare", "f", rare, texts)])
    numbers = [found.cohens_d, found.glass_delta, found.area, found.source_effect, *found.p.values(),
               *found.holm.values(), *(entry.d for entry in (*found.sources, *found.corpora))]
    assert not any(math.isnan(value) for value in numbers)
    assert found.glass_delta == math.inf


def test_values_that_are_not_finite_are_refused():
    values, texts = study(PLAIN)
    values[4] = math.nan
    with pytest.raises(ValueError, match="x is not finite in 1 texts"):
        statistics_of("x", "f", values, texts)


def test_one_label_is_refused():
    with pytest.raises(ValueError, match="each label"):
        Texts(numpy.array([1, 1, 0]), ["a", "a", "b"])


def test_a_direction_that_all_sources_share_is_stable():
    found = measured(PLAIN)
    assert direction(found) == "stable" and found.agreeing == len(found.sources) == 4
    assert [entry.name for entry in found.corpora] == ["comnets"] and not found.opposing


def test_a_direction_that_turns_within_a_corpus_is_an_artefact():
    found = measured({("ellipse", "human"): -2, ("comnets", "human"): 1, ("ndhal", "ai"): 2, ("comnets", "ai"): 0})
    assert found.cohens_d > 0.5 and direction(found) == "artefact"
    assert ("comnets", "both") in [(entry.name, entry.label) for entry in found.opposing]


def test_a_direction_that_one_source_of_many_turns_is_mixed():
    found = measured({("a", "human"): 0, ("b", "human"): 0, ("c", "human"): 3, ("d", "ai"): 2, ("e", "ai"): 2,
                      ("f", "ai"): 2.2})
    assert [entry.name for entry in found.opposing] == ["c"] and found.agreeing == 5
    assert direction(found) == "mixed"


def test_a_direction_that_many_sources_turn_is_an_artefact():
    found = measured({("a", "human"): -4, ("b", "human"): 2, ("c", "ai"): 0.5})
    assert not found.corpora and direction(found) == "artefact"


def test_an_effect_that_is_no_effect_has_no_direction():
    assert direction(measured({key: 0 for key in PLAIN})) == ""


def test_small_or_uncertain_turns_do_not_count():
    assert not Contrast("a", "human", 50, -0.19, 0.01).opposes(0.5)
    assert not Contrast("a", "human", 50, -0.3, 0.2).opposes(0.5)
    assert Contrast("a", "human", 50, -0.3, 0.1).opposes(0.5)
    assert not Contrast("a", "human", 50, 0.3, 0.1).opposes(0.5)


def test_sources_too_small_to_judge_are_left_out():
    found = measured(PLAIN, each=feature_statistics.SMALLEST_SOURCE - 1)
    assert not found.corpora
    assert found.sources == ()


def test_under_five_thousand_records_p_values_are_read_and_effects_from_there_on():
    chance = numpy.random.default_rng(11)
    _, texts = study(PLAIN)
    slight = measured({("a", "human"): 0, ("b", "ai"): 0.07}, each=2000)
    assert RECORDS_FOR_EFFECTS == 5000
    assert slight.holm["mann_whitney"] < 0.05 and abs(slight.cohens_d) < 0.2
    assert reading(slight, 4999) == "differs" and reading(slight, 5000) == "negligible"
    assert strongest([slight], 4999, 3) == strongest([slight], 5000, 3) == [slight]
    nothing = corrected([statistics_of("n", "f", chance.normal(0, 1, texts.records), texts)])[0]
    assert reading(nothing, 4999) == "no evidence" and strongest([nothing], 4999, 3) == []


def test_sizes():
    assert [size_of(d) for d in (0.1, -0.2, 0.5, -0.79, -0.8, math.inf)] == [
        "negligible", "small", "medium", "medium", "large", "large"]
