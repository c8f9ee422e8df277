"""The lines that the EBM is boosted from, without boosting: `train-ebm` itself compares the whole with interpret."""

from types import SimpleNamespace

import numpy
import pytest

from training.ebm_fit import Lines


@pytest.fixture(scope="module")
def fitted():
    """The first feature tells the label, the second tells nothing, the third is always 0 and has no cuts."""
    chance = numpy.random.default_rng(8)
    labels = numpy.arange(2000) % 2
    values = numpy.column_stack([
        numpy.exp(chance.normal(labels * 1.5, 1.0)), chance.normal(0, 1, 2000), numpy.zeros(2000)])
    cuts = [numpy.quantile(values[:, 0], [0.25, 0.5, 0.75]), numpy.quantile(values[:, 1], [0.2, 0.9]), numpy.array([])]
    return Lines.fitted(cuts, values, labels, numpy.ones(2000), ["corpus"] * 2000, ridge=33.0, strength=10.0), values, labels


def test_a_feature_rises_with_its_rank_by_equal_steps_for_equal_shares(fitted):
    lines, _, _ = fitted
    steps = numpy.diff(lines.heights[0])
    assert (steps > 0.3).all() and steps == pytest.approx(steps[0])


def test_steps_are_as_wide_as_the_bins_are_full(fitted):
    lines, _, _ = fitted
    first, second = numpy.diff(lines.heights[1])
    # From the middle of the lowest fifth to the middle of the next seven tenths, and from there to that of the last tenth.
    assert second / first == pytest.approx(0.4 / 0.45)


def test_what_tells_nothing_has_no_slope(fitted):
    lines, _, _ = fitted
    assert numpy.ptp(lines.heights[1]) < 0.2 * numpy.ptp(lines.heights[0])
    assert list(lines.heights[2]) == [0.0]


def test_a_value_on_a_cut_belongs_to_the_bin_above(fitted):
    lines, values, _ = fitted
    row = values[:1].copy()
    row[0, 0] = lines.cuts[0][1]
    below = row.copy()
    below[0, 0] = numpy.nextafter(row[0, 0], 0)
    assert lines.logits(row)[0] - lines.logits(below)[0] == pytest.approx(lines.heights[0][2] - lines.heights[0][1])


def test_a_stronger_ridge_makes_the_lines_flatter(fitted):
    lines, values, labels = fitted
    flat = Lines.fitted(lines.cuts, values, labels, numpy.ones(len(labels)), ["corpus"] * len(labels),
                        ridge=3300.0, strength=10.0)
    assert 0 < numpy.ptp(flat.heights[0]) < 0.5 * numpy.ptp(lines.heights[0])


def test_a_boosted_model_answers_with_the_lines_in_its_shapes(fitted):
    """Missing and unknown values, and pairs, keep what they had."""
    lines, values, _ = fitted
    sizes = [len(cuts) + 3 for cuts in lines.cuts]
    chance = numpy.random.default_rng(9)
    scores = [chance.normal(0, 1, size) for size in sizes] + [chance.normal(0, 1, (6, 5))]
    model = SimpleNamespace(
        term_features_=[(0,), (1,), (2,), (0, 1)], term_scores_=[score.copy() for score in scores],
        bagged_scores_=[numpy.stack([score, score]) for score in scores], intercept_=numpy.array([0.25]),
        bagged_intercept_=numpy.array([0.2, 0.3]))
    lines.add_to(model)
    assert (model.term_scores_[3] == scores[3]).all()
    assert all(after[0] == before[0] and after[-1] == before[-1] for after, before in zip(model.term_scores_[:3], scores))
    bins = [numpy.searchsorted(cuts, column, side="right") + 1 for cuts, column in zip(lines.cuts, values.T)]
    answered = model.intercept_[0] + sum(score[places] for score, places in zip(model.term_scores_, bins))
    boosted = 0.25 + sum(score[places] for score, places in zip(scores, bins))
    assert answered == pytest.approx(boosted + lines.logits(values))
    assert model.bagged_scores_[0].mean(axis=0) == pytest.approx(model.term_scores_[0])
    assert model.bagged_intercept_ - numpy.array([0.2, 0.3]) == pytest.approx(lines.intercept)
