"""An essay in, a verdict out: what `POST /v1/analyze` answers, over both transports."""

import json
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from essays import CANARY, MARKED_UP, PERSONAL, POLISHED, long_essay
from gateway_process import ROOT, Gateway, StartGateway
from triton_process import TritonURLs
from wire import JSON

SCORERS = ["bert_bilstm", "bert_classifier", "ngram_classifier", "ebm"]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


@pytest.fixture(scope="module")
def answer(gateway: Gateway) -> dict:
    reply = gateway.analyze(PERSONAL)
    assert reply.status == 200, reply.body
    return reply.json


@pytest.fixture(scope="module")
def catalog(gateway: Gateway) -> dict:
    return gateway.get("/v1/models").json


def ensemble_of(catalog: dict, names: list[str]) -> dict:
    return next(ensemble for ensemble in catalog["ensembles"] if set(ensemble["models"]) == set(names))


# --- transports -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [PERSONAL, POLISHED, MARKED_UP, long_essay(20)], ids=["personal", "polished", "marked", "long"])
def test_http_and_grpc_give_equal_logits(triton: TritonURLs, start_gateway: StartGateway, text: str) -> None:
    answers = []
    for url in (triton.http_url, triton.grpc_url):
        gateway = start_gateway(url)
        gateway.wait_until("ready")
        reply = gateway.analyze(text)
        assert reply.status == 200, reply.body
        answers.append(reply.json)
    over_http, over_grpc = answers
    assert [model["logit"] for model in over_http["models"]] == [model["logit"] for model in over_grpc["models"]]
    for field in ("verdict", "probability_ai", "passages", "features", "explanation", "hygiene", "words", "tokens"):
        assert over_http[field] == over_grpc[field], field


def test_the_transport_can_be_named_by_the_environment(triton: TritonURLs, tmp_path) -> None:
    """`TRITON_URL`, not `--triton`: how containers are configured."""
    gateway = Gateway(tmp_path / "gateway.log", [], {"TRITON_URL": triton.grpc_url})
    try:
        gateway.wait_until_live().wait_until("ready")
        assert gateway.analyze(PERSONAL).status == 200
        gateway.close()
    finally:
        gateway.process.kill()


# --- the fields -------------------------------------------------------------------------------------------------------


def test_the_reply_has_the_fields_that_clients_rely_on(answer: dict) -> None:
    types = {
        "verdict": str, "probability_ai": float, "models": list, "degraded": bool, "passages": list, "features": dict,
        "explanation": dict, "hygiene": dict, "timings": dict, "request_id": str,
    }  # fmt: skip
    for field, kind in types.items():
        assert isinstance(answer[field], kind), field
    assert answer["verdict"] in ("human", "ai", "uncertain")
    assert answer["degraded"] is False and answer["missing_models"] == []
    assert all(isinstance(value, int) and value >= 0 for value in answer["hygiene"].values())
    assert all(value >= 0 for value in answer["timings"].values())
    stages = {"clean", "segment", "tokenize", "features", "first_wave", "second_wave", "ensemble", "explain", "total"}
    assert set(answer["timings"]) == stages
    assert answer["timings"]["total"] >= answer["timings"]["first_wave"] + answer["timings"]["second_wave"]


def test_every_model_that_is_stacked_has_its_say(answer: dict) -> None:
    assert [model["name"] for model in answer["models"]] == SCORERS
    for model in answer["models"]:
        assert model["version"] == "1"
        assert math.isfinite(model["logit"]) and model["milliseconds"] > 0
        assert model["probability_ai"] == pytest.approx(sigmoid(model["logit"]), abs=1e-12)


@pytest.mark.parametrize("text", [PERSONAL, POLISHED, MARKED_UP], ids=["personal", "polished", "marked"])
def test_the_probability_is_the_ensembles_and_the_verdict_follows_from_it(
    gateway: Gateway, catalog: dict, text: str
) -> None:
    answer = gateway.analyze(text).json
    ensemble = ensemble_of(catalog, SCORERS)
    weights = dict(zip(ensemble["models"], ensemble["weights"], strict=True))
    assert {model["name"]: model["weight"] for model in answer["models"]} == weights
    total = ensemble["intercept"] + sum(model["weight"] * model["logit"] for model in answer["models"])
    assert answer["probability_ai"] == pytest.approx(sigmoid(total), abs=1e-12)

    assert answer["thresholds"] == ensemble["thresholds"]
    human, ai = ensemble["thresholds"]["human"], ensemble["thresholds"]["ai"]
    by_probability = (
        "ai" if answer["probability_ai"] >= ai else "human" if answer["probability_ai"] <= human else "uncertain"
    )
    reasons = [reason["code"] for reason in answer["reasons"]]
    if answer["verdict"] == "uncertain":
        assert reasons and all(reason["message"] for reason in answer["reasons"])
        assert reasons != ["between_thresholds"] or by_probability == "uncertain"
    else:
        assert answer["verdict"] == by_probability and reasons == []


