"""Models that are missing, and models that are not the ones the gateway was built for."""

import math

import pytest
from conftest import StartGateway
from essays import PERSONAL
from gateway_process import Gateway, eventually
from triton_process import Triton

SCORERS = ("bert_bilstm", "bert_classifier", "ebm")


@pytest.fixture(params=["http", "grpc"])
def gateway_url(request: pytest.FixtureRequest, private_triton: Triton) -> str:
    return private_triton.http_url if request.param == "http" else private_triton.grpc_url


def problem_of(gateway: Gateway, model: str) -> dict:
    return next(entry for entry in gateway.readiness().json["models"] if entry["name"] == model)


def assert_answers_from(gateway: Gateway, answering: list[str], missing: list[str]) -> None:
    reply = gateway.analyze(PERSONAL)
    assert reply.status == 200, reply.body
    answer = reply.json
    assert answer["degraded"] is True
    assert [model["name"] for model in answer["models"]] == answering
    assert sorted(entry["name"] for entry in answer["missing_models"]) == sorted(missing)
    assert all(entry["reason"] for entry in answer["missing_models"])
    # The fit for exactly these models, not the whole one with a gap in it.
    ensembles = gateway.get("/v1/models").json["ensembles"]
    ensemble = next(entry for entry in ensembles if set(entry["models"]) == set(answering))
    weights = dict(zip(ensemble["models"], ensemble["weights"], strict=True))
    assert {model["name"]: model["weight"] for model in answer["models"]} == weights
    assert answer["thresholds"] == ensemble["thresholds"]
    total = ensemble["intercept"] + sum(weights[model["name"]] * model["logit"] for model in answer["models"])
    assert answer["probability_ai"] == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-12)


def test_a_missing_model_is_named_and_the_others_answer(
    private_triton: Triton, start_gateway: StartGateway, gateway_url: str
) -> None:
    gateway = start_gateway(gateway_url)
    whole = gateway.wait_until("ready") and gateway.analyze(PERSONAL).json
    private_triton.unload("bert_classifier")
    gateway.wait_until("degraded")
    assert gateway.readiness().status == 200
    state = problem_of(gateway, "bert_classifier")
    assert state["status"] == "unavailable" and "not loaded" in state["problem"]
    assert_answers_from(gateway, ["bert_bilstm", "ebm"], ["bert_classifier"])
    # Back by itself, with the answer that it gave before.
    private_triton.load("bert_classifier")
    gateway.wait_until("ready")
    again = gateway.analyze(PERSONAL).json
    assert again["degraded"] is False and again["probability_ai"] == whole["probability_ai"]


def test_a_model_that_goes_between_two_checks_is_missing_too(
    private_triton: Triton, start_gateway: StartGateway, gateway_url: str
) -> None:
    gateway = start_gateway(gateway_url, {"HEALTH_POLL_INTERVAL_MS": "600000"})
    gateway.wait_until("ready")
    private_triton.unload("bert_bilstm")
    assert_answers_from(gateway, ["bert_classifier", "ebm"], ["bert_bilstm"])


def test_without_the_sentence_encoder_the_ebm_cannot_answer_either(
    private_triton: Triton, start_gateway: StartGateway
) -> None:
    gateway = start_gateway(private_triton.http_url)
    gateway.wait_until("ready")
    private_triton.unload("sentence_encoder")
    gateway.wait_until("degraded")
    assert_answers_from(gateway, ["bert_bilstm", "bert_classifier"], ["sentence_encoder", "ebm"])
    answer = gateway.analyze(PERSONAL).json
    assert answer["explanation"]["terms"] == []
    assert "semantic_flow_variability" not in answer["features"], "a feature that nobody has computed"


def test_one_scorer_alone_still_answers_and_none_is_503(private_triton: Triton, start_gateway: StartGateway) -> None:
    gateway = start_gateway(private_triton.grpc_url)
    gateway.wait_until("ready")
    private_triton.unload("bert_bilstm")
    private_triton.unload("bert_classifier")
    gateway.wait_until("degraded")
    eventually(lambda: problem_of(gateway, "bert_classifier")["status"] == "unavailable", 5, "both are seen to be away")
    assert_answers_from(gateway, ["ebm"], ["bert_bilstm", "bert_classifier"])
    private_triton.unload("ebm")
    gateway.wait_until("not_ready")
    reply = gateway.analyze(PERSONAL)
    assert (reply.status, reply.code) == (503, "not_ready") and int(reply.headers["retry-after"]) >= 1
    assert all(model in reply.json["error"]["message"] for model in SCORERS)


