"""The committed shapes against the committed EBM, and the reading of its file."""

import json

import numpy
import onnxruntime
import pytest

from training import global_explanation
from training.fit_ensemble import configured
from training.global_explanation import SHAPES, contributions, read_features, rounded_edges, simplified
from training.places import MODEL_REPOSITORY

NAMES = configured("ebm", "feature_names").split(",")


@pytest.fixture(scope="module")
def committed() -> dict:
    return json.loads(SHAPES.read_text())


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    model = MODEL_REPOSITORY / "ebm" / "1" / "model.onnx"
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def between_edges(explanation: dict, count: int) -> numpy.ndarray:
    """Values [count, features] in the bins' middles and beyond their ends: nowhere near an edge."""
    chance = numpy.random.default_rng(5)
    edges = {name: [] for name in NAMES}
    for term in explanation["terms"]:
        for name, own in zip(term["features"], term["edges"], strict=True):
            edges[name] += own
    columns = []
    for name in NAMES:
        own = numpy.unique(edges[name] or [0.0])
        own = own[numpy.concatenate([[True], numpy.diff(own) > 1e-3 * numpy.abs(own[1:])])]
        columns.append(chance.choice(numpy.concatenate([[own[0] - 1], (own[1:] + own[:-1]) / 2, [own[-1] + 1]]), count))
    return numpy.stack(columns, axis=1)


def test_the_shapes_are_those_of_the_model_that_is_served(committed: dict, session) -> None:
    assert committed["fit_id"] == configured("ebm", "fit_id")
    assert [term["name"] for term in committed["terms"]] == json.loads(configured("ebm", "term_names"))
    values = between_edges(committed, 500)
    logit, scores = session.run(["logit", "scores"], {"features": values})
    found = contributions(committed, NAMES, values)
    assert numpy.abs(scores).max() > 0.5
    assert numpy.abs(found - scores).max() < 1e-4
    assert numpy.abs(found.sum(axis=1) + committed["intercept"] - logit[:, 0]).max() < 5e-3


def test_made_anew_they_are_what_is_committed_but_for_the_importances(committed: dict) -> None:
    values = between_edges(committed, 50)
    again = global_explanation.global_explanation(MODEL_REPOSITORY, values)
    assert again["texts"] == 50
    expected = numpy.abs(contributions(again, NAMES, values)).mean(axis=0)
    assert [term["importance"] for term in again["terms"]] == pytest.approx(expected, abs=1e-4)
    for explanation in (again, committed):
        for term in explanation["terms"]:
            del term["importance"]
    assert again["terms"] == committed["terms"] and again["intercept"] == committed["intercept"]


def test_bins_that_score_alike_become_one() -> None:
    edges, scores = simplified([numpy.array([1.0, 2.0, 3.0])], numpy.array([0.5, 0.50000001, -0.000001, 0.2]))
    assert edges[0].tolist() == [2, 3] and scores.tolist() == [0.5, 0, 0.2]
    table = numpy.array([[1.0, 1.0, 2.0], [1.0, 1.0, 3.0], [1.0, 1.0, 3.0]])
    (rows, columns), scores = simplified([numpy.array([10.0, 20.0]), numpy.array([5.0, 6.0])], table)
    assert rows.tolist() == [10] and columns.tolist() == [6] and scores.tolist() == [[1, 2], [1, 3]]


def test_edges_are_shortened_as_far_as_they_stay_apart() -> None:
    assert rounded_edges(numpy.array([0.123456789, 0.2])).tolist() == [0.123457, 0.2]
    assert rounded_edges(numpy.array([0.12345671, 0.12345678])).tolist() == [0.12345671, 0.12345678]
    assert rounded_edges(numpy.array([])).tolist() == []


def test_features_are_read_from_what_the_gateway_writes(tmp_path) -> None:
    path = tmp_path / "features.jsonl"
    path.write_text('{"id":"1","features":{"a":1,"b":2}}\n{"id":"2","error":"empty_text"}\n'
                    '{"key":"3","features":{"b":4,"a":3}}\n{"key":"4","features":{"a":5')
    assert read_features(path, ["a", "b"]).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="no line of .* has all of the EBM's 1 features"):
        read_features(path, ["c"])


def test_a_configuration_of_another_fit_is_refused(tmp_path) -> None:
    folder = tmp_path / "ebm"
    (folder / "1").mkdir(parents=True)
    (folder / "config.pbtxt").write_bytes((MODEL_REPOSITORY / "ebm" / "config.pbtxt").read_bytes())
    (folder / "1" / "model.onnx").write_bytes(b"another")
    with pytest.raises(ValueError, match="the model beside it is of"):
        global_explanation.global_explanation(tmp_path, numpy.zeros((1, len(NAMES))))
