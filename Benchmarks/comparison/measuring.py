"""Rounds of libraries in turn, and the figures and texts of our own binary."""

import json
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Of a library of some MB/s a round takes a second or two.
ROUNDS = 7

# Functions by what they are called in a table.
Forms = dict[object, Callable[[], object]]


def round_seconds(forms: Forms) -> dict[object, list[float]]:
    """The times of each form's rounds, shortest first; the forms take turns."""
    times = {name: [] for name in forms}
    for _ in range(ROUNDS):
        for name, form in forms.items():
            start = time.perf_counter()
            form()
            times[name].append(time.perf_counter() - start)
    return {name: sorted(of_form) for name, of_form in times.items()}


def texts_of(essays: Path) -> list[str]:
    with essays.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def run_bench(bench: Path, essays: Path, section: str) -> dict:
    """Our own figures of a section."""
    run = subprocess.run([bench, essays, section], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)[section]


def bench_results(bench: Path, option: str, essays: Path) -> list:
    """What the measured binary makes of each text, to be compared with what others make of it."""
    run = subprocess.run([bench, option, essays], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def named(package: str) -> str:
    """The package with its version."""
    return f"{package} {version(package)}"