# --- models that are not the ones the gateway was built for -----------------------------------------------------------

# name: (model, edit of config.pbtxt, edit of model.onnx, words that the problem must hold)
MISMATCHES = {
    "another input name": (
        "ebm", lambda text: text.replace('"features"', '"measures"'),
        lambda data: data.replace(b"features", b"measures"), ["input features", "missing", "measures"],
    ),
    "an input too few": (
        "bert_classifier",
        lambda text: text.replace('  { name: "attention_mask" data_type: TYPE_INT64 dims: [ -1 ] }\n', "")
        .replace('name: "input_ids" data_type: TYPE_INT64 dims: [ -1 ] },', 'name: "input_ids" data_type: TYPE_INT64 dims: [ -1 ] }')
        .split("model_warmup")[0],
        None, ["input attention_mask", "missing", "input_ids"],
    ),
    "another input type": (
        "bert_bilstm", lambda text: text.replace("TYPE_INT64", "TYPE_INT32").split("model_warmup")[0], None,
        ["input_ids is INT32, expected INT64", "attention_mask is INT32, expected INT64"],
    ),
    "another output type": (
        "sentence_encoder", lambda text: text.replace("TYPE_FP32", "TYPE_FP64").split("model_warmup")[0], None,
        ["output embedding is FP64, expected FP32"],
    ),
    "another embedding size": (
        "sentence_encoder", lambda text: text.replace("dims: [ 384 ]", "dims: [ 768 ]").split("model_warmup")[0], None,
        ["output embedding has shape", "768", "384"],
    ),
    "one class too many": (
        "bert_classifier", lambda text: text.replace("dims: [ 2 ]", "dims: [ 3 ]").split("model_warmup")[0], None,
        ["output logits has shape", "3", "2"],
    ),
    "another number of features": (
        "ebm", lambda text: text.replace("dims: [ 13 ]", "dims: [ 14 ]").split("model_warmup")[0], None,
        ["input features has shape", "14", "13"],
    ),
    "features in another order": (
        "ebm", lambda text: text.replace("gunning_fog,coleman_liau_index", "coleman_liau_index,gunning_fog"), None,
        ["feature 1 is coleman_liau_index, expected gunning_fog"],
    ),
    "another feature schema": (
        "ebm", lambda text: text.replace('feature_schema_hash" value: { string_value: "', 'feature_schema_hash" value: { string_value: "f'), None,
        ["feature_schema_hash"],
    ),
    "a model of another training": (
        "bert_classifier", lambda text: text.replace('fit_id" value: { string_value: "', 'fit_id" value: { string_value: "0'), None,
        ["calibration", "fit_id"],
    ),
}  # fmt: skip


def test_a_model_that_is_not_the_right_one_is_not_ready_with_the_difference_in_words(
    private_triton: Triton, start_gateway: StartGateway
) -> None:
    """One after the other in one Triton, which starts slowly, seen over both transports."""
    gateways = [start_gateway(url, {"HEALTH_POLL_INTERVAL_MS": "200"}) for url in (private_triton.http_url, private_triton.grpc_url)]
    for name, (model, config, onnx, expected) in MISMATCHES.items():
        private_triton.replace(model, config, onnx)
        for gateway in gateways:
            gateway.wait_until("not_ready")
            eventually(lambda: problem_of(gateway, model)["status"] == "mismatch", 5, f"{name}: the mismatch is seen")
            assert gateway.readiness().status == 503
            problem = problem_of(gateway, model)["problem"]
            assert all(part in problem for part in expected), f"{name}: {problem}"
            reply = gateway.analyze(PERSONAL)
            assert (reply.status, reply.code) == (503, "not_ready"), name
            assert expected[0] in reply.json["error"]["message"], "the caller is told, too"
        private_triton.restore()
        for gateway in gateways:
            gateway.wait_until("ready")
    assert all(gateway.analyze(PERSONAL).status == 200 for gateway in gateways)
