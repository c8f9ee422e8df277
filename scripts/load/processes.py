"""The gateway and Triton as processes: started, watched through /proc, stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Without any setting of the gateway's or of scripts/triton-up.sh that happens to be in the shell."""
    settings = ("GATEWAY_", "TRITON_", "LIMITS_", "LOG_", "SCORING_", "HEALTH_", "AUTH_", "TLS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(settings)} | extra


@dataclass
class Process:
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """User and system time so far, of all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def memory_mib(self, which: str) -> float:
        """`VmRSS` is resident now, `VmHWM` was at most."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(which + ":"):
                return int(line.split()[1]) / 1024
        raise ValueError(which)


@contextmanager
def triton(folder: Path, repository: Path) -> Iterator[tuple[int, int]]:
    """tritonserver by scripts/triton-up.sh; its HTTP and gRPC ports."""
    http_port, grpc_port = free_port(), free_port()
    settings = environment({
        "TRITON_HTTP_PORT": str(http_port), "TRITON_GRPC_PORT": str(grpc_port),
        "TRITON_METRICS_PORT": str(free_port()), "TRITON_RUN_DIR": str(folder), "TRITON_MODEL_REPO": str(repository),
    })  # fmt: skip
    subprocess.run([ROOT / "scripts/triton-up.sh"], env=settings, check=True, stdout=subprocess.DEVNULL)
    try:
        yield http_port, grpc_port
    finally:
        subprocess.run([ROOT / "scripts/triton-down.sh"], env=settings, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def gateway(binary: Path, triton_url: str, log: Path) -> Iterator[Process]:
    """`gateway serve`, ready. It takes more at once than by default, so that Triton is what limits."""
    port = free_port()
    settings = environment({"TRITON_URL": triton_url, "LIMITS_MAX_IN_FLIGHT": "256", "LOG_LEVEL": "warning"})
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binary, "serve", "--port", str(port)], env=settings, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait_until_ready(process, port, log)
        yield Process(process.pid, port)
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 30
    reason = "no answer"
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"load: the gateway exited with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return
        except urllib.error.HTTPError as error:
            reason = error.read().decode(errors="replace")[:500]
        except OSError as error:
            reason = str(error)
        time.sleep(0.1)
    raise SystemExit(f"load: the gateway is not ready: {reason}")
