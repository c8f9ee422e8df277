"""Connections that are no plain request: several requests at once, smuggling, headers without end, slow clients."""

import threading
import time

import pytest
from essays import PERSONAL, POLISHED
from gateway_process import Gateway, StartGateway
from triton_process import TritonURLs
from wire import JSON, Reply, head, request, text_body


def post(text: str, headers: dict[str, str] | None = None) -> bytes:
    body = text_body(text)
    return head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))} | (headers or {})) + body


def refusal(gateway: Gateway, data: bytes) -> int:
    """Sends something malformed; the connection must be closed, with a 4xx before or without a word (0)."""
    with gateway.connect() as connection:
        try:
            status = connection.send(data).reply().status
        except ConnectionError:
            return 0
        assert connection.is_closed_by_peer(), "what follows on this connection could be read as a request"
        return status


# --- several requests on a connection ---------------------------------------------------------------------------------


def test_a_connection_is_kept_for_further_requests(gateway: Gateway) -> None:
    with gateway.connect() as connection:
        for text in (PERSONAL, POLISHED, PERSONAL):
            assert connection.send(post(text)).reply().status == 200
        assert connection.send(post("")).reply().status == 422
        assert connection.send(post(PERSONAL)).reply().status == 200


def test_pipelined_requests_are_answered_in_order(gateway: Gateway) -> None:
    requests = [post(PERSONAL, {"X-Request-Id": "1"}), post("", {"X-Request-Id": "2"}),
                post(POLISHED, {"X-Request-Id": "3"}), head("GET", "/health/live", {"X-Request-Id": "4"})]  # fmt: skip
    with gateway.connect(timeout=30) as connection:
        connection.send(b"".join(requests))
        replies = [connection.reply() for _ in requests]
    assert [reply.headers["x-request-id"] for reply in replies] == ["1", "2", "3", "4"]
    assert [reply.status for reply in replies] == [200, 422, 200, 200]


def test_a_body_may_come_in_pieces(gateway: Gateway) -> None:
    data = post(PERSONAL)
    with gateway.connect() as connection:
        for start in range(0, len(data), 100):
            connection.send(data[start : start + 100])
            time.sleep(0.002)
        assert connection.reply().status == 200


def test_a_chunked_body_is_read(gateway: Gateway) -> None:
    body = text_body(PERSONAL)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:500], body[500:]))
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Transfer-Encoding": "chunked"}) + chunks + b"0\r\n\r\n")
        reply = connection.reply()
    assert reply.status == 200 and reply.json["features"] == gateway.analyze(PERSONAL).json["features"]


# --- heads that are refused -------------------------------------------------------------------------------------------


def test_a_request_id_cannot_break_out_of_its_header(gateway: Gateway) -> None:
    for value in (b"a\rX-Evil: 1", b"a\nX-Evil: 1", b"a\r\n\tX-Evil: 1", b"a\x00b", b"a\x0bb"):
        with gateway.connect() as connection:
            connection.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + value + b"\r\n\r\n")
            try:
                reply = connection.reply()
            except ConnectionError:
                continue
        assert "x-evil" not in reply.headers
        assert reply.status == 400 or len(reply.headers["x-request-id"]) == 16


