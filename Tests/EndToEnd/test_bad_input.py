"""Bodies that are refused: each with its documented status and code, in words, and the process unharmed."""

import gzip
import json
import time

import pytest
from essays import CANARY, PERSONAL
from gateway_process import Gateway, StartGateway
from triton_process import TritonURLs
from wire import JSON, head, text_body

ESSAY = json.dumps(PERSONAL).encode()

# name: (body, status, code, a part of the message)
REFUSED = {
    "empty": (b"", 400, "malformed_json", "empty"),
    "only white space": (b" \r\n\t", 400, "malformed_json", "empty"),
    "plain text": (PERSONAL.encode(), 400, "malformed_json", "must be a JSON object"),
    "an array": (b'["text"]', 400, "malformed_json", "must be a JSON object"),
    "a string": (ESSAY, 400, "malformed_json", "must be a JSON object"),
    "a form": (b"text=hello", 400, "malformed_json", "must be a JSON object"),
    "cut off in a string": (b'{"text": "abc', 400, "malformed_json", "ends too early"),
    "cut off after the colon": (b'{"text":', 400, "malformed_json", "ends too early"),
    "no closing brace": (b'{"text": "abc"', 400, "malformed_json", "ends too early"),
    "a trailing comma": (b'{"text": "abc",}', 400, "malformed_json", "not valid JSON"),
    "single quotes": (b"{'text': 'abc'}", 400, "malformed_json", "not valid JSON"),
    "a comment": (b'{"text": "abc" /* hello */}', 400, "malformed_json", "not valid JSON"),
    "NaN": (b'{"text": NaN}', 400, "malformed_json", "not valid JSON"),
    "a number with a leading zero": (b'{"text": 01}', 400, "malformed_json", "not valid JSON"),
    "an unknown escape": (rb'{"text": "\x41"}', 400, "malformed_json", "not valid JSON"),
    "a raw line break in a string": (b'{"text": "a\nb"}', 400, "malformed_json", "control character"),
    "something after the object": (b'{"text": "abc"} x', 400, "malformed_json", "more after"),
    "two objects": (b'{"text": "abc"}{"text": "abc"}', 400, "malformed_json", "more after"),
    "the field twice": (b'{"text": "abc", "text": "def"}', 400, "malformed_json", "twice"),
    "the field twice, once escaped": (rb'{"text": "abc", "te\u0078t": "def"}', 400, "malformed_json", "twice"),
    "40 fields": (
        json.dumps({f"k{n}": n for n in range(40)} | {"text": PERSONAL}).encode(), 400, "malformed_json", "32 fields",
    ),
    "arrays 17 deep": (b'{"text": ' + b"[" * 17 + b"]" * 17 + b"}", 400, "malformed_json", "16 levels"),
    "arrays 500,000 deep": (b'{"text": ' + b"[" * 500_000, 400, "malformed_json", "16 levels"),
    "objects 100,000 deep": (b'{"a":' * 100_000, 400, "malformed_json", "16 levels"),
    "a byte order mark": (b"\xef\xbb\xbf" + b'{"text": ' + ESSAY + b"}", 400, "malformed_json", "byte order mark"),
    "UTF-16": (('{"text": "abc"}').encode("utf-16"), 400, "malformed_json", "byte order mark"),
    "UTF-16 without a mark": ('{"text": "abc"}'.encode("utf-16-le"), 400, "malformed_json", "not valid JSON"),
    "UTF-32": ('{"text": "abc"}'.encode("utf-32"), 400, "malformed_json", "byte order mark"),
    "Latin-1": (b'{"text": "caf\xe9 au lait"}', 400, "malformed_json", "not valid UTF-8"),
    "a lone continuation byte": (b'{"text": "a\x80b"}', 400, "malformed_json", "not valid UTF-8"),
    "UTF-8 cut off": (b'{"text": "\xf0\x9f\x98"}', 400, "malformed_json", "not valid UTF-8"),
    "UTF-8 cut off by the end": (b'{"text": "\xf0\x9f', 400, "malformed_json", "not valid UTF-8"),
    "an overlong slash": (b'{"text": "\xc0\xaf"}', 400, "malformed_json", "not valid UTF-8"),
    "an overlong NUL": (b'{"text": "\xc0\x80"}', 400, "malformed_json", "not valid UTF-8"),
    "an overlong quote": (b'{"text": "\xe0\x80\xa2"}', 400, "malformed_json", "not valid UTF-8"),
    "a surrogate in UTF-8": (b'{"text": "\xed\xa0\x80"}', 400, "malformed_json", "not valid UTF-8"),
    "a surrogate pair in UTF-8": (b'{"text": "\xed\xa0\xbd\xed\xb8\x80"}', 400, "malformed_json", "not valid UTF-8"),
    "beyond Unicode": (b'{"text": "\xf4\x90\x80\x80"}', 400, "malformed_json", "not valid UTF-8"),
    "invalid UTF-8 in a key": (b'{"te\xffxt": "abc"}', 400, "malformed_json", "not valid UTF-8"),
    "a high surrogate alone": (rb'{"text": "a\ud800b"}', 400, "malformed_json", "surrogate"),
    "a low surrogate alone": (rb'{"text": "\udc00"}', 400, "malformed_json", "surrogate"),
    "two high surrogates": (rb'{"text": "\ud83d\ud83d"}', 400, "malformed_json", "surrogate"),
    "a high surrogate at the end": (rb'{"text": "\ud83d"}', 400, "malformed_json", "surrogate"),
    "a raw NUL": (b'{"text": "a\0b"}', 400, "malformed_json", "NUL"),
    "an escaped NUL": (rb'{"text": "a\u0000b"}', 400, "malformed_json", "NUL"),
    "NUL bytes alone": (b"\0" * 1000, 400, "malformed_json", "must be a JSON object"),
    "no field": (b"{}", 422, "missing_text", '"text"'),
    "another letter case": (b'{"Text": "abc"}', 422, "unknown_field", '"text"'),
    "a field too many": (b'{"text": ' + ESSAY + b', "lang": "en"}', 422, "unknown_field", '"text"'),
    "null": (b'{"text": null}', 422, "invalid_text", "must be a string"),
    "a number": (b'{"text": 17}', 422, "invalid_text", "must be a string"),
    "a huge number": (b'{"text": 1e999999}', 422, "invalid_text", "must be a string"),
    "true": (b'{"text": true}', 422, "invalid_text", "must be a string"),
    "an array of strings": (b'{"text": ["abc"]}', 422, "invalid_text", "must be a string"),
    "an object as text": (b'{"text": {"text": "abc"}}', 422, "invalid_text", "must be a string"),
    "an empty text": (b'{"text": ""}', 422, "empty_text", "empty"),
    "a text of white space": (text_body(" \n\t\u00a0\u2003 "), 422, "empty_text", "empty"),
    "a text of invisible characters": (text_body("\u200b\u2060\ufeff\u00ad"), 422, "empty_text", "empty"),
    "a text of markup": (text_body("<p><br></p>\n\n---\n"), 422, "empty_text", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_is_refused_with_its_status_and_in_words(gateway: Gateway, name: str) -> None:
    body, status, code, words = REFUSED[name]
    reply = gateway.post(body)
    assert (reply.status, reply.code) == (status, code), reply.body
    error = reply.json["error"]
    assert set(error) == {"code", "message", "request_id"} and set(reply.json) == {"error"}
    assert words in error["message"]
    assert error["request_id"] == reply.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "offset"),
    [(b'{"text": "abc\xff"}', 13), (rb'{"text": "ab\ud800"}', 12), (b'{"text": "abc"}!', 15), (b'{"text": "a\0"}', 11)],
    ids=["invalid UTF-8", "lone surrogate", "trailing byte", "NUL"],
)  # fmt: skip
def test_the_message_says_at_which_byte(gateway: Gateway, body: bytes, offset: int) -> None:
    assert f"at byte {offset})" in gateway.post(body).json["error"]["message"]