def test_an_essay_of_stock_phrases_scores_higher_than_a_personal_one(gateway: Gateway) -> None:
    """The models learned something: a stub that answers a constant would pass every other test here."""
    polished, personal = gateway.analyze(POLISHED).json, gateway.analyze(PERSONAL).json
    assert polished["probability_ai"] > personal["probability_ai"] + 0.2


def test_the_false_positive_rate_is_counted_on_held_out_essays(answer: dict, catalog: dict) -> None:
    held_out = ensemble_of(catalog, SCORERS)["held_out"]
    told = answer["false_positives"]
    assert told["humans_held_out"] == held_out["humans"] >= 100
    assert 0 <= told["humans_scoring_this_high"] <= told["humans_held_out"]
    assert told["rate"] == pytest.approx(told["humans_scoring_this_high"] / told["humans_held_out"])
    at_threshold = held_out["humans_at_or_above_ai_threshold"] / held_out["humans"]
    assert told["rate_at_ai_threshold"] == pytest.approx(at_threshold)
    assert told["rate_at_ai_threshold_upper_95"] == held_out["false_positive_rate_upper_95"] >= at_threshold


def test_every_ensemble_is_fitted_and_accuses_at_most_one_human_in_a_hundred(catalog: dict) -> None:
    """Each subset of the four scorers has a fit of its own, so that a missing model never means a guess."""
    sets = {frozenset(ensemble["models"]) for ensemble in catalog["ensembles"]}
    assert len(sets) == len(catalog["ensembles"]) == 15
    for ensemble in catalog["ensembles"]:
        held_out = ensemble["held_out"]
        assert held_out["humans_at_or_above_ai_threshold"] <= 0.01 * held_out["humans"], ensemble["models"]
        assert 0 < ensemble["thresholds"]["human"] < ensemble["thresholds"]["ai"] < 1


def test_the_features_are_the_schemas(answer: dict, catalog: dict) -> None:
    assert set(answer["features"]) == set(catalog["features"])
    assert answer["feature_schema_hash"] == catalog["feature_schema_hash"]
    assert all(math.isfinite(value) for value in answer["features"].values())
    for name in ("flesch_kincaid_grade", "gunning_fog", "coleman_liau_index", "smog_index", "dale_chall"):
        assert 0 < answer["features"][name] < 30, name
    assert answer["features"]["num_sentences"] == 15


def test_the_explanation_shows_the_strongest_terms_of_the_ebm(answer: dict, catalog: dict) -> None:
    explanation = answer["explanation"]
    assert explanation["summary"]
    ebm = next(model for model in answer["models"] if model["name"] == "ebm")
    assert explanation["logit"] == ebm["logit"]
    contributions = [term["contribution"] for term in explanation["terms"]]
    assert contributions == sorted(contributions, key=abs, reverse=True) and len(contributions) == 8
    # What is not shown is no stronger than the weakest shown, so the sum cannot be further off than that.
    outputs = next(model for model in catalog["models"] if model["name"] == "ebm")["outputs"]
    term_count = next(output for output in outputs if output["name"] == "scores")["shape"][-1]
    rest = explanation["logit"] - explanation["intercept"] - sum(contributions)
    assert abs(rest) <= (term_count - len(contributions)) * abs(contributions[-1]) + 1e-4
    for term in explanation["terms"]:
        assert term["sentence"] and {feature["name"] for feature in term["features"]} <= set(answer["features"])
        for feature in term["features"]:
            assert feature["value"] == answer["features"][feature["name"]]
            assert 0 <= feature["human_percentile"] <= 100 and 0 <= feature["ai_percentile"] <= 100
            assert math.isfinite(feature["human_median"]) and math.isfinite(feature["ai_median"])


# --- other routes -----------------------------------------------------------------------------------------------------


def test_the_models_route_tells_names_versions_shapes_and_the_schema(catalog: dict) -> None:
    models = {model["name"]: model for model in catalog["models"]}
    assert set(models) == {*SCORERS, "sentence_encoder"}
    for model in models.values():
        assert model["ready"] is True and model["versions"] == ["1"] and model["fit_id"]
    second = dict.fromkeys(SCORERS[:3], "attention_mask") | {"sentence_encoder": "sentence_lengths"}
    for name, other in second.items():
        inputs = [(tensor["name"], tensor["datatype"], tensor["shape"]) for tensor in models[name]["inputs"]]
        assert inputs == [("input_ids", "INT64", [-1, -1]), (other, "INT64", [-1, -1])]
    assert models["ebm"]["inputs"] == [
        {"name": "features", "datatype": "FP64", "shape": [-1, len(catalog["features"])]}
    ]
    assert len(catalog["feature_schema_hash"]) == 16 and int(catalog["feature_schema_hash"], 16) >= 0


