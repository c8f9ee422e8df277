"""What the gateway sends to Triton for an essay, byte for byte: a proxy between the two notes it down."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from .wire import Client, content_length

SECOND_WAVE = "ebm"


@dataclass
class Calls:
    """One essay's requests to Triton, in the order in which the gateway sends them."""

    first_wave: dict[str, list[bytes]] = field(default_factory=dict)
    """By model: the models' calls go out at once, a model's own calls one after the other."""
    second_wave: list[bytes] = field(default_factory=list)

    def add(self, model: str, request: bytes) -> None:
        if model == SECOND_WAVE:
            self.second_wave.append(request)
        else:
            self.first_wave.setdefault(model, []).append(request)

    def of(self, model: str) -> list[bytes]:
        return self.second_wave if model == SECOND_WAVE else self.first_wave.get(model, [])


class RecordingProxy:
    """Passes everything on, and keeps the inference requests of one essay at a time in `calls`."""

    def __init__(self, triton_port: int) -> None:
        self.triton_port = triton_port
        self.calls = Calls()

    async def start(self) -> int:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.triton_port)
        try:
            while True:
                head, body = await self._message(reader)
                path = head.split(b" ", 2)[1].decode()
                if path.endswith("/infer"):
                    self.calls.add(path.split("/")[3], head + body)
                upstream_writer.write(head + body)
                writer.write(b"".join(await self._message(upstream_reader)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            upstream_writer.close()
            writer.close()

    async def _message(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
        head = await reader.readuntil(b"\r\n\r\n")
        is_bare = head.startswith(b"GET ")
        return head, b"" if is_bare else await reader.readexactly(content_length(head))


def analyze_request(text: str) -> bytes:
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    head = f"POST /v1/analyze HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def record(texts: list[str], gateway_port: int, proxy: RecordingProxy) -> list[Calls]:
    """One essay after the other through a gateway whose Triton is the proxy."""
    client = Client(gateway_port)
    recorded = []
    for text in texts:
        proxy.calls = Calls()
        reply = await client.exchange(analyze_request(text))
        assert reply.status == 200, f"the gateway answered {reply.status}: {reply.body[:300]!r}"
        assert proxy.calls.second_wave, "no call of ebm was seen"
        recorded.append(proxy.calls)
    client.close()
    return recorded


def tensors(request: bytes) -> dict[str, tuple[str, list[int], bytes]]:
    """Datatype, shape and little-endian bytes of each input of a recorded request."""
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.split(b"\r\n")
        if line.lower().startswith(b"inference-header-content-length:")
    )  # fmt: skip
    found, start = {}, length
    for entry in json.loads(body[:length])["inputs"]:
        size = entry["parameters"]["binary_data_size"]
        found[entry["name"]] = (entry["datatype"], entry["shape"], body[start : start + size])
        start += size
    return found
