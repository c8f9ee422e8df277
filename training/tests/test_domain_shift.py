"""Made-up corpora that differ in a direction of their own, and writers who differ in another."""

import numpy
import pytest

from training.classifier_fit import Line
from training.domain_shift import Damping
from training.metrics import area_under_roc


def corpora(seed: int, places: list[float], texts: int = 400):
    """Features of which the first tells the label, the second the corpus (at `places`), the third nothing."""
    chance = numpy.random.default_rng(seed)
    features = chance.normal(size=(texts * len(places), 3))
    labels = numpy.arange(len(features)) % 2
    domains = [f"corpus {place}" for place in places for _ in range(texts)]
    features[:, 0] += labels
    features[:, 1] += numpy.repeat(places, texts)
    return features, labels, domains


def test_what_tells_corpora_apart_is_damped_and_the_rest_is_not():
    features, labels, domains = corpora(1, [-2.0, 0.0, 2.0])
    damped = Damping.fitted(features, labels, domains, strength=10.0).of(features)
    assert damped[:, 1].std() < 0.4 * features[:, 1].std()
    assert damped[:, 0] == pytest.approx(features[:, 0], abs=0.6)
    assert numpy.corrcoef(damped[:, 2], features[:, 2])[0, 1] > 0.99


def test_the_map_is_symmetric_so_slopes_can_be_brought_back():
    features, labels, domains = corpora(2, [-1.0, 0.5, 2.0])
    damping = Damping.fitted(features, labels, domains, strength=10.0)
    slopes = numpy.array([[0.3, -2.0, 1.0]])
    assert damping.of(features) @ slopes[0] == pytest.approx(features @ damping.of(slopes)[0])


def test_without_strength_or_without_corpora_nothing_is_damped():
    features, labels, domains = corpora(3, [-1.0, 1.0])
    assert Damping.fitted(features, labels, domains, strength=0.0).of(features) == pytest.approx(features)
    assert Damping.fitted(features, labels, ["one"] * len(labels), strength=10.0).of(features) == pytest.approx(features)


def test_a_handful_of_texts_is_no_corpus():
    features, labels, domains = corpora(4, [0.0, 0.1])
    few = numpy.concatenate([features, numpy.full((10, 3), 50.0)])
    damping = Damping.fitted(few, numpy.append(labels, [0] * 10), domains + ["few"] * 10, strength=10.0)
    assert damping.factors.min() > 0.9


def test_a_source_that_lies_apart_is_no_longer_taken_for_a_machines():
    """In training, the corpora on one side have more AI texts; then humans of a corpus still further out come along."""
    features, labels, domains = corpora(5, [-1.0, 0.0, 1.0])
    chance = numpy.random.default_rng(6)
    kept = chance.random(len(labels)) < numpy.where((features[:, 1] > 0) == (labels == 1), 1.0, 0.3)
    features, labels, domains = features[kept], labels[kept], [d for d, own in zip(domains, kept) if own]
    strangers, stranger_labels, _ = corpora(7, [4.0])
    called = []
    for strength in (0.0, 10.0):
        line = Line.fitted(features, labels, numpy.ones(len(labels)), domains, ridge=300.0, strength=strength)
        threshold = numpy.quantile(line.logits(features)[labels == 0], 0.95)
        called.append((line.logits(strangers)[stranger_labels == 0] > threshold).mean())
        assert area_under_roc(line.logits(strangers), stranger_labels) > 0.65
    assert called[0] > 0.5 and called[1] < 0.6 * called[0]
