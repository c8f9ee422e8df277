"""The n-grams of ngram_classifier: found, chosen, fitted, and the same in the graph that is served."""

import numpy
import onnxruntime
import pytest

from training.ngram_graph import ngram_classifier_graph
from training.ngrams import (
    BUCKETS, VOCABULARY, NgramLine, Ngrams, column_count, columns, presence, widespread)

CLS, SEP = 101, 102
KINDS = numpy.arange(VOCABULARY) % 100
"""A made-up kind for every id."""


def rows_of(*texts: list[int]) -> tuple[numpy.ndarray, numpy.ndarray]:
    rows = [[CLS, *text, SEP] for text in texts]
    return numpy.concatenate(rows), numpy.cumsum([0, *map(len, rows)])


def ngrams_of(*texts: list[int]) -> Ngrams:
    return Ngrams.of(*rows_of(*texts), KINDS)


def column(*ids: int) -> int:
    return int(columns(numpy.array(ids), len(ids))[0])


def test_a_row_has_each_of_its_ngrams_once_and_none_that_cross_its_ends():
    found = presence(*rows_of([7, 8, 7, 8], [9]), 3)
    expected = {column(7), column(8), column(7, 8), column(8, 7), column(7, 8, 7), column(8, 7, 8)}
    assert set(found[0].indices) == expected
    assert set(found[1].indices) == {column(9)}
    assert (found.data == 1).all()


def test_ngrams_of_different_lengths_never_share_a_column():
    last = VOCABULARY - 1
    assert column(last) == last
    assert VOCABULARY <= column(last, last) < VOCABULARY + BUCKETS <= column(last, last, last) < column_count(3)
    assert column_count(3) <= column(*[last] * 4) < column_count(4)


def test_words_of_one_kind_are_the_same_ngrams_of_kinds_and_other_ngrams_of_pieces():
    found = ngrams_of([7, 8, 9, 10], [107, 208, 9, 110])
    assert (found.kinds[0] != found.kinds[1]).nnz == 0 and (found.pieces[0] != found.pieces[1]).nnz > 0
    assert set(found.kinds[0].indices) == {
        column(*run) for size in range(1, 5) for run in zip(*([7, 8, 9, 10][start:] for start in range(size)))}


def test_only_what_several_corpora_say_counts():
    ngrams = presence(*rows_of(*[[5, 6]] * 4, *[[5, 9]] * 8), 3)
    assert set(widespread(ngrams, ["one"] * 4 + ["two"] * 4 + ["three"] * 4)) == {column(5)}
    assert set(widespread(ngrams, ["one"] * 4 + ["two"] * 3 + ["three"] * 3 + ["four"] * 2)) == {
        column(5), column(9), column(5, 9)}


@pytest.fixture(scope="module")
def corpora():
    """Rows of four corpora. Token 1 means AI in all of them; token 2 is AI's in two and a human's in the other two."""
    chance = numpy.random.default_rng(5)
    texts, labels, domains = [], [], []
    for number in range(1200):
        label, domain = number % 2, number // 2 % 4
        text = list(chance.integers(10, 60, size=30))
        text[3] = 1 if chance.random() < (0.7 if label else 0.3) else 3
        text[9] = 2 if chance.random() < (0.9 if label == domain % 2 else 0.1) else 3
        texts.append(text)
        labels.append(label)
        domains.append(str(domain))
    return ngrams_of(*texts), numpy.array(labels), domains


def test_what_tells_everywhere_gets_the_slope_and_what_unknown_ngrams_say_is_nothing(corpora):
    ngrams, labels, domains = corpora
    line = NgramLine.fitted(ngrams, labels, numpy.ones(len(labels)), domains)
    for table in line.slopes:
        assert table[column(1)] > 5 * abs(table[column(2)])
    # Neither the other ids nor their kinds are known.
    strange = ngrams_of([1, 960, 970, 980], [1])
    assert line.logits(strange) == pytest.approx(
        [line.intercept + line.slopes[0][column(1)] + line.slopes[1][column(1)]] * 2, rel=1e-5)


def test_corpora_of_one_label_are_pulled_to_one_mean(corpora):
    ngrams, labels, domains = corpora
    apart = []
    for agreement in (0.0, 1000.0):
        logits = NgramLine.fitted(ngrams, labels, numpy.ones(len(labels)), domains, agreement=agreement).logits(ngrams)
        means = [logits[(labels == 0) & (numpy.array(domains) == domain)].mean() for domain in sorted(set(domains))]
        apart.append(numpy.ptp(means))
    assert apart[1] < apart[0] / 3


def test_the_served_graph_gives_what_was_fitted_whatever_stands_beside_a_row():
    chance = numpy.random.default_rng(12)
    texts = [list(chance.integers(0, VOCABULARY if number % 2 else 12, size=size))
             for number, size in enumerate((0, 1, 2, 3, 40, 41, 120, 254))]
    ids, starts = rows_of(*texts)
    ngrams = Ngrams.of(ids, starts, KINDS)
    tables = []
    for found in ngrams.readings():
        table = numpy.zeros(found.shape[1], numpy.float32)
        known = numpy.unique(found.indices)[::2]
        table[known] = chance.normal(size=len(known))
        tables.append(table)
    line = NgramLine(0.25, tuple(tables))
    expected = line.logits(ngrams)
    assert numpy.ptp(expected) > 1

    session = onnxruntime.InferenceSession(
        ngram_classifier_graph(line, KINDS).SerializeToString(), providers=["CPUExecutionProvider"])
    lengths = numpy.diff(starts)
    padded, mask = numpy.zeros((2, len(lengths), lengths.max() + 5), numpy.int64)
    for row, length in enumerate(lengths):
        padded[row, :length] = ids[starts[row] : starts[row + 1]]
        mask[row, :length] = 1
        alone = session.run(None, {"input_ids": padded[row : row + 1, :length], "attention_mask": mask[row : row + 1, :length]})
        assert alone[0][0] == pytest.approx([-expected[row] / 2, expected[row] / 2], abs=1e-5)
    together = session.run(None, {"input_ids": padded, "attention_mask": mask})[0]
    assert together[:, 1] - together[:, 0] == pytest.approx(expected, abs=1e-5)


def test_a_line_is_the_same_once_it_was_saved(tmp_path, corpora):
    ngrams, labels, domains = corpora
    line = NgramLine.fitted(ngrams, labels, numpy.ones(len(labels)), domains)
    line.save(tmp_path / "line.npz")
    assert (NgramLine.load(tmp_path / "line.npz").logits(ngrams) == line.logits(ngrams)).all()
