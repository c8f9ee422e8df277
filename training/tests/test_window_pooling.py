import numpy
import pytest

from training.window_pooling import Pooling, fit_pooling

ESSAY = numpy.array([0, 0, 1, 2, 2, 2])
TOKENS = numpy.array([100.0, 50, 30, 10, 10, 10])
LOGITS = numpy.array([2.0, -1, 3, -4, 1, 3])


def test_no_slope_and_no_gain_is_the_mean_over_the_tokens():
    assert Pooling(0, 0).essays(LOGITS, TOKENS, ESSAY, 4) == pytest.approx([1, 3, 0, 0])


def test_a_steep_slope_takes_the_highest_and_a_falling_one_the_lowest():
    assert Pooling(400, 0).essays(LOGITS, TOKENS, ESSAY, 3) == pytest.approx([2, 3, 3])
    assert Pooling(-400, 0).essays(LOGITS, TOKENS, ESSAY, 3) == pytest.approx([-1, 3, -4])


def test_windows_that_agree_count_for_more_with_a_gain():
    same = numpy.array([2.0, 2, 2, 2])
    assert Pooling(0.3, 0.5).essays(same, numpy.ones(4), numpy.zeros(4, int), 1) == pytest.approx([4])


def test_the_fit_finds_that_one_machine_written_window_gives_an_essay_away():
    """Half of the AI essays have a single window that looks like it among human ones."""
    chance = numpy.random.default_rng(3)
    labels = numpy.repeat([0, 1], 400)
    essay = numpy.repeat(numpy.arange(800), 4)
    logits = chance.normal(-3, 1, len(essay))
    logits[numpy.arange(1600, 3200, 4)] = chance.normal(4, 1, 400)
    fitted = fit_pooling(logits, numpy.ones(len(essay)), essay, labels, numpy.ones(800))
    assert fitted.slope >= 0.3
