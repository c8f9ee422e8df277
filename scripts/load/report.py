"""The page that `make load` writes."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .measuring import Sample
from .perf_analyzer import Row
from .recording import Calls

GOAL_MS = 3.0


@dataclass
class Pairs:
    """One essay at a time: the Triton calls alone, through the gateway, and second minus first of each essay."""

    floor: Sample
    ours: Sample
    difference: Sample
    cpu_ms: float
    """Of the gateway's process, an essay."""
    resident_mib: float = 0
    peak_mib: float = 0


@dataclass
class Loop:
    rate: float
    floor: Sample
    ours: Sample
    cpu_ms: float


@dataclass
class Step:
    workers: int
    rate: float
    ours: Sample
    cpu_ms: float
    peak_mib: float = 0


@dataclass
class Profile:
    samples: Counter[str]
    """By stage."""
    cpu_ms: float
    """Of an essay, while the profile was made."""


def profile_section(profile: Profile) -> str:
    total = sum(profile.samples.values())
    if not total:
        return "No profile: `perf` (Debian's linux-perf) is not installed, or may not be used here.\n"
    return (
        f"Samples of the process by `perf`, {total} of them, one essay at a time, tiny models.\n\n"
        + table(("stage", "share", "CPU ms an essay"), [
            [stage, f"{count / total:.1%}", f"{count / total * profile.cpu_ms:.2f}"]
            for stage, count in profile.samples.most_common()])
    )  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


NEEDED = {50: 1, 95: 20, 99: 100}
"""Essays that a percentile is told of: of fewer, it would be the slowest one."""


def percentiles(essays: int, value: Callable[[int], float], form: str) -> list[str]:
    return [format(value(percent), form) if essays >= needed else "–" for percent, needed in NEEDED.items()]


def figures(sample: Sample) -> list[str]:
    return percentiles(len(sample.latencies), sample.percentile, ".1f")


def compared(title: str, floor: Sample, ours: Sample, cpu_ms: float) -> list[str]:
    essays = min(len(floor.latencies), len(ours.latencies))
    added = percentiles(essays, lambda percent: ours.percentile(percent) - floor.percentile(percent), "+.1f")
    failed = f"{floor.failures} / {ours.failures}"
    return [
        title, f"{len(ours.latencies)}", *figures(floor), *figures(ours), *added,
        f"{cpu_ms:.2f}", failed,
    ]  # fmt: skip


COMPARED = (
    "", "essays", "floor p50", "p95", "p99", "gateway p50", "p95", "p99", "added p50", "p95", "p99", "CPU ms", "failed",
)  # fmt: skip


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), "unknown processor")  # fmt: skip
    return f"{os.cpu_count()} cores of {model}"


def verdict(name: str, value: float) -> str:
    return f"{name}: **{value:.2f} ms** (goal: at most {GOAL_MS:.0f} ms, {'held' if value <= GOAL_MS else 'MISSED'})"


def page(
    options: argparse.Namespace, texts: Sequence[str], recorded: Sequence[Calls], pairs: Pairs, loops: Sequence[Loop],
    rows: Sequence[Row], idle: Pairs, steps: Sequence[Step], profile: Profile,
) -> str:  # fmt: skip
    words = sum(len(text.split()) for text in texts) / len(texts)
    calls = sum(sum(map(len, one.first_wave.values())) + len(one.second_wave) for one in recorded) / len(recorded)
    is_release = "release" in options.gateway.resolve().parts
    busiest = steps[-1]
    sections = [
        "# Load\n",
        f"Written by `make load` on {datetime.now(UTC):%Y-%m-%d}: {machine()}, which gateway, Triton and load generator "
        f"share{'' if is_release else '; **a debug build of the gateway, whose figures mean nothing**'}. "
        f"{len(texts)} essays of dev.jsonl, {words:.0f} words on average, {calls:.1f} calls of Triton each. Times are in ms.\n",
        "- **floor**: the same calls of Triton, byte for byte as the gateway sends them, in the same two waves, by a client\n"
        "  that does nothing else (Python, asyncio, HTTP). What it costs itself is in the floor.\n"
        "- **gateway**: `POST /v1/analyze` by the same client, with the gateway calling Triton over HTTP.\n"
        "- **CPU**: user and system time of the gateway's process, an essay.\n",
        "## What the gateway adds\n",
        f"- {verdict('added latency, p50', pairs.difference.percentile(50))}\n"
        f"- {verdict('CPU of an essay', pairs.cpu_ms)}\n"
        f"- memory of the gateway: {pairs.resident_mib:.0f} MiB resident at the end, {pairs.peak_mib:.0f} MiB at most\n",
        "Added latency is the median, over essays, of gateway minus floor, measured one right after the other, in changing\n"
        "order, with nothing else to do.\n",
        table(COMPARED, [
            compared("one at a time", pairs.floor, pairs.ours, pairs.cpu_ms),
            compared("one at a time, tiny models", idle.floor, idle.ours, idle.cpu_ms),
        ]),
        f"Median of the differences: {pairs.difference.percentile(50):+.2f} ms, "
        f"with tiny models {idle.difference.percentile(50):+.2f} ms (their 5th to 95th percentile: "
        f"{idle.difference.percentile(5):+.2f} to {idle.difference.percentile(95):+.2f}).\n",
        "## Where the gateway's CPU time goes\n",
        profile_section(profile),
        "## Open loop\n",
        "Essays arrive at random times (Poisson, the same times for both) whether or not earlier ones are done, and latency\n"
        "counts from the time at which an essay was due.\n",
        table(COMPARED, [compared(f"{loop.rate:.1f} a second", loop.floor, loop.ours, loop.cpu_ms) for loop in loops]),
        "## The gateway's own ceiling\n",
        "A Triton whose models have the same names and tensors and next to nothing to do. The gateway shares the cores with\n"
        "that Triton and with the load generator, so the rate is what the three reach together; what the gateway alone could\n"
        "do follows from its CPU time.\n",
        table(
            ("at once", "essays/s", "p50", "p95", "p99", "CPU ms an essay", "cores used by the gateway",
             "essays/s a core of its own", "failed"),
            [[f"{step.workers}", f"{step.rate:.0f}", *figures(step.ours), f"{step.cpu_ms:.2f}",
              f"{step.rate * step.cpu_ms / 1000:.2f}", f"{1000 / step.cpu_ms if step.cpu_ms else float('nan'):.0f}",
              f"{step.ours.failures}"] for step in steps]),
        f"Memory of the gateway at most: {busiest.peak_mib:.0f} MiB, with {busiest.workers} essays at once.\n",
        "## Triton's models by perf_analyzer\n",
        "Rows as the gateway makes them of the essays, one a request.\n",
        table(
            ("model", "protocol", "load", "rows/s", "p50", "p95", "p99"),
            [[row.model, row.protocol, row.load, f"{row.per_second:.1f}", f"{row.p50:.1f}", f"{row.p95:.1f}",
              f"{row.p99:.1f}"] for row in rows]),
    ]  # fmt: skip
    return "\n".join(sections)
