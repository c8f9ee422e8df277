"""A faulty inference server: a proxy between gateway and Triton that spoils what passes through it (KServe over HTTP)."""

import contextlib
import http.client
import json
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

JSON_LENGTH = "inference-header-content-length"


@dataclass(frozen=True)
class UpstreamReply:
    """Triton's reply to one request: JSON, then the tensors' bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json_length(self) -> int:
        return int(self.headers.get(JSON_LENGTH, len(self.body)))

    @property
    def json(self) -> dict:
        return json.loads(self.body[: self.json_length])

    @property
    def tensors(self) -> bytes:
        return self.body[self.json_length :]

    def with_parts(self, header: dict, tensors: bytes) -> "UpstreamReply":
        """The same reply with other contents, all lengths right."""
        data = json.dumps(header).encode()
        return replace(self, body=data + tensors, headers=self.headers | {JSON_LENGTH: str(len(data))})

    def wire(self, **headers: str) -> bytes:
        """As bytes; `headers` (`_` for `-`) replace the right ones."""
        fields = {name: value for name, value in self.headers.items() if name in ("content-type", JSON_LENGTH)}
        fields |= {"content-length": str(len(self.body))}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {self.status} Whatever\r\n{lines}\r\n".encode() + self.body


@dataclass
class Exchange:
    """One request of the gateway's, as a fault sees it."""

    proxy: "FaultProxy"
    connection: socket.socket
    method: str
    path: str
    head: bytes
    body: bytes

    def forward(self) -> UpstreamReply:
        """What Triton really answers."""
        upstream = http.client.HTTPConnection(self.proxy.host, self.proxy.port, timeout=60)
        wanted = ("content-type", JSON_LENGTH)
        lines = [line.split(":", 1) for line in self.head.decode().split("\r\n")[1:] if ":" in line]
        headers = {name: value.strip() for name, value in lines if name.lower() in wanted}
        try:
            upstream.request(self.method, self.path, self.body or None, headers)
            reply = upstream.getresponse()
            return UpstreamReply(reply.status, {n.lower(): v for n, v in reply.getheaders()}, reply.read())
        finally:
            upstream.close()

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def wait_for_the_peer_to_leave(self) -> None:
        """Says nothing until the gateway closes the connection, which is counted, or the proxy is closed."""
        while not self.proxy.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if readable:
                try:
                    gone = self.connection.recv(1, socket.MSG_PEEK) == b""
                except ConnectionError:
                    gone = True
                if gone:
                    with self.proxy.lock:
                        self.proxy.abandoned.append(self.path)
                    return


# Answers an exchange in its own way. The connection is closed afterwards.
Fault = Callable[[Exchange], None]


@dataclass
class FaultProxy:
    """Everything passes unharmed but what `fault` is set for: the inference requests for the models of `models`."""

    url: str
    fault: Fault | None = None
    models: tuple[str, ...] = ("bert_bilstm", "bert_classifier", "ngram_classifier", "sentence_encoder", "ebm")
    # Paths of the requests that came in, and of those whose connection the gateway closed before it had an answer.
    seen: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        assert address.hostname and address.port
        self.host, self.port = address.hostname, address.port
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.own_port = self.listener.getsockname()[1]
        self.own_url = f"http://127.0.0.1:{self.own_port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.refuse()

    def refuse(self) -> None:
        """From now on nothing listens, and no connection is left. Once is enough."""
        if self.closing.is_set():
            return
        self.closing.set()
        # Closing alone would leave the port open as long as a thread waits in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def infer_paths(self) -> list[str]:
        with self.lock:
            return [path for path in self.seen if path.endswith("/infer")]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        buffer = b""
        with connection:
            while True:
                try:
                    while b"\r\n\r\n" not in buffer:
                        buffer += self._receive(connection)
                    head, buffer = buffer.split(b"\r\n\r\n", 1)
                    length = self._content_length(head)
                    while len(buffer) < length:
                        buffer += self._receive(connection)
                    body, buffer = buffer[:length], buffer[length:]
                    if not self._answer(connection, head, body):
                        return
                except OSError:
                    return

    def _answer(self, connection: socket.socket, head: bytes, body: bytes) -> bool:
        """Whether the connection stays open."""
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        exchange = Exchange(self, connection, method, path, head, body)
        with self.lock:
            self.seen.append(path)
        fault = self.fault
        if fault is not None and any(re.fullmatch(rf"/v2/models/{model}(/versions/\d+)?/infer", path) for model in self.models):
            fault(exchange)
            return False
        connection.sendall(exchange.forward().wire())
        return True

    @staticmethod
    def _receive(connection: socket.socket) -> bytes:
        data = connection.recv(1 << 16)
        if not data:
            raise ConnectionError
        return data

    @staticmethod
    def _content_length(head: bytes) -> int:
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return int(value)
        return 0


# --- faults that are more than one line -------------------------------------------------------------------------------


def rewritten(change: Callable[[dict, bytes], tuple[dict, bytes]]) -> Fault:
    """Triton's reply with its JSON and tensor bytes changed, all lengths right."""

    def fault(exchange: Exchange) -> None:
        reply = exchange.forward()
        header, tensors = change(reply.json, reply.tensors)
        exchange.connection.sendall(reply.with_parts(header, tensors).wire())

    return fault


def raw(make: Callable[[UpstreamReply], bytes]) -> Fault:
    """Bytes made from Triton's reply, right or wrong."""

    def fault(exchange: Exchange) -> None:
        exchange.connection.sendall(make(exchange.forward()))

    return fault


def delayed(seconds: float) -> Fault:
    """Triton's own reply, late."""

    def fault(exchange: Exchange) -> None:
        reply = exchange.forward()
        exchange.proxy.closing.wait(seconds)
        exchange.connection.sendall(reply.wire(connection="close"))

    return fault


def dripped(pause: float) -> Fault:
    """Triton's own reply, a byte every `pause` seconds."""

    def fault(exchange: Exchange) -> None:
        for byte in exchange.forward().wire():
            exchange.connection.sendall(bytes([byte]))
            time.sleep(pause)

    return fault


def stall(exchange: Exchange) -> None:
    exchange.wait_for_the_peer_to_leave()


def reset(exchange: Exchange) -> None:
    exchange.reset()


def close(exchange: Exchange) -> None:
    """Takes the request and closes without a word; `_serve` does the closing."""
