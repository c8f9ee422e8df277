"""A proxy between gateway and Triton's gRPC port that counts the frames the gateway sends, and can hold or cut."""

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM = 0x1, 0x3  # RFC 9113, section 6


class HTTP2Tap:
    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.target = (address.hostname, address.port)
        self.frames: list[int] = []
        self.replies_pass = threading.Event()
        self.replies_pass.set()
        self.connections: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"grpc://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.replies_pass.set()
        # Closing alone would leave the port open as long as the thread waits in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def count(self, kind: int) -> int:
        """Frames of a kind that the gateway has sent so far."""
        return list(self.frames).count(kind)

    def cut(self) -> None:
        """Resets every connection."""
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RDWR)
                connection.close()
        self.connections = []

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                return
            self.connections += [client, server]
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            threading.Thread(target=self._replies, args=(server, client), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        buffer, preface_left = b"", len(PREFACE)
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                server.sendall(data)
                skipped = min(preface_left, len(data))
                preface_left -= skipped
                buffer = self._count_frames(buffer + data[skipped:])
            server.shutdown(socket.SHUT_WR)

    def _count_frames(self, buffer: bytes) -> bytes:
        """What is left of `buffer` after its last whole frame: 9 bytes of header (length, type …), then the payload."""
        while len(buffer) >= 9 and len(buffer) >= (size := 9 + int.from_bytes(buffer[:3], "big")):
            self.frames.append(buffer[3])
            buffer = buffer[size:]
        return buffer

    def _replies(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                self.replies_pass.wait()
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