def test_messages_do_not_repeat_what_was_sent(gateway: Gateway) -> None:
    for body in (CANARY.encode(), f'{{"{CANARY}": 1}}'.encode(), f'{{"text": ["{CANARY}"]}}'.encode()):
        reply = gateway.post(body)
        assert reply.status in (400, 422)
        assert not any(word.encode() in reply.body for word in CANARY.split())


def test_what_is_only_unusual_is_read(gateway: Gateway) -> None:
    """The strict reader refuses nothing that RFC 8259 allows and a careful caller may send."""
    plain = gateway.post(b'{"text":' + ESSAY + b"}").json
    escaped = "".join(f"\\u{ord(character):04X}" for character in PERSONAL).encode()
    for body in (b' \n{ "text"\t:\r\n' + ESSAY + b" }\n\n", b'{"te\\u0078t":"' + escaped + b'"}'):
        reply = gateway.post(body)
        assert reply.status == 200, reply.body
        assert reply.json["features"] == plain["features"]
    pair = gateway.post(rb'{"text":"\ud83d\ude00 ' + ESSAY[1:] + b"}")
    raw = gateway.analyze("\U0001f600 " + PERSONAL)
    assert pair.status == 200 and pair.json["tokens"] == raw.json["tokens"] == plain["tokens"] + 1


# --- headers of the request -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/json; charset=utf-16", "application/json; charset=latin1", "application/jsonp", "application/json, text/plain"],
)  # fmt: skip
def test_another_content_type_is_415(gateway: Gateway, content_type: str | None) -> None:
    reply = gateway.post(text_body(PERSONAL), {} if content_type is None else {"Content-Type": content_type})
    assert (reply.status, reply.code) == (415, "unsupported_media_type")
    assert "application/json" in reply.json["error"]["message"]


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "APPLICATION/JSON", 'application/json;charset="utf-8"'])
def test_json_may_be_spelled_otherwise(gateway: Gateway, content_type: str) -> None:
    assert gateway.post(text_body(PERSONAL), {"Content-Type": content_type}).status == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "x-unheard-of"])
