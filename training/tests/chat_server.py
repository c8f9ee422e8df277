"""A server that speaks OpenAI's chat protocol, on a port of its own, and misbehaves as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def completion(text: object, reason: str = "stop") -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return Reply(body=json.dumps({"id": "c", "object": "chat.completion", "choices": [choice]}).encode())


def essay(body: dict) -> Reply:
    """Sixty words and the prompt, so that a test sees in the text what it was asked for with."""
    return completion(f"{'It was a day like any other. ' * 10}{body['messages'][-1]['content']} {body['model']}")


class ChatServer:
    """`behaviour` gives the reply to the n-th request (from 0); it may block. `requests` are the bodies as they came."""

    def __init__(self, behaviour: Callable[[int, dict], Reply] = lambda number, body: essay(body)) -> None:
        self.behaviour = behaviour
        self.requests: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.running = self.most = 0
        self.lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # noqa: N802 - http.server's name
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with owner.lock:
                    number = len(owner.requests)
                    owner.requests.append(body)
                    owner.headers.append(dict(self.headers))
                    owner.paths.append(self.path)
                    owner.running += 1
                    owner.most = max(owner.most, owner.running)
                try:
                    reply = owner.behaviour(number, body)
                finally:
                    with owner.lock:
                        owner.running -= 1
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(reply.body)
                except ConnectionError:
                    pass  # the caller did not wait

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
