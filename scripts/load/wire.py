"""HTTP/1.1 over kept-alive connections, as thin as Python allows: bytes out, status and body in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


class _Connection(asyncio.Protocol):
    """One exchange at a time."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.waiting: asyncio.Future[Reply] | None = None
        self.is_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def exchange(self, request: bytes) -> asyncio.Future[Reply]:
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.waiting

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = content_length(bytes(self.received[:end]))
        if len(self.received) < end + 4 + length:
            return
        reply = Reply(int(self.received[9:12]), bytes(self.received[end + 4 : end + 4 + length]))
        del self.received[: end + 4 + length]
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(error or ConnectionError("the server closed the connection"))


def content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise ValueError("a message without Content-Length, which neither Triton nor the gateway sends")


class Client:
    """As many connections to 127.0.0.1:`port` as there are exchanges at once; they are kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[_Connection] = []

    async def exchange(self, request: bytes) -> Reply:
        while self.idle and not self.idle[-1].is_open:
            self.idle.pop()
        if self.idle:
            connection = self.idle.pop()
        else:
            _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", self.port)
        reply = await connection.exchange(request)
        self.idle.append(connection)
        return reply

    def close(self) -> None:
        for connection in self.idle:
            connection.transport.close()
        self.idle.clear()
