"""SIGTERM: requests in flight finish, new ones are refused, exit 0 within the drain time."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from essays import PERSONAL, words
from fault_proxy import FaultProxy, delayed, stall
from gateway_process import Gateway, StartGateway, eventually
from triton_process import TritonURLs
from wire import JSON, head, request, text_body

ESSAY = words(60)


@pytest.fixture
def proxy(triton: TritonURLs) -> Iterator[FaultProxy]:
    with FaultProxy(triton.http_url) as proxy:
        yield proxy


def signalled(gateway: Gateway) -> float:
    gateway.process.send_signal(signal.SIGTERM)
    return time.monotonic()


def refuses_connections(gateway: Gateway) -> bool:
    try:
        socket.create_connection(("127.0.0.1", gateway.port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_idle_it_exits_at_once(triton: TritonURLs, start_gateway: StartGateway) -> None:
    for stop in (signal.SIGTERM, signal.SIGINT):
        gateway = start_gateway(triton.http_url)
        gateway.wait_until("ready")
        begin = time.monotonic()
        gateway.process.send_signal(stop)
        assert gateway.process.wait(10) == 0
        assert time.monotonic() - begin < 2


def test_requests_in_flight_finish_and_new_ones_are_refused(proxy: FaultProxy, start_gateway: StartGateway) -> None:
    gateway = start_gateway(proxy.own_url)
    gateway.wait_until("ready")
    proxy.fault, proxy.models = delayed(2), ("bert_classifier",)
    with ThreadPoolExecutor(4) as pool:
        in_flight = [pool.submit(gateway.analyze, PERSONAL) for _ in range(4)]
        eventually(lambda: sum("bert_classifier" in path for path in proxy.infer_paths()) == 4, 5, "all are under way")
        begin = signalled(gateway)
        eventually(lambda: refuses_connections(gateway), 1, "new connections are refused")
        assert not any(future.done() for future in in_flight)
        replies = [future.result(10) for future in in_flight]
    assert [reply.status for reply in replies] == [200] * 4
    assert all(reply.json["degraded"] is False for reply in replies)
    assert gateway.process.wait(5) == 0
    assert time.monotonic() - begin < 5


def test_a_kept_connection_is_told_to_go_elsewhere(proxy: FaultProxy, start_gateway: StartGateway) -> None:
    """A second request on a connection that was there before: refused with 503, or the connection is closed."""
    gateway = start_gateway(proxy.own_url)
    gateway.wait_until("ready")
    body = text_body(ESSAY)
    essay = head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body
    proxy.fault, proxy.models = delayed(1.5), ("bert_classifier",)
    with gateway.connect() as busy, gateway.connect() as idle:
        assert idle.send(head("GET", "/health/live", {})).reply().status == 200
        busy.send(essay)
        eventually(lambda: len(proxy.infer_paths()) >= 4, 5, "it is under way")
        signalled(gateway)
        eventually(lambda: refuses_connections(gateway), 1, "the gateway is stopping")
        try:
            late = idle.send(essay).reply()
            assert (late.status, late.code) == (503, "shutting_down")
        except ConnectionError:
            pass
        assert busy.reply().status == 200
    assert gateway.process.wait(5) == 0


def test_what_is_not_done_within_the_drain_time_is_given_up(proxy: FaultProxy, start_gateway: StartGateway) -> None:
    gateway = start_gateway(proxy.own_url, {"LIMITS_DRAIN_TIMEOUT_MS": "1000"})
    gateway.wait_until("ready")
    proxy.fault = stall
    body = text_body(ESSAY)
    with gateway.connect() as hanging, gateway.connect() as sending:
        hanging.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body)
        # One slow uploader must not keep the process alive.
        sending.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body[:50])
        eventually(lambda: len(proxy.infer_paths()) == 4, 5, "it is under way")
        begin = signalled(gateway)
        assert gateway.process.wait(5) == 0
        assert 0.9 <= time.monotonic() - begin <= 2.5
        try:
            assert hanging.reply().status in (499, 503)
        except ConnectionError:
            pass
    eventually(lambda: len(proxy.abandoned) == 4, 2, "its calls are given up")


def test_during_the_drain_delay_it_listens_and_says_that_it_is_going(
    triton: TritonURLs, start_gateway: StartGateway
) -> None:
    """Time for a load balancer to notice, before connections are refused."""
    gateway = start_gateway(triton.http_url, {"LIMITS_DRAIN_DELAY_MS": "1500"})
    gateway.wait_until("ready")
    begin = signalled(gateway)
    time.sleep(0.3)
    assert gateway.get("/health/live").status == 200
    ready = gateway.readiness()
    assert ready.status == 503 and ready.json["status"] == "shutting_down"
    refused = gateway.analyze(ESSAY)
    assert (refused.status, refused.code) == (503, "shutting_down") and int(refused.headers["retry-after"]) >= 1
    assert gateway.process.wait(5) == 0
    assert 1.4 <= time.monotonic() - begin <= 3


def test_a_second_signal_does_not_wait(proxy: FaultProxy, start_gateway: StartGateway, tmp_path) -> None:
    gateway = Gateway(tmp_path / "twice.log", ["--triton", proxy.own_url], {})
    try:
        gateway.wait_until_live().wait_until("ready")
        proxy.fault = stall
        body = text_body(ESSAY)
        with gateway.connect() as connection:
            connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body)
            eventually(lambda: len(proxy.infer_paths()) == 4, 5, "it is under way")
            signalled(gateway)
            time.sleep(0.3)
            assert gateway.is_running
            begin = signalled(gateway)
            assert gateway.process.wait(5) == 130
            assert time.monotonic() - begin < 1
    finally:
        gateway.process.kill()
        gateway.process.wait()


def test_while_triton_is_away_it_stops_just_as_well(start_gateway: StartGateway) -> None:
    for scheme in ("http", "grpc"):
        gateway = start_gateway(f"{scheme}://127.0.0.1:1")
        assert request(gateway.port, "GET", "/health/ready").status == 503
        begin = signalled(gateway)
        assert gateway.process.wait(10) == 0
        assert time.monotonic() - begin < 3