def test_the_original_systems_route_answers_its_clients(gateway: Gateway, answer: dict) -> None:
    # Their requests carry fields that the new route would refuse.
    body = json.dumps({"text": PERSONAL, "model": "bert", "user": 7}).encode()
    reply = gateway.post(body, path="/serve/bert_infer_demo")
    assert reply.status == 200
    assert reply.json == {
        "bert_predictions": [1 if answer["probability_ai"] >= 0.5 else 0],
        "features": answer["features"],
    }


def test_health_is_told(gateway: Gateway) -> None:
    assert gateway.get("/health/live").json == {"status": "live"}
    ready = gateway.get("/health/ready")
    assert ready.status == 200 and ready.json["status"] == "ready"
    assert {model["name"]: model["status"] for model in ready.json["models"]} == dict.fromkeys(
        [*SCORERS, "sentence_encoder"], "ready"
    )


def test_the_request_that_the_readme_prints_works(gateway: Gateway) -> None:
    reply = gateway.post((ROOT / "examples" / "request.json").read_bytes())
    assert reply.status == 200 and reply.json["verdict"] in ("human", "ai", "uncertain")


# --- around a request -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["a", "essay-7.draft_2", "A" * 64])
def test_a_harmless_request_id_is_kept(gateway: Gateway, given: str) -> None:
    reply = gateway.analyze(PERSONAL, {"X-Request-Id": given})
    assert reply.headers["x-request-id"] == reply.json["request_id"] == given


@pytest.mark.parametrize("given", ["", "A" * 65, "two words", "a/b", 'a"b', "\u00e9", "{jndi}", "a\tb"])
def test_any_other_request_id_is_replaced(gateway: Gateway, given: str) -> None:
    reply = gateway.post(b"{}", JSON | {"X-Request-Id": given})
    made = reply.headers["x-request-id"]
    assert made == reply.json["error"]["request_id"] != given
    assert len(made) == 16 and int(made, 16) >= 0


def test_replies_are_not_cached_and_do_not_say_what_made_them(gateway: Gateway) -> None:
    for reply in (gateway.analyze(PERSONAL), gateway.post(b""), gateway.get("/health/ready"), gateway.get("/nowhere")):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-type"].startswith("application/json")
        assert "server" not in reply.headers


def test_essays_that_are_analysed_at_the_same_time_do_not_mix(gateway: Gateway) -> None:
    texts = [PERSONAL, POLISHED, MARKED_UP, long_essay(3), long_essay(5)]
    alone = [gateway.analyze(text).json for text in texts]
    with ThreadPoolExecutor(10) as pool:
        together = [reply.json for reply in pool.map(gateway.analyze, texts * 2)]
    for expected, found in zip(alone * 2, together, strict=True):
        for field in ("words", "tokens", "hygiene"):
            assert found[field] == expected[field]
        for name, value in expected["features"].items():
            # Triton batches sentences of several essays; a larger matrix product rounds otherwise in the last bits.
            is_exact = not name.startswith("semantic_flow_")
            assert found["features"][name] == (value if is_exact else pytest.approx(value, abs=1e-6)), name


def test_no_essay_text_is_logged_however_much_is_logged(triton: TritonURLs, start_gateway: StartGateway) -> None:
    """`Gateway.close` looks for the canary in the log; here it is put everywhere that a log line could take it from."""
    gateway = start_gateway(triton.http_url, {"LOG_LEVEL": "trace", "LOG_FORMAT": "json"})
    gateway.wait_until("ready")
    assert gateway.analyze(f"{PERSONAL} {CANARY}.").status == 200
    key = json.dumps({"text": PERSONAL, CANARY: 1}).encode()
    assert gateway.post(key).status == 422
    assert gateway.post(key, path="/serve/bert_infer_demo").status == 200
    assert gateway.post(f'{{"text": "{CANARY}'.encode()).status == 400
    assert gateway.post(CANARY.encode()).status == 400
    assert gateway.post(b"{}", JSON | {"X-Request-Id": CANARY}).status == 422
    assert gateway.post(b"{}", {"Content-Type": CANARY}).status == 415
    lines = [json.loads(line) for line in gateway.log_text().splitlines()]
    assert len([line for line in lines if line["message"] == "request"]) >= 7
