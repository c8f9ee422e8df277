"""An inference server that answers wrongly, late or not at all: 502, 503 or 504, never a verdict, and no harm done."""

import random
import struct
import time
from collections.abc import Iterator

import pytest
from essays import words
from fault_proxy import FaultProxy, UpstreamReply, close, delayed, dripped, raw, reset, rewritten, stall
from gateway_process import Gateway, StartGateway, eventually, running
from triton_process import TritonURLs

# Short, because what the models say is beside the point here.
ESSAY = words(60)
DEADLINE = 1.5
SEED = 20_252


@pytest.fixture(scope="module")
def proxy(triton: TritonURLs) -> Iterator[FaultProxy]:
    with FaultProxy(triton.http_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def behind(proxy: FaultProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all faults: each must leave it able to answer the next request."""
    log = tmp_path_factory.mktemp("faults") / "gateway.log"
    with running(log, proxy.own_url, {"LIMITS_DEADLINE_MS": str(int(DEADLINE * 1000))}) as gateway:
        gateway.wait_until("ready")
        yield gateway


@pytest.fixture(autouse=True)
def recovers(proxy: FaultProxy, behind: Gateway) -> Iterator[None]:
    yield
    proxy.fault, proxy.models = None, FaultProxy.models
    behind.wait_until("ready")
    assert behind.analyze(ESSAY).status == 200, "the gateway has not got over the fault"


def edited(**changes: object):
    """Changes in the JSON of the first output."""

    def change(header: dict, tensors: bytes) -> tuple[dict, bytes]:
        header["outputs"][0] |= changes
        return header, tensors

    return change


def filled(value: float):
    """Every element of the tensors replaced."""

    def change(header: dict, tensors: bytes) -> tuple[dict, bytes]:
        return header, struct.pack("<f", value) * (len(tensors) // 4)

    return change


def one_byte_less(header: dict, tensors: bytes) -> tuple[dict, bytes]:
    header["outputs"][0]["parameters"]["binary_data_size"] -= 1
    return header, tensors[:-1]


def claims(size: int):
    def change(header: dict, tensors: bytes) -> tuple[dict, bytes]:
        header["outputs"][0]["parameters"]["binary_data_size"] = size
        return header, tensors

    return change


def garbage(reply: UpstreamReply) -> bytes:
    return reply.wire()[: -len(reply.body)] + random.Random(SEED).randbytes(len(reply.body))


def without(name: str):
    def change(header: dict, tensors: bytes) -> tuple[dict, bytes]:
        header.pop(name, None)
        return header, tensors

    return change


INVALID = {
    "NaN logits": rewritten(filled(float("nan"))),
    "infinite logits": rewritten(filled(float("inf"))),
    "logits of another type": rewritten(edited(datatype="INT32")),
    "an unknown type": rewritten(edited(datatype="FP31")),
    "a batch too many": rewritten(lambda h, t: edited(shape=[2, *h["outputs"][0]["shape"][1:]])(h, t * 2)),
    "a dimension too many": rewritten(lambda h, t: edited(shape=[1, *h["outputs"][0]["shape"]])(h, t)),
    "a shape that is not its bytes": rewritten(lambda h, t: edited(shape=[7, 7])(h, t)),
    "a negative dimension": rewritten(edited(shape=[-1, 2])),
    "a shape that overflows": rewritten(edited(shape=[1 << 62, 1 << 62])),
    "a shape of text": rewritten(edited(shape="1,2")),
    "another output": rewritten(edited(name="probabilities")),
    "no outputs": rewritten(lambda header, tensors: (header | {"outputs": []}, tensors)),
    "the output twice": rewritten(lambda header, tensors: (header | {"outputs": header["outputs"] * 2}, tensors * 2)),
    "no field outputs": rewritten(without("outputs")),
    "another model's answer": rewritten(lambda header, tensors: (header | {"model_name": "other"}, tensors)),
    "another request's answer": rewritten(lambda header, tensors: (header | {"id": "other"}, tensors)),
    "a byte too few": rewritten(one_byte_less),
    "a byte too many": rewritten(lambda header, tensors: (header, tensors + b"\0")),
    "more bytes claimed than there are": rewritten(claims(1 << 40)),
    "a negative number of bytes": rewritten(claims(-8)),
    "no tensor bytes": rewritten(lambda header, tensors: (header, b"")),
    "JSON nested 100,000 deep": raw(lambda r: UpstreamReply(200, {}, b"[" * 100_000).wire()),
    "no JSON": raw(garbage),
    "an empty body": raw(lambda r: UpstreamReply(200, r.headers | {"inference-header-content-length": "0"}, b"").wire()),
    "a JSON length beyond the body": raw(lambda r: r.wire(inference_header_content_length=str(len(r.body) + 1))),
    "a huge JSON length": raw(lambda r: r.wire(inference_header_content_length="9" * 30)),
    "a negative JSON length": raw(lambda r: r.wire(inference_header_content_length="-1")),
    "a JSON length in words": raw(lambda r: r.wire(inference_header_content_length="all")),
    "no JSON length": raw(lambda r: UpstreamReply(200, {"content-type": "application/octet-stream"}, r.body).wire()),
    "a compressed body": raw(lambda r: r.wire(content_encoding="gzip")),
    "a redirect": raw(lambda r: UpstreamReply(302, {}, b"").wire(location="http://127.0.0.1:1/")),
    "a status that is none": raw(lambda r: UpstreamReply(204, {}, b"").wire()),
    "HTTP/0.9": raw(lambda r: r.body),
    "no HTTP at all": raw(lambda r: random.Random(SEED).randbytes(4096)),
    "a header of 10 MB": raw(lambda r: b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000_000),
    "10,000 headers": raw(lambda r: b"HTTP/1.1 200 OK\r\n" + b"X-A: aaaaaaaaaa\r\n" * 10_000 + b"\r\n"),
    "a body without end": raw(lambda r: r.wire(content_length=str(1 << 40))),
    "chunks that are none": raw(lambda r: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + r.body),
    "400": raw(lambda r: UpstreamReply(400, {}, b'{"error":"unexpected shape"}').wire()),
    "401": raw(lambda r: UpstreamReply(401, {}, b'{"error":"no"}').wire()),
    "500": raw(lambda r: UpstreamReply(500, {}, b'{"error":"onnxruntime: something broke"}').wire()),
    "500 without JSON": raw(lambda r: UpstreamReply(500, {}, b"<html>\xff\xfe").wire()),
    "501": raw(lambda r: UpstreamReply(501, {}, b"").wire()),
}


CASES = [(name, "bert_classifier") for name in INVALID] + [
    (name, "sentence_encoder")
    for name in ("NaN logits", "another output", "a dimension too many", "a byte too few", "HTTP/0.9", "500")
]


@pytest.mark.parametrize(("name", "model"), CASES)
def test_an_answer_that_is_wrong_is_502_and_no_verdict(behind: Gateway, proxy: FaultProxy, name: str, model: str) -> None:
    proxy.fault, proxy.models = INVALID[name], (model,)
    begin = time.monotonic()
    reply = behind.analyze(ESSAY)
    assert time.monotonic() - begin < DEADLINE, "the fault was noticed only at the deadline"
    assert (reply.status, reply.code) == (502, "upstream_invalid"), reply.body
    assert model in reply.json["error"]["message"]


@pytest.mark.parametrize("name", ["NaN logits", "a byte too many", "a shape that is not its bytes"])
def test_wrong_terms_of_the_ebm_are_502(behind: Gateway, proxy: FaultProxy, name: str) -> None:
    proxy.fault, proxy.models = INVALID[name], ("ebm",)
    reply = behind.analyze(ESSAY)
    assert (reply.status, reply.code) == (502, "upstream_invalid")


def test_terms_that_do_not_add_up_to_the_logit_are_502(behind: Gateway, proxy: FaultProxy) -> None:
    def shifted(header: dict, tensors: bytes) -> tuple[dict, bytes]:
        place = 0
        for output in header["outputs"]:
            if output["name"] == "logit":
                (logit,) = struct.unpack_from("<f", tensors, place)
                return header, tensors[:place] + struct.pack("<f", logit + 0.1) + tensors[place + 4 :]
            place += output["parameters"]["binary_data_size"]
        raise AssertionError("no output logit")

    proxy.fault, proxy.models = rewritten(shifted), ("ebm",)
    reply = behind.analyze(ESSAY)
    assert (reply.status, reply.code) == (502, "upstream_invalid") and "add up" in reply.json["error"]["message"]


AWAY = {
    "a reset": reset,
    "a connection closed without a word": close,
    "a reply cut off in its head": raw(lambda r: r.wire()[:30]),
    "a reply cut off in its body": raw(lambda r: r.wire()[:-3]),
    "404": raw(lambda r: UpstreamReply(404, {}, b'{"error":"no such model"}').wire()),
    "429": raw(lambda r: UpstreamReply(429, {}, b"").wire()),
    "503": raw(lambda r: UpstreamReply(503, {}, b'{"error":"exceeds maximum queue size"}').wire()),
}


@pytest.mark.parametrize("name", AWAY)
def test_models_that_cannot_answer_are_503_with_retry_after(behind: Gateway, proxy: FaultProxy, name: str) -> None:
    proxy.fault = AWAY[name]
    reply = behind.analyze(ESSAY)
    assert (reply.status, reply.code) == (503, "upstream_unavailable"), reply.body
    assert int(reply.headers["retry-after"]) >= 1


@pytest.mark.parametrize("name", AWAY)
def test_one_model_that_cannot_answer_leaves_a_degraded_answer(behind: Gateway, proxy: FaultProxy, name: str) -> None:
    proxy.fault, proxy.models = AWAY[name], ("bert_bilstm",)
    reply = behind.analyze(ESSAY)
    assert reply.status == 200 and reply.json["degraded"] is True
    assert [missing["name"] for missing in reply.json["missing_models"]] == ["bert_bilstm"]
    assert [model["name"] for model in reply.json["models"]] == ["bert_classifier", "ngram_classifier", "ebm"]


def test_a_refused_connection_is_503_at_once(triton: TritonURLs, start_gateway: StartGateway) -> None:
    with FaultProxy(triton.http_url) as proxy:
        gateway = start_gateway(proxy.own_url, {"HEALTH_POLL_INTERVAL_MS": "600000"})
        gateway.wait_until("ready")
        proxy.refuse()
        # The next check of the models is far away: the gateway finds out by calling.
        begin = time.monotonic()
        reply = gateway.analyze(ESSAY)
        assert (reply.status, reply.code) == (503, "upstream_unavailable")
        assert time.monotonic() - begin < 0.5


@pytest.mark.parametrize("fault", [stall, dripped(0.02)], ids=["stalled", "dripped"])
@pytest.mark.parametrize("model", ["bert_classifier", "ebm"])
def test_an_answer_that_does_not_come_in_time_is_504_at_the_deadline(
    behind: Gateway, proxy: FaultProxy, fault, model: str
) -> None:
    proxy.fault, proxy.models = fault, (model,)
    begin = time.monotonic()
    reply = behind.analyze(ESSAY)
    assert (reply.status, reply.code) == (504, "deadline_exceeded"), reply.body
    assert DEADLINE <= time.monotonic() - begin <= DEADLINE + 0.5


def test_calls_that_are_given_up_at_the_deadline_are_closed(behind: Gateway, proxy: FaultProxy) -> None:
    proxy.fault, proxy.abandoned = stall, []
    assert behind.analyze(ESSAY).status == 504
    eventually(lambda: len(proxy.abandoned) == 4, 2, "the four stalled calls of the first wave are closed")


def test_a_late_answer_within_the_deadline_counts(behind: Gateway, proxy: FaultProxy) -> None:
    proxy.fault, proxy.models = delayed(0.5), ("bert_classifier",)
    assert behind.analyze(ESSAY).status == 200


def test_random_damage_never_harms_the_process(behind: Gateway, proxy: FaultProxy) -> None:
    """Bytes of Triton's reply flipped, cut or repeated anywhere; the answer is one of the documented ones."""
    source = random.Random(SEED)
    print(f"seed {SEED}")

    def damaged(reply: UpstreamReply) -> bytes:
        wire = bytearray(reply.wire())
        for _ in range(source.choice((1, 1, 2, 8))):
            place = source.randrange(len(wire))
            match source.randrange(3):
                case 0:
                    wire[place] ^= 1 << source.randrange(8)
                case 1:
                    del wire[place : place + source.randrange(1, 20)]
                case 2:
                    wire[place:place] = wire[place : place + source.randrange(1, 20)]
        return bytes(wire)

    proxy.fault, proxy.models = raw(damaged), ("ebm",)
    for _ in range(60):
        reply = behind.analyze(ESSAY)
        assert reply.status in (200, 502, 503, 504), reply.body
