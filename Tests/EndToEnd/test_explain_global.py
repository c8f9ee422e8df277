"""`GET /v1/explain/global`: the shapes that the gateway shows are those of the EBM that answers."""

import re
from bisect import bisect_right
from urllib.parse import quote

import pytest
from essays import PERSONAL, POLISHED
from gateway_process import Gateway, StartGateway, eventually
from triton_process import Triton

ROUTE = "/v1/explain/global"


@pytest.fixture(scope="module")
def overview(gateway: Gateway) -> dict:
    reply = gateway.get(ROUTE)
    assert reply.status == 200, reply.body
    assert len(reply.body.decode()) < 100_000
    return reply.json


def test_every_term_is_listed_with_its_importance_for_the_ebm_that_is_served(gateway: Gateway, overview: dict) -> None:
    catalog = gateway.get("/v1/models").json
    (ebm,) = (model for model in catalog["models"] if model["name"] == "ebm")
    assert overview["fit_id"] == ebm["fit_id"]
    assert overview["feature_schema_hash"] == catalog["feature_schema_hash"]
    (scores,) = (output for output in ebm["outputs"] if output["name"] == "scores")
    assert len(overview["terms"]) == scores["shape"][-1]
    importances = [term["importance"] for term in overview["terms"]]
    assert importances == sorted(importances, reverse=True) and importances[0] > importances[-1] >= 0
    singles = [term["name"] for term in overview["terms"] if " & " not in term["name"]]
    assert [shape["name"] for shape in overview["shapes"]] == singles[: len(overview["shapes"])]


@pytest.mark.parametrize("text", [PERSONAL, POLISHED], ids=["personal", "polished"])
def test_an_essays_contributions_can_be_read_off_the_shapes(gateway: Gateway, overview: dict, text: str) -> None:
    answer = gateway.analyze(text).json
    assert answer["explanation"]["intercept"] == pytest.approx(overview["intercept"], abs=1e-6)
    assert answer["explanation"]["terms"]
    for term in answer["explanation"]["terms"]:
        shape = gateway.get(f"{ROUTE}?feature={quote(term['name'])}").json["term"]
        row = shape["scores"]
        bins = [bisect_right(feature["edges"], answer["features"][feature["name"]]) for feature in shape["features"]]
        score = row[0][bins[0]] if len(bins) == 1 else row[bins[0]][bins[1]]
        assert score == pytest.approx(term["contribution"], abs=1e-4), term["name"]


def test_a_pair_is_found_by_each_of_its_features(gateway: Gateway, overview: dict) -> None:
    pair = next(term["name"] for term in overview["terms"] if " & " in term["name"])
    for name in pair.split(" & "):
        reply = gateway.get(f"{ROUTE}?feature={name}")
        assert pair in [listed["name"] for listed in reply.json["pairs"]]
    shape = gateway.get(f"{ROUTE}?feature={quote(pair)}").json["term"]
    rows, columns = (len(feature["edges"]) + 1 for feature in shape["features"])
    assert len(shape["scores"]) == rows and {len(row) for row in shape["scores"]} == {columns}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("feature=no_such_thing", 404, "not_found"), ("term=comma_rate", 422, "unknown_field"),
     ("feature=%00", 404, "not_found"), ("feature=comma_rate&x=1", 422, "unknown_field")])
def test_what_there_is_not_is_refused(gateway: Gateway, query: str, status: int, code: str) -> None:
    reply = gateway.get(f"{ROUTE}?{query}")
    assert (reply.status, reply.json["error"]["code"]) == (status, code)
    assert "no_such_thing" not in reply.json["error"]["message"]


def test_beside_another_ebm_there_are_no_shapes(private_triton: Triton, start_gateway: StartGateway) -> None:
    def another_fit(text: str) -> str:
        return re.sub(r'(key: "fit_id" value: \{ string_value: ")', r"\g<1>0", text)

    gateway = start_gateway(private_triton.http_url, {"HEALTH_POLL_INTERVAL_MS": "200"})
    gateway.wait_until("ready")
    assert gateway.get(ROUTE).status == 200
    private_triton.replace("ebm", another_fit)
    eventually(lambda: gateway.get(ROUTE).status == 503, 20, "no shapes")
    assert "another EBM" in gateway.get(ROUTE).json["error"]["message"]
