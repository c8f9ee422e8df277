"""The load tests: that they count from when work was due, and that all of `make load` runs and says what it promises."""

import asyncio
import json
import math
import os
import subprocess
import sys
from pathlib import Path

from essays import PERSONAL, POLISHED
from gateway_process import ROOT, binary

sys.path.insert(0, str(ROOT))

from scripts.load.cpu_profile import OTHER, samples  # noqa: E402
from scripts.load.measuring import Sample, open_loop, paired  # noqa: E402


def test_percentiles_lie_between_the_nearest_values():
    sample = Sample(latencies=[4.0, 1.0, 3.0, 2.0])
    assert [sample.percentile(percent) for percent in (0, 50, 100)] == [1.0, 2.5, 4.0]
    assert math.isnan(Sample().percentile(50))


def test_an_open_loop_goes_on_while_work_is_stuck_and_counts_the_wait():
    release = asyncio.Event()
    started = []

    async def work(number: int) -> bool:
        started.append(number)
        if len(started) == 20:
            release.set()
        await release.wait()
        return number != 3

    sample = asyncio.run(open_loop(work, rate=200, seconds=0.5))
    # Everybody who came before the twentieth has waited for it, the first the longest.
    assert started == list(range(len(started))) and len(started) > 20
    assert sample.failures == 1
    assert len(sample.latencies) == len(started) - 1
    assert max(sample.latencies) > sample.percentile(10)


def test_a_latency_counts_from_when_the_work_was_due():
    async def blocking(number: int) -> bool:
        if number == 0:
            # Holds up the whole program, as an overloaded generator would.
            subprocess.run(["sleep", "0.3"], check=True)
        return True

    sample = asyncio.run(open_loop(blocking, rate=100, seconds=0.2))
    assert sum(latency > 100 for latency in sample.latencies) > 3


def test_pairs_take_the_difference_of_each_essay():
    async def at_once(_: int) -> bool:
        return True

    async def later(_: int) -> bool:
        await asyncio.sleep(0.02)
        return True

    first, second, difference = asyncio.run(paired(at_once, later, 6))
    assert len(first.latencies) == len(second.latencies) == len(difference.latencies) == 6
    assert difference.percentile(0) > 15


def test_a_sample_belongs_to_the_innermost_stage_of_its_stack():
    script = (
        "  7f memmove\n  55 $s8Features6TaggerV4sums\n  55 $s8Features16FeatureExtractorO7lexical\n\n"
        "  55 $s8Features16FeatureExtractorO7lexical\n  55 $s7Gateway13ScorePipelineV\n\n"
        "  7f malloc\n  7f _dispatch_worker_thread\n")  # fmt: skip
    assert samples(script) == {"tagger": 1, "other features": 1, OTHER: 1}


def test_make_load_writes_its_page(tmp_path: Path):
    text = " ".join(f"{PERSONAL} {POLISHED}".split() * 2)
    with (tmp_path / "dev.jsonl").open("w") as lines:
        for number in range(8):
            essay = " ".join(text.split()[number : number + 350])
            lines.write(json.dumps({"text": essay, "label": ("human", "ai")[number % 2]}) + "\n")
    page = tmp_path / "load.md"
    command = [sys.executable, "-m", "scripts.load", "--gateway", binary(), "--essays", tmp_path / "dev.jsonl"]
    run = subprocess.run(
        [*command, "--quick", "--output", page], cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    written = page.read_text()
    assert "nan" not in written
    for heading in ("What the gateway adds", "Where the gateway's CPU time goes", "Open loop", "The gateway's own ceiling", "Triton's models by perf_analyzer"):
        assert f"## {heading}" in written
    rows = [line for line in written.splitlines() if line.startswith("| ")]
    for row in ("one at a time", "one at a time, tiny models", "64", "ebm"):
        assert any(line.startswith(f"| {row} |") for line in rows), row
    # Floor, gateway and failures of both in each comparison.
    compared = [line.split("|") for line in rows if line.startswith(("| one at a time", "| 2.0 a second"))]
    assert len(compared) == 3 and all(cells[-2].strip() == "0 / 0" for cells in compared)
