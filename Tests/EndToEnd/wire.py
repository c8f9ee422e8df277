"""HTTP/1.1 over a plain socket: replies as they were sent, and requests that no client library would send."""

import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """`error.code`; None where the reply is no error."""
        return self.json.get("error", {}).get("code")


class Connection:
    """One connection to a local server. Every wait is bounded by `timeout` seconds; a longer one is `TimeoutError`."""

    def __init__(self, port: int, timeout: float = 15) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.buffer = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> "Connection":
        self.socket.sendall(data)
        return self

    def is_closed_by_peer(self) -> bool:
        """Waits for the peer to close; false when it sends something instead."""
        try:
            return not self.buffer and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _more(self) -> None:
        chunk = self.socket.recv(1 << 16)
        if not chunk:
            raise ConnectionError(f"closed after {len(self.buffer)} bytes of a reply")
        self.buffer += chunk

    def reply(self) -> Reply:
        """The next reply of the connection, which must carry a Content-Length, as all of the gateway's do."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status_line, *lines = head.decode("ascii").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, value = line.split(":", 1)
            if name.lower() in headers:
                raise ConnectionError(f"header {name} came twice")
            headers[name.lower()] = value.strip()
        length = int(headers["content-length"])
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Reply(int(status_line.split(" ")[1]), headers, body)


def head(method: str, path: str, headers: dict[str, str]) -> bytes:
    """A request's head."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"] + [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


JSON = {"Content-Type": "application/json"}


def request(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, timeout: float = 60
) -> Reply:
    """One request on a connection of its own."""
    fields = dict(headers or {})
    if body or method == "POST":
        fields.setdefault("Content-Length", str(len(body)))
    with Connection(port, timeout) as connection:
        return connection.send(head(method, path, fields) + body).reply()


def text_body(text: str) -> bytes:
    """`{"text": …}` in UTF-8, nothing escaped that need not be."""
    return json.dumps({"text": text}, ensure_ascii=False).encode()
