"""A client that goes away cancels its calls to Triton, over both transports."""

import pytest
from essays import PERSONAL, POLISHED
from fault_proxy import FaultProxy, stall
from gateway_process import Gateway, StartGateway, eventually
from http2_tap import HEADERS, RST_STREAM, HTTP2Tap
from triton_process import TritonURLs
from wire import JSON, head, text_body


def half_way(gateway: Gateway):
    """A connection whose request has been sent whole."""
    body = text_body(PERSONAL)
    return gateway.connect().send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body)


def test_over_http_its_connections_to_triton_are_closed(triton: TritonURLs, start_gateway: StartGateway) -> None:
    with FaultProxy(triton.http_url) as proxy:
        gateway = start_gateway(proxy.own_url)
        gateway.wait_until("ready")
        proxy.fault = stall
        connection = half_way(gateway)
        eventually(lambda: len(proxy.infer_paths()) == 4, 5, "the first wave's calls are under way")
        assert proxy.abandoned == []
        connection.socket.close()
        eventually(lambda: len(proxy.abandoned) == 4, 2, "the calls are given up, long before the deadline of 30 s")
        assert sorted(proxy.abandoned) == sorted(proxy.infer_paths())
        eventually(lambda: "client_gone" in gateway.log_text(), 2, "the log says why")
        proxy.fault = None
        assert gateway.analyze(POLISHED).status == 200


def test_over_grpc_its_streams_are_reset(triton: TritonURLs, start_gateway: StartGateway) -> None:
    with HTTP2Tap(triton.grpc_url) as tap:
        gateway = start_gateway(tap.url, {"HEALTH_POLL_INTERVAL_MS": "600000"})
        gateway.wait_until("ready")
        before = tap.count(HEADERS)
        assert tap.count(RST_STREAM) == 0
        tap.replies_pass.clear()
        connection = half_way(gateway)
        eventually(lambda: tap.count(HEADERS) == before + 4, 5, "the first wave's calls are under way")
        connection.socket.close()
        eventually(lambda: tap.count(RST_STREAM) == 4, 2, "each of the four streams is reset")
        eventually(lambda: "client_gone" in gateway.log_text(), 2, "the log says why")
        tap.replies_pass.set()
        assert gateway.analyze(POLISHED).status == 200


def test_a_place_is_free_again_when_its_client_has_gone(triton: TritonURLs, start_gateway: StartGateway) -> None:
    with FaultProxy(triton.http_url) as proxy:
        gateway = start_gateway(proxy.own_url, {"LIMITS_MAX_IN_FLIGHT": "2"})
        gateway.wait_until("ready")
        proxy.fault = stall
        leaving = [half_way(gateway), half_way(gateway)]
        eventually(lambda: len(proxy.infer_paths()) == 8, 5, "both are under way")
        refused = gateway.analyze(PERSONAL)
        assert (refused.status, refused.code) == (429, "overloaded") and int(refused.headers["retry-after"]) >= 1
        for connection in leaving:
            connection.socket.close()
        eventually(lambda: len(proxy.abandoned) == 8, 2, "the calls are given up")
        proxy.fault = None
        assert gateway.analyze(PERSONAL).status == 200


@pytest.mark.parametrize("sent", [0.0, 0.5], ids=["before the body", "in the body"])
def test_a_client_that_leaves_while_it_sends_is_forgotten(
    triton: TritonURLs, start_gateway: StartGateway, sent: float
) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_IN_FLIGHT": "1"})
    gateway.wait_until("ready")
    body = text_body(PERSONAL)
    for _ in range(5):
        connection = gateway.connect()
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}))
        connection.send(body[: int(len(body) * sent)])
        connection.socket.close()
    eventually(lambda: gateway.analyze(PERSONAL).status == 200, 2, "the place is free again")
