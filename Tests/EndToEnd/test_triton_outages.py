"""Triton absent, killed and stopped: what callers get meanwhile, and that the gateway gets over it without a restart."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from essays import long_essay, words
from gateway_process import Gateway, StartGateway, eventually, free_port
from http2_tap import HTTP2Tap
from triton_process import MODELS, Triton, TritonURLs
from wire import Reply

ESSAY = words(60)
# About 40 windows, some seconds of work for two cores.
LONG = long_essay(80)
DEADLINE = 10.0


def urls(triton: Triton) -> dict[str, str]:
    return {"http": triton.http_url, "grpc": triton.grpc_url}


def test_without_triton_the_gateway_is_live_not_ready_and_says_why(start_gateway: StartGateway) -> None:
    for scheme in ("http", "grpc"):
        gateway = start_gateway(f"{scheme}://127.0.0.1:{free_port()}")
        assert gateway.get("/health/live").status == 200
        ready = gateway.readiness()
        assert ready.status == 503 and ready.json["status"] == "not_ready"
        assert [model["name"] for model in ready.json["models"]] == list(MODELS)
        for model in gateway.wait_until("not_ready")["models"]:
            assert model["status"] == "unavailable" and model["problem"]
        catalog = gateway.get("/v1/models")
        assert catalog.status == 200 and not any(model["ready"] for model in catalog.json["models"])


def test_without_triton_an_essay_is_refused_fast(start_gateway: StartGateway) -> None:
    for scheme in ("http", "grpc"):
        gateway = start_gateway(f"{scheme}://127.0.0.1:{free_port()}")
        gateway.analyze(ESSAY)
        begin = time.monotonic()
        reply = gateway.analyze(ESSAY)
        assert time.monotonic() - begin < 0.25
        assert (reply.status, reply.code) == (503, "not_ready")
        assert int(reply.headers["retry-after"]) >= 1
        for model in MODELS:
            assert model in reply.json["error"]["message"]


def is_told_everywhere(gateway: Gateway, words: str) -> bool:
    """Whether readiness gives a problem with these words for every model."""
    return all(words in model.get("problem", "") for model in gateway.readiness().json["models"])


def send_long(gateway: Gateway) -> tuple[Reply, float]:
    begin = time.monotonic()
    return gateway.analyze(LONG), time.monotonic() - begin


def test_killed_in_mid_request_and_started_again(private_triton: Triton, start_gateway: StartGateway) -> None:
    """Both transports at once, for a server that dies takes all its clients with it."""
    gateways = {
        scheme: start_gateway(url, {"LIMITS_DEADLINE_MS": str(int(DEADLINE * 1000))})
        for scheme, url in urls(private_triton).items()
    }
    for gateway in gateways.values():
        gateway.wait_until("ready")
        assert gateway.analyze(ESSAY).status == 200

    with ThreadPoolExecutor(2) as pool:
        begun: dict[str, Future[tuple[Reply, float]]] = {
            scheme: pool.submit(send_long, gateway) for scheme, gateway in gateways.items()
        }
        time.sleep(0.4)
        assert not any(future.done() for future in begun.values()), "the essay is too short for this test"
        private_triton.kill()
        for scheme, future in begun.items():
            reply, seconds = future.result(DEADLINE + 5)
            # ngram_classifier is quick: what it said before the server died is an answer, by its own fit.
            assert reply.status == 200, (scheme, reply.body)
            assert [model["name"] for model in reply.json["models"]] == ["ngram_classifier"]
            assert {"bert_bilstm", "bert_classifier"} <= {model["name"] for model in reply.json["missing_models"]}
            assert seconds < DEADLINE

    # Started while Triton is away, this one has never seen it.
    gateways["late"] = start_gateway(private_triton.grpc_url)
    for gateway in gateways.values():
        eventually(lambda: is_told_everywhere(gateway, "cannot be reached"), 8, "every model is known to be away")
        assert gateway.analyze(ESSAY).status == 503

    private_triton.start()
    begin = time.monotonic()
    for gateway in gateways.values():
        gateway.wait_until("ready", within=10)
        assert gateway.analyze(ESSAY).status == 200
    assert time.monotonic() - begin < 10, "recovery waits for more than the next check of the models"
    assert all(gateway.is_running for gateway in gateways.values())


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_stopped_it_is_504_at_the_deadline_then_not_ready_then_back(
    private_triton: Triton, start_gateway: StartGateway, scheme: str
) -> None:
    gateway = start_gateway(urls(private_triton)[scheme], {"LIMITS_DEADLINE_MS": "1000"})
    gateway.wait_until("ready")
    assert gateway.analyze(ESSAY).status == 200
    private_triton.freeze()
    begin = time.monotonic()
    reply = gateway.analyze(ESSAY)
    seconds = time.monotonic() - begin
    assert (reply.status, reply.code) == (504, "deadline_exceeded"), reply.body
    assert 0.95 <= seconds <= 1.5
    eventually(lambda: is_told_everywhere(gateway, "in time"), 10, "every model is known to hang")
    begin = time.monotonic()
    assert gateway.analyze(ESSAY).code == "not_ready"
    assert time.monotonic() - begin < 0.25, "what is known to hang is not waited for"
    private_triton.thaw()
    gateway.wait_until("ready", within=10)
    assert gateway.analyze(ESSAY).status == 200


def test_health_is_answered_while_requests_hang(private_triton: Triton, start_gateway: StartGateway) -> None:
    gateway = start_gateway(private_triton.http_url, {"LIMITS_DEADLINE_MS": "2000"})
    gateway.wait_until("ready")
    private_triton.freeze()
    try:
        with ThreadPoolExecutor(20) as pool:
            hanging = [pool.submit(gateway.analyze, ESSAY) for _ in range(20)]
            time.sleep(0.3)
            begin = time.monotonic()
            assert gateway.get("/health/live").status == 200
            assert time.monotonic() - begin < 0.25
            assert {future.result().status for future in hanging} == {504}
    finally:
        private_triton.thaw()


def test_a_connection_that_is_cut_is_503_and_the_next_request_works(
    triton: TritonURLs, start_gateway: StartGateway
) -> None:
    """gRPC: the channel connects again within the reconnect back-off, not after two minutes."""
    with HTTP2Tap(triton.grpc_url) as tap:
        gateway = start_gateway(tap.url)
        gateway.wait_until("ready")
        for _ in range(3):
            tap.replies_pass.clear()
            cutting = threading.Timer(0.3, tap.cut)
            cutting.start()
            begin = time.monotonic()
            reply = gateway.analyze(ESSAY)
            cutting.join()
            tap.replies_pass.set()
            assert reply.status == 503, reply.body
            assert time.monotonic() - begin < 3
            gateway.wait_until("ready", within=6)
            assert gateway.analyze(ESSAY).status == 200
