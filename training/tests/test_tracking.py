"""Runs as ClearML tasks, in ClearML's offline mode: what a run tells lies in a folder instead of on a server."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock, call

import pytest

from training import tracking

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import argparse, sys
from pathlib import Path
from training.tracking import tracking
options = argparse.Namespace(rate=0.02, rounds=3, output=Path("here"), quick=True, limit=None)
with tracking("train-something", options) as run:
    for step in range(3):
        run.scalar("loss/train", 1 / (step + 1), step)
    run.scalar("AUROC", 0.75)
    run.model(sys.argv[1])
    print(run.task.get_offline_mode_folder() if run.task else "no task")
    if len(sys.argv) > 2:
        raise ValueError("a text that nobody may see")
"""


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A process of its own: ClearML allows one task in each, and reads its environment while it is imported."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CLEARML_", "TRAINS_"))}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "model.onnx"), *arguments], cwd=ROOT, text=True,
        capture_output=True, timeout=120, env={**kept, "HOME": str(folder), **environment})


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"weights")
    return tmp_path / "model.onnx"


def offline_session(tmp_path: Path, done: subprocess.CompletedProcess) -> tuple[Path, dict]:
    (folder,) = (Path(line) for line in done.stdout.splitlines() if Path(line).is_dir())
    assert folder.is_relative_to(tmp_path)
    return folder, json.loads((folder / "task.json").read_text())


def test_a_run_is_a_task_with_its_parameters_scalars_and_model(tmp_path: Path, model: Path) -> None:
    done = run(tmp_path, CLEARML_OFFLINE_MODE="1")
    assert done.returncode == 0, done.stderr
    folder, task = offline_session(tmp_path, done)
    assert (task["name"], task["type"]) == ("train-something", "training")
    options = {name: entry["value"] for name, entry in task["hyperparams"]["options"].items()}
    assert options == {"rate": "0.02", "rounds": "3", "output": "here", "quick": "True", "limit": ""}
    events = [event for line in (folder / "metrics.jsonl").read_text().splitlines() for event in json.loads(line)]
    curve = [(event["iter"], event["value"]) for event in events if event.get("metric") == "loss"]
    assert sorted(curve) == [(step, pytest.approx(1 / (step + 1))) for step in range(3)]
    assert {event["variant"] for event in events if event.get("metric") == "loss"} == {"train"}
    assert [event["value"] for event in events if event.get("variant") == "AUROC"] == [0.75]
    (registered,) = task["offline_output_models"]
    assert registered["init"]["name"] == "model" and registered["init"]["framework"] == "onnx"
    assert Path(registered["weights"]["weights_filename"]).read_bytes() == b"weights"
    assert model.read_bytes() == b"weights"


def test_what_a_failing_run_was_reading_is_not_told(tmp_path: Path, model: Path) -> None:
    done = run(tmp_path, "fail", CLEARML_OFFLINE_MODE="1")
    assert done.returncode == 1 and "ValueError" in done.stderr
    folder, task = offline_session(tmp_path, done)
    assert len(task["offline_output_models"]) == 1
    assert not any(b"nobody may see" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_run_that_fails_is_marked_as_failed_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The offline mode keeps no status: here the client stands in for the server."""
    task = Mock()
    monkeypatch.setitem(sys.modules, "clearml", Mock(Task=Mock(init=Mock(return_value=task))))
    monkeypatch.setattr(tracking, "is_configured", lambda: True)
    with pytest.raises(KeyError), tracking.tracking("train", {"rate": 1}):
        raise KeyError("a text that nobody may see")
    assert task.method_calls == [
        call.connect({"rate": 1}, name="options"), call.mark_failed(status_reason="KeyError"), call.close()]


def test_without_a_configuration_nothing_is_tracked(tmp_path: Path, model: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "no task"


def test_without_the_package_nothing_is_tracked(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    monkeypatch.setenv("CLEARML_OFFLINE_MODE", "1")
    with tracking.tracking("train", argparse.Namespace(rate=1)) as run:
        run.scalar("loss", 1.0, 0)
        run.model(model)
        assert run.task is None


def test_a_model_that_is_not_there_is_an_error_tracked_or_not(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent.onnx"):
        tracking.Run().model(tmp_path / "absent.onnx")