SMUGGLED = b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n"
AMBIGUOUS = {
    "Content-Length and chunked": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two different lengths": b"Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + SMUGGLED,
    "an unknown transfer coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a space before the colon": b"Content-Length : 2\r\n\r\n{}" + SMUGGLED,
    "a header name with a control character": b"Con\x01tent-Length: 2\r\n\r\n{}" + SMUGGLED,
    "a chunk size that is no number": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk size that overflows": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_of_which_the_end_is_in_doubt_is_refused(gateway: Gateway, name: str) -> None:
    data = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + AMBIGUOUS[name]
    assert refusal(gateway, data) in (0, 400)


@pytest.mark.parametrize(
    "line", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\x00\xff" * 50, b"GET / HTTP/1.1\r\nno colon\r\n\r\n"],
    ids=["a TLS handshake", "no path", "an unknown version", "garbage", "a header without a colon"],
)  # fmt: skip
def test_what_is_no_http_request_is_refused(gateway: Gateway, line: bytes) -> None:
    assert refusal(gateway, line) in (0, 400, 505)


@pytest.mark.parametrize(
    "headers",
    [b"X-Padding: " + b"a" * 100_000 + b"\r\n", b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(150)),
     b"".join(b"X-%d: a\r\n" % n for n in range(2000))],
    ids=["one huge header", "150 large headers", "2,000 headers"],
)  # fmt: skip
def test_headers_without_measure_are_refused(gateway: Gateway, headers: bytes) -> None:
    assert refusal(gateway, b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n") in (0, 400, 431)


def test_headers_that_never_end_are_cut_off(gateway: Gateway) -> None:
    with gateway.connect() as connection, pytest.raises(ConnectionError):
        connection.send(b"GET /health/live HTTP/1.1\r\n")
        for number in range(100_000):
            connection.send(b"X-%d: %s\r\n" % (number, b"a" * 100))


# --- slow clients -----------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(triton: TritonURLs, start_gateway: StartGateway) -> Gateway:
    gateway = start_gateway(triton.http_url, {"LIMITS_BODY_TIMEOUT_MS": "1500", "LIMITS_HEAD_TIMEOUT_MS": "1000"})
    gateway.wait_until("ready")
    return gateway


def drip_body(gateway: Gateway, pause: float) -> tuple[Reply, float]:
    """Sends a body byte by byte until it is answered; the answer, and the seconds it took."""
    body = text_body(PERSONAL)
    with gateway.connect() as connection:
        begin = time.monotonic()
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}))
        connection.socket.settimeout(pause)
        for place in range(len(body)):
            connection.send(body[place : place + 1])
            try:
                reply = connection.reply()
                return reply, time.monotonic() - begin
            except TimeoutError:
                continue
    raise AssertionError("the whole body was taken")


@pytest.mark.parametrize("pause", [1.0, 0.05], ids=["a byte a second", "20 bytes a second"])
def test_a_dripped_body_is_408_and_harms_nobody_else(impatient: Gateway, pause: float) -> None:
    served: list[float] = []
    stop = threading.Event()

    def serve_others() -> None:
        while not stop.is_set():
            begin = time.monotonic()
            assert impatient.analyze(PERSONAL).status == 200
            served.append(time.monotonic() - begin)

    others = threading.Thread(target=serve_others)
    others.start()
    try:
        reply, seconds = drip_body(impatient, pause)
    finally:
        stop.set()
        others.join()
    assert (reply.status, reply.code) == (408, "body_timeout")
    assert 1.4 <= seconds <= 3.0
    assert len(served) >= 2 and max(served) < 3


def test_many_dripping_clients_are_all_answered(impatient: Gateway) -> None:
    """More of them than analyses that may run at once: they must not hold the places of those who send in time."""
    with_half_a_body = [impatient.connect() for _ in range(40)]
    for connection in with_half_a_body:
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": "1000"}) + b'{"text": "')
    time.sleep(0.2)
    try:
        assert impatient.analyze(PERSONAL).status == 200
        statuses = [connection.reply().status for connection in with_half_a_body]
        assert set(statuses) == {408}, statuses
    finally:
        for connection in with_half_a_body:
            connection.socket.close()


def test_a_head_that_does_not_come_in_time_is_closed(impatient: Gateway) -> None:
    for beginning in (b"", b"POST /v1/analyze HT", b"GET /health/live HTTP/1.1\r\nHost: "):
        with impatient.connect(timeout=3) as connection:
            assert connection.send(beginning).is_closed_by_peer()


def test_a_dripped_head_is_closed(impatient: Gateway) -> None:
    begin = time.monotonic()
    with impatient.connect() as connection, pytest.raises(ConnectionError):
        for byte in head("GET", "/health/live", {"X-Padding": "a" * 200}):
            connection.send(bytes([byte]))
            time.sleep(0.1)
    assert 0.9 <= time.monotonic() - begin <= 3


def test_a_connection_that_falls_silent_is_closed(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_IDLE_TIMEOUT_MS": "700"})
    with gateway.connect(timeout=5) as connection:
        assert connection.send(head("GET", "/health/live", {})).reply().status == 200
        begin = time.monotonic()
        assert connection.is_closed_by_peer()
        assert 0.5 <= time.monotonic() - begin <= 3


def test_connections_over_the_limit_wait_and_are_served_later(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_CONNECTIONS": "8"})
    held = [gateway.connect() for _ in range(8)]
    for connection in held:
        assert connection.send(head("GET", "/health/live", {})).reply().status == 200
    with gateway.connect() as waiting:
        waiting.send(head("GET", "/health/live", {}))
        waiting.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            waiting.reply()
        for connection in held:
            connection.socket.close()
        waiting.socket.settimeout(5)
        assert waiting.reply().status == 200
    assert request(gateway.port, "GET", "/health/live").status == 200
