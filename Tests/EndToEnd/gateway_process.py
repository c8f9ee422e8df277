"""The real `gateway` binary: as a server under test, and as a command."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from essays import CANARY
from wire import JSON, Connection, Reply, request, text_body

ROOT = Path(__file__).resolve().parents[2]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def binary() -> Path:
    path = Path(os.environ.get("GATEWAY_BIN", ".build/release/gateway"))
    path = path if path.is_absolute() else ROOT / path
    assert path.exists(), f"no gateway binary at {path}: swift build -c release, or set GATEWAY_BIN"
    return path


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The tests' environment without any setting of the gateway's, so that a developer's shell changes nothing."""
    settings = (
        "GATEWAY_", "TRITON_", "LIMITS_", "LOG_", "SCORING_", "ROLLOUT_", "HEALTH_", "METRICS_", "AUTH_", "TLS_", "CORS_",
    )  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(settings)}
    return kept | (extra or {})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition: Callable[[], Any], within: float, what: str, every: float = 0.05) -> Any:
    """The first true value of `condition`, asked again and again; fails after `within` seconds."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {within} s: {what}"
        time.sleep(every)


def run_gateway(
    *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """`gateway` as a command, to its end."""
    return subprocess.run(
        [binary(), *arguments], input=stdin, capture_output=True, env=environment(env), timeout=timeout, check=False
    )


class Gateway:
    """`gateway serve` on a free port, its output in `log`."""

    def __init__(self, log: Path, arguments: list[str], env: dict[str, str], port: int | None = None) -> None:
        self.log = log
        self.port = port or free_port()
        self.sent_canary = False
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [binary(), "serve", "--port", str(self.port), *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(env),
            )  # fmt: skip

    # --- requests -----------------------------------------------------------------------------------------------------

    def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        return request(self.port, "GET", path, headers=headers)

    def post(self, body: bytes, headers: dict[str, str] | None = None, path: str = "/v1/analyze") -> Reply:
        return request(self.port, "POST", path, body, JSON if headers is None else headers)

    def analyze(self, text: str, headers: dict[str, str] | None = None) -> Reply:
        return self.post(text_body(text), JSON | (headers or {}))

    def connect(self, timeout: float = 15) -> Connection:
        return Connection(self.port, timeout)

    # --- state --------------------------------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def readiness(self) -> Reply:
        return self.get("/health/ready")

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def cpu_seconds(self) -> float:
        """User and system time that the process has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def wait_until_live(self, within: float = 20) -> "Gateway":
        def is_live() -> bool:
            assert self.is_running, f"gateway exited with {self.process.returncode}:\n{self.log_text()[-2000:]}"
            try:
                return self.get("/health/live").status == 200
            except ConnectionRefusedError:
                return False

        eventually(is_live, within, "the gateway is live")
        return self

    def wait_until(self, status: str, within: float = 15) -> dict[str, Any]:
        """Waits until `/health/ready` says `status`, and gives its body."""

        def body() -> dict[str, Any] | None:
            reply = self.readiness().json
            return reply if reply["status"] == status else None

        return eventually(body, within, f"/health/ready says {status}; last: {self.readiness().json}")

    # --- end ----------------------------------------------------------------------------------------------------------

    def terminate(self, within: float = 30) -> int:
        """SIGTERM, then the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def close(self) -> None:
        """Ends the process. It must still be running, or have exited with 0, and must not have logged essay text."""
        status = self.terminate() if self.is_running else self.process.returncode
        log = self.log_text()
        assert status == 0, f"gateway ended with {status}:\n{log[-2000:]}"
        leaked = [word for word in CANARY.split() if word in log.lower()]
        assert not leaked, f"essay text in the log {self.log}"


# What the fixture `start_gateway` gives: called with Triton's URL, settings, and further arguments.
StartGateway = Callable[..., Gateway]


@contextmanager
def running(
    log: Path, triton_url: str, env: dict[str, str] | None = None, arguments: tuple[str, ...] = ()
) -> Iterator[Gateway]:
    """A gateway that is live; closed at the end, and killed if that does not work."""
    gateway = Gateway(log, ["--triton", triton_url, *arguments], env or {})
    try:
        yield gateway.wait_until_live()
        gateway.close()
    finally:
        if gateway.is_running:
            gateway.process.kill()
            gateway.process.wait()
