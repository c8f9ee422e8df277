"""A Triton of the tests' own, over a copy of the model repository, to be killed, stopped and given wrong models."""

import os
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway_process import ROOT, environment, eventually, free_port

MODELS = ("bert_bilstm", "bert_classifier", "ngram_classifier", "sentence_encoder", "ebm")


@dataclass(frozen=True)
class TritonURLs:
    http_url: str
    grpc_url: str
    metrics_url: str


def copy_model(source: Path, target: Path) -> None:
    """The configuration is copied, so that a test can edit it; the model itself is a link."""
    (target / "1").mkdir(parents=True)
    shutil.copy(source / "config.pbtxt", target / "config.pbtxt")
    (target / "1" / "model.onnx").symlink_to(source / "1" / "model.onnx")


class Triton:
    """`tritonserver` by way of scripts/triton-up.sh, in explicit model control mode, on three free ports."""

    def __init__(self, folder: Path) -> None:
        self.source = ROOT / "triton_model_repo"
        self.repository = folder / "models"
        self.run_folder = folder / "run"
        self.http_port, self.grpc_port, self.metrics_port = free_port(), free_port(), free_port()
        self.http_url = f"http://127.0.0.1:{self.http_port}"
        self.grpc_url = f"grpc://127.0.0.1:{self.grpc_port}"
        self.metrics_url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        self.settings = {
            "TRITON_HTTP_PORT": str(self.http_port), "TRITON_GRPC_PORT": str(self.grpc_port),
            "TRITON_METRICS_PORT": str(self.metrics_port), "TRITON_MODEL_REPO": str(self.repository),
            "TRITON_RUN_DIR": str(self.run_folder),
        }  # fmt: skip
        self.pid: int | None = None
        self.changed: set[str] = set()
        for model in MODELS:
            copy_model(self.source / model, self.repository / model)

    # --- the process --------------------------------------------------------------------------------------------------

    def _script(self, name: str) -> None:
        run = subprocess.run(
            [ROOT / "scripts" / name], env=environment(self.settings), capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert run.returncode == 0, f"{name}: {run.stderr[-3000:]}"

    def start(self) -> None:
        """Returns when every model is ready."""
        self._script("triton-up.sh")
        self.pid = int((self.run_folder / "triton.pid").read_text())

    def shut_down(self) -> None:
        """In good order."""
        if self.pid is not None:
            self._script("triton-down.sh")
            self.pid = None

    def kill(self) -> None:
        """SIGKILL to the server and its model processes, at once, as if the machine had died under them."""
        assert self.pid is not None
        maps = Path(f"/proc/{self.pid}/maps").read_text()
        os.killpg(self.pid, signal.SIGKILL)
        self.pid = None
        (self.run_folder / "triton.pid").unlink()
        # Nobody else unlinks the shared memory of a server that was killed.
        for segment in set(re.findall(r"/dev/shm/triton_\S+", maps)):
            Path(segment).unlink(missing_ok=True)

    def freeze(self) -> None:
        """SIGSTOP: connections are still accepted, nothing is answered."""
        assert self.pid is not None
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.pid is not None
        os.killpg(self.pid, signal.SIGCONT)

    # --- its models ---------------------------------------------------------------------------------------------------

    def _post(self, path: str) -> None:
        call = urllib.request.Request(self.http_url + path, data=b"{}", method="POST")
        try:
            urllib.request.urlopen(call, timeout=60).close()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read()[:500]!r}") from error

    def is_ready(self, model: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.http_url}/v2/models/{model}/ready", timeout=10) as reply:
                return reply.status == 200
        except urllib.error.HTTPError:
            return False

    def unload(self, model: str) -> None:
        self.changed.add(model)
        self._post(f"/v2/repository/models/{model}/unload")
        eventually(lambda: not self.is_ready(model), 20, f"{model} is unloaded")

    def load(self, model: str) -> None:
        self._post(f"/v2/repository/models/{model}/load")
        eventually(lambda: self.is_ready(model), 30, f"{model} is ready")

    def replace(
        self, model: str, config: Callable[[str], str], onnx: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Loads the model with its configuration and, where `onnx` is given, its ONNX bytes edited."""
        self.unload(model)
        self._reset_files(model)
        config_file, onnx_file = self.repository / model / "config.pbtxt", self.repository / model / "1" / "model.onnx"
        before = config_file.read_text()
        after = config(before)
        assert after != before, f"the edit does not fit {model}'s config.pbtxt any more"
        config_file.write_text(after)
        if onnx is not None:
            data = onnx_file.read_bytes()
            edited = onnx(data)
            assert edited != data, f"the edit does not fit {model}'s model.onnx any more"
            onnx_file.unlink()
            onnx_file.write_bytes(edited)
        self.load(model)

    def _reset_files(self, model: str) -> None:
        shutil.rmtree(self.repository / model)
        copy_model(self.source / model, self.repository / model)

    def restore(self) -> "Triton":
        """Running, with every model as it was."""
        for model in self.changed:
            self._reset_files(model)
        if self.pid is None:
            self.start()
        else:
            self.thaw()
            for model in self.changed:
                if self.is_ready(model):
                    self.unload(model)
                self.load(model)
        self.changed = set()
        return self