def test_a_compressed_body_is_415(gateway: Gateway, coding: str) -> None:
    reply = gateway.post(gzip.compress(text_body(PERSONAL)), JSON | {"Content-Encoding": coding})
    assert (reply.status, reply.code) == (415, "unsupported_media_type")
    assert gateway.post(text_body(PERSONAL), JSON | {"Content-Encoding": "identity"}).status == 200


# --- size -------------------------------------------------------------------------------------------------------------


def test_a_body_of_three_megabytes_is_413_before_it_is_sent(gateway: Gateway) -> None:
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": "3000000"}))
        reply = connection.reply()
        assert (reply.status, reply.code) == (413, "body_too_large")
        assert "1048576" in reply.json["error"]["message"]
        assert connection.is_closed_by_peer()


def test_a_chunked_body_is_413_as_soon_as_it_is_too_large(gateway: Gateway) -> None:
    """No length is announced, and the body never ends: the answer comes when the limit is passed."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Transfer-Encoding": "chunked"}))
        connection.send(chunk * 17)
        reply = connection.reply()
        assert (reply.status, reply.code) == (413, "body_too_large")
        assert connection.is_closed_by_peer()


def test_a_client_that_sends_all_three_megabytes_gets_the_answer(gateway: Gateway) -> None:
    """It is not cut off with a reset that would take the 413 with it."""
    body = text_body("a" * 3_000_000)
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body)
        assert connection.reply().status == 413


def test_a_client_that_goes_on_sending_after_a_refusal_is_not_cut_off_with_a_reset(gateway: Gateway) -> None:
    body = text_body("a" * 3_000_000)
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": str(len(body))}) + body[:1000])
        reply = connection.reply()
        assert (reply.status, reply.code) == (413, "body_too_large")
        for start in range(1000, len(body), 500_000):
            connection.send(body[start : start + 500_000])
            time.sleep(0.05)
        assert connection.socket.recv(1) == b""  # a reset would raise
        # The request has come to its end, so the connection is closed for both sides.
        with pytest.raises(ConnectionError):
            for _ in range(100):
                connection.send(b"a")
                time.sleep(0.02)


def test_a_client_that_never_stops_sending_after_a_refusal_is_cut_off_after_two_seconds(gateway: Gateway) -> None:
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": "999999999"}) + b'{"text": "')
        assert connection.reply().status == 413
        answered = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() < answered + 10:
                connection.send(b"a" * 1000)
                time.sleep(0.02)
        assert time.monotonic() > answered + 1.5


def test_an_upload_that_asks_for_a_close_and_is_refused_at_once_is_not_held_up(gateway: Gateway) -> None:
    """As urllib sends it: the refusal comes before the body, which must be read for the client to come to the reply."""
    body = b"a" * 8_000_000
    headers = {"Content-Type": "text/plain", "Content-Length": str(len(body)), "Connection": "close"}
    with gateway.connect() as connection:
        began = time.monotonic()
        connection.send(head("POST", "/v1/nowhere", headers) + body)
        assert connection.reply().status == 404
        assert connection.is_closed_by_peer()
        assert time.monotonic() < began + 8  # the body's time-out is 15 seconds


def test_the_limit_is_exact_and_can_be_set(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_BODY_BYTES": "4096"})
    gateway.wait_until("ready")
    body = text_body(PERSONAL)
    assert gateway.post(body + b" " * (4096 - len(body))).status == 200
    reply = gateway.post(body + b" " * (4097 - len(body)))
    assert (reply.status, reply.code) == (413, "body_too_large") and "4096" in reply.json["error"]["message"]


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "99999999999999999999999999", "abc", "10, 11"])
def test_a_content_length_that_is_no_length_is_refused(gateway: Gateway, length: str) -> None:
    with gateway.connect() as connection:
        connection.send(head("POST", "/v1/analyze", JSON | {"Content-Length": length}) + b'{"text": 1}')
        assert connection.reply().status in (400, 413)
        assert connection.is_closed_by_peer()


# --- routes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/analyse", "/V1/analyze", "/v1/../v1/analyze", "/health", "/%00", "/" + "a" * 8000]
)  # fmt: skip
def test_a_route_that_is_not_there_is_404(gateway: Gateway, path: str) -> None:
    reply = gateway.post(text_body(PERSONAL), path=path)
    assert (reply.status, reply.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/analyze"), ("PUT", "/v1/analyze"), ("DELETE", "/v1/analyze"), ("GET", "/serve/bert_infer_demo"),
     ("POST", "/health/live"), ("POST", "/health/ready"), ("DELETE", "/v1/models")],
)  # fmt: skip
def test_another_method_is_405(gateway: Gateway, method: str, path: str) -> None:
    from wire import request

    reply = request(gateway.port, method, path)
    assert (reply.status, reply.code) == (405, "method_not_allowed")
