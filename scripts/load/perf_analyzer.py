"""Triton's own load tester on each model, with what the gateway sends for real essays as input."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy

from .recording import Calls, tensors

NUMBERS = {"INT64": "<i8", "FP64": "<f8"}


@dataclass(frozen=True)
class Row:
    model: str
    protocol: str
    load: str
    per_second: float
    p50: float
    p95: float
    p99: float


def write_inputs(model: str, recorded: Sequence[Calls], folder: Path) -> Path:
    """A row of each recorded batch is an input of its own: perf_analyzer puts the batch dimension in front."""
    data = []
    for calls in recorded:
        for request in calls.of(model):
            arrays = {
                name: numpy.frombuffer(content, NUMBERS[datatype]).reshape(shape)
                for name, (datatype, shape, content) in tensors(request).items()
            }
            rows = len(next(iter(arrays.values())))
            for row in range(rows):
                data.append({
                    name: {"content": array[row].tolist(), "shape": list(array.shape[1:])}
                    for name, array in arrays.items()
                })  # fmt: skip
    path = folder / f"{model}.json"
    path.write_text(json.dumps({"data": data}))
    return path


def _environment(folder: Path) -> dict[str, str]:
    """perf_analyzer wants a libcudart.so.12; the one that came with Triton has another name."""
    site = Path(sysconfig.get_path("purelib"))
    library = next((site / "nvidia_pytriton.libs").glob("libcudart-*.so.12*"))
    link = folder / "libcudart.so.12"
    if not link.exists():
        link.symlink_to(library)
    return os.environ | {"LD_LIBRARY_PATH": f"{folder}:{library.parent}"}


def sweep(
    model: str, inputs: Path, protocol: str, port: int, load: Sequence[str], count: int, folder: Path
) -> list[Row]:
    """`load` are perf_analyzer's options for it, such as --concurrency-range; `count` requests are a window, three windows
    a figure. Windows may differ as they like: what comes out is printed with its percentiles, stable or not.
    """
    table = folder / f"{model}-{protocol}-{load[0].strip('-')}.csv"
    table.unlink(missing_ok=True)
    command = [
        Path(sysconfig.get_path("scripts")) / "perf_analyzer", "-m", model, "-u", f"127.0.0.1:{port}", "-i", protocol,
        "--input-data", str(inputs), "--measurement-mode", "count_windows", "--measurement-request-count", str(count),
        "--stability-percentage", "999", "--max-trials", "3", "-f", str(table), *load,
    ]  # fmt: skip
    run = subprocess.run(command, env=_environment(folder), capture_output=True, text=True, timeout=300, check=False)
    if not table.exists():
        raise SystemExit(f"load: perf_analyzer, {model} over {protocol}: {run.stdout[-1500:]}{run.stderr[-1500:]}")
    column, unit = ("Concurrency", "at a time") if "concurrency" in load[0] else ("Request Rate", "a second")
    with table.open() as lines:
        entries = sorted(csv.DictReader(lines), key=lambda entry: float(entry[column]))
    return [
        Row(
            model, protocol, f"{float(entry[column]):.0f} {unit}", float(entry["Inferences/Second"]),
            *(float(entry[f"p{percent} latency"]) / 1000 for percent in (50, 95, 99)),
        )
        for entry in entries
    ]  # fmt: skip
