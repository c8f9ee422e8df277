"""`POST /v1/analyze/batch`: several texts with a result or an error each, and single essays that go first."""

import json
import threading
import time

from essays import PERSONAL, POLISHED, long_essay, words
from gateway_process import Gateway, StartGateway
from triton_process import TritonURLs
from wire import JSON, Reply, head


def post(gateway: Gateway, body: object) -> Reply:
    return gateway.post(json.dumps(body).encode(), path="/v1/analyze/batch")


def test_each_text_has_what_the_single_route_says_of_it(gateway: Gateway) -> None:
    texts = [PERSONAL, {"id": "polished", "text": POLISHED}, {"id": "no text"}, "", words(10), 7]
    reply = post(gateway, {"texts": texts, "detail": "full"})
    assert reply.status == 200
    body = reply.json
    assert (body["analyzed"], body["failed"]) == (3, 3)
    assert [result["index"] for result in body["results"]] == list(range(6))
    assert [result.get("id") for result in body["results"]] == [None, "polished", "no text", None, None, None]
    codes = [result.get("error", {}).get("code") for result in body["results"]]
    assert codes == [None, None, "missing_text", "empty_text", None, "invalid_text"]
    for index, text in ((0, PERSONAL), (1, POLISHED), (4, words(10))):
        told, alone = body["results"][index]["analysis"], gateway.analyze(text).json
        assert told.keys() == alone.keys()
        for field in ("verdict", "features", "hygiene", "words", "tokens", "passages"):
            assert told[field] == alone[field], field


def test_a_summary_is_what_is_given_unasked(gateway: Gateway) -> None:
    (result,) = post(gateway, {"texts": [PERSONAL]}).json["results"]
    alone = gateway.analyze(PERSONAL).json
    assert set(result) == {"index", "summary"}
    assert "features" not in result["summary"] and "passages" not in result["summary"]
    assert result["summary"]["explanation"] == alone["explanation"]["summary"]


def test_a_batch_that_is_wrong_as_a_whole_is_refused(gateway: Gateway) -> None:
    for body, status, code in (
        ({"texts": []}, 422, "invalid_batch"), ({"texts": ["a"] * 65}, 422, "invalid_batch"),
        ({"text": "a"}, 422, "unknown_field"), ({"texts": "a"}, 422, "invalid_batch"), (["a"], 400, "malformed_json"),
    ):  # fmt: skip
        reply = post(gateway, body)
        assert (reply.status, reply.json["error"]["code"]) == (status, code), body
    assert gateway.get("/v1/analyze/batch").status == 405
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze/batch", JSON | {"Content-Length": f"{(4 << 20) + 1}"}))
        reply = connection.reply()
        assert (reply.status, reply.code) == (413, "body_too_large")


def test_single_essays_are_answered_while_a_batch_is_in_work(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_IN_FLIGHT": "1"})
    gateway.wait_until("ready")
    answers: list[Reply] = []
    batch = threading.Thread(target=lambda: answers.append(post(gateway, {"texts": [long_essay(8)] * 24})))
    batch.start()
    time.sleep(0.3)
    singles = [gateway.analyze(PERSONAL).status for _ in range(5)]
    assert singles == [200] * 5, "a batch takes no place of a single essay"
    assert batch.is_alive(), "the batch is still in work when the single essays are answered"
    batch.join(60)
    assert answers[0].json["analyzed"] == 24


def test_the_deadline_leaves_what_was_analysed(triton: TritonURLs, start_gateway: StartGateway) -> None:
    settings = {"LIMITS_BATCH_DEADLINE_MS": "4000", "LIMITS_MAX_BATCH_IN_FLIGHT": "1"}
    gateway = start_gateway(triton.http_url, settings)
    gateway.wait_until("ready")
    begin = time.monotonic()
    reply = post(gateway, {"texts": [PERSONAL] + [long_essay(40)] * 30})
    assert reply.status == 200 and time.monotonic() - begin < 20
    codes = [result.get("error", {}).get("code") for result in reply.json["results"]]
    assert codes[0] is None and codes[-1] == "deadline_exceeded" and set(codes) == {None, "deadline_exceeded"}


def test_batches_beyond_their_number_are_429(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_BATCHES": "1", "LIMITS_MAX_BATCH_IN_FLIGHT": "1"})
    gateway.wait_until("ready")
    answers: list[Reply] = []
    first = threading.Thread(target=lambda: answers.append(post(gateway, {"texts": [long_essay(8)] * 16})))
    first.start()
    time.sleep(0.3)
    reply = post(gateway, {"texts": [PERSONAL]})
    assert (reply.status, reply.json["error"]["code"]) == (429, "overloaded") and reply.headers["retry-after"]
    first.join(60)
    assert answers[0].status == 200
    assert post(gateway, {"texts": [PERSONAL]}).status == 200
