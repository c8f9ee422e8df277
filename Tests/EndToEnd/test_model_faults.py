"""Models that are missing, and models that are not the ones the gateway was built for."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from essays import PERSONAL
from gateway_process import Gateway, StartGateway, eventually
from triton_process import Triton

CLASSIFIERS = ("bert_bilstm", "bert_classifier", "ngram_classifier")
SCORERS = (*CLASSIFIERS, "ebm")


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
    assert_answers_from(gateway, ["bert_bilstm", "ngram_classifier", "ebm"], ["bert_classifier"])
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
    assert_answers_from(gateway, ["bert_classifier", "ngram_classifier", "ebm"], ["bert_bilstm"])


def test_without_the_sentence_encoder_the_ebm_cannot_answer_either(
    private_triton: Triton, start_gateway: StartGateway
) -> None:
    gateway = start_gateway(private_triton.http_url)
    gateway.wait_until("ready")
    private_triton.unload("sentence_encoder")
    gateway.wait_until("degraded")
    assert_answers_from(gateway, ["bert_bilstm", "bert_classifier", "ngram_classifier"], ["sentence_encoder", "ebm"])
    answer = gateway.analyze(PERSONAL).json
    assert answer["explanation"]["terms"] == []
    assert "semantic_flow_variability" not in answer["features"], "a feature that nobody has computed"


def test_without_any_encoder_the_ngrams_still_answer(private_triton: Triton, start_gateway: StartGateway) -> None:
    gateway = start_gateway(private_triton.http_url)
    gateway.wait_until("ready")
    encoders = ["bert_bilstm", "bert_classifier", "sentence_encoder"]
    for model in encoders:
        private_triton.unload(model)
    eventually(lambda: all(problem_of(gateway, model)["status"] == "unavailable" for model in encoders), 5,
               "all are seen to be away")
    assert_answers_from(gateway, ["ngram_classifier"], [*encoders, "ebm"])


def test_one_scorer_alone_still_answers_and_none_is_503(private_triton: Triton, start_gateway: StartGateway) -> None:
    gateway = start_gateway(private_triton.grpc_url)
    gateway.wait_until("ready")
    for model in CLASSIFIERS:
        private_triton.unload(model)
    gateway.wait_until("degraded")
    eventually(lambda: all(problem_of(gateway, model)["status"] == "unavailable" for model in CLASSIFIERS), 5,
               "all are seen to be away")
    assert_answers_from(gateway, ["ebm"], list(CLASSIFIERS))
    private_triton.unload("ebm")
    gateway.wait_until("not_ready")
    reply = gateway.analyze(PERSONAL)
    assert (reply.status, reply.code) == (503, "not_ready") and int(reply.headers["retry-after"]) >= 1
    assert all(model in reply.json["error"]["message"] for model in SCORERS)


# --- models that are not the ones the gateway was built for -----------------------------------------------------------

def without_warmup(text: str) -> str:
    """Triton would try it out with the tensors of the right model, and not load the wrong one."""
    return re.sub(r"model_warmup \[.*?\n\]\n", "", text, flags=re.S)


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: without_warmup(text).replace(old, new)


def without_attention_mask(text: str) -> str:
    inputs = 'input [ { name: "input_ids" data_type: TYPE_INT64 dims: [ -1 ] } ]\n'
    return re.sub(r"input \[\n.*?\n\]\n", inputs, without_warmup(text), count=1, flags=re.S)


PARAMETER = '" value: { string_value: "'


@dataclass(frozen=True)
class Mismatch:
    name: str
    # Of config.pbtxt.
    edit: Callable[[str], str]
    # What the problem must say.
    words: tuple[str, ...]
    edit_onnx: Callable[[bytes], bytes] | None = None


MISMATCHES = {
    "bert_bilstm": [
        Mismatch(
            "another input type", replaced("TYPE_INT64", "TYPE_INT32"),
            ("input_ids is INT32, expected INT64", "attention_mask is INT32, expected INT64"),
        ),
    ],
    "bert_classifier": [
        Mismatch("an input too few", without_attention_mask, ("input attention_mask is missing", "input_ids")),
        Mismatch("a class too many", replaced("dims: [ 2 ]", "dims: [ 3 ]"), ("output logits has shape [-1, 3]", "[-1, 2]")),
        Mismatch("another training", replaced(f"fit_id{PARAMETER}", f"fit_id{PARAMETER}0"), ("calibration", "fit_id")),
    ],
    "sentence_encoder": [
        Mismatch("another output type", replaced("TYPE_FP32", "TYPE_FP64"), ("output embedding is FP64, expected FP32",)),
        Mismatch("another size", replaced("dims: [ -1, 384 ]", "dims: [ -1, 768 ]"), ("embedding has shape [-1, -1, 768]", "[-1, -1, 384]")),
    ],
    "ebm": [
        Mismatch(
            "another input name", replaced('"features"', '"measures"'), ("input features is missing", "measures"),
            lambda data: data.replace(b"features", b"measures"),
        ),
        Mismatch(
            "another number of features",
            lambda text: re.sub(r'("features" data_type: TYPE_FP64 dims: \[ )\d+', r"\g<1>7", without_warmup(text)),
            ("input features has shape [-1, 7], expected",),
        ),
        Mismatch(
            "features in another order", replaced("gunning_fog,coleman_liau_index", "coleman_liau_index,gunning_fog"),
            ("feature 2 is coleman_liau_index, expected gunning_fog",),
        ),
        Mismatch(
            "another feature schema", replaced(f"feature_schema_hash{PARAMETER}", f"feature_schema_hash{PARAMETER}f"),
            ("feature_schema_hash",),
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize("model", MISMATCHES)
def test_a_model_that_is_not_the_right_one_is_not_ready_with_the_difference_in_words(
    private_triton: Triton, start_gateway: StartGateway, model: str
) -> None:
    urls = (private_triton.http_url, private_triton.grpc_url)
    gateways = [start_gateway(url, {"HEALTH_POLL_INTERVAL_MS": "200"}) for url in urls]
    for mismatch in MISMATCHES[model]:
        private_triton.replace(model, mismatch.edit, mismatch.edit_onnx)
        for gateway in gateways:
            problem = eventually(
                lambda: mismatch_of(gateway, model, mismatch.words), 5, f"{mismatch.name} is told in words",
            )  # fmt: skip
            ready = gateway.readiness()
            assert ready.status == 503 and ready.json["status"] == "not_ready"
            reply = gateway.analyze(PERSONAL)
            assert (reply.status, reply.code) == (503, "not_ready"), mismatch.name
            assert f"{model}: {problem}" in reply.json["error"]["message"], "the caller is told, too"
    private_triton.restore()
    for gateway in gateways:
        gateway.wait_until("ready")
        assert gateway.analyze(PERSONAL).status == 200


def mismatch_of(gateway: Gateway, model: str, words: tuple[str, ...]) -> str | None:
    """The model's problem, if it is a mismatch in these words."""
    state = problem_of(gateway, model)
    problem = state.get("problem", "")
    return problem if state["status"] == "mismatch" and all(part in problem for part in words) else None
