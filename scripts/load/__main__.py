"""`make load`: what the gateway adds to the Triton calls it makes, and what it does at most.

    python -m scripts.load --gateway BINARY --essays dev.jsonl [--output docs/load.md] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import essays, measuring, perf_analyzer, processes, report
from .cpu_profile import CPUProfile
from .recording import Calls, RecordingProxy, analyze_request, record
from .tiny_models import write_tiny_models
from .wire import Client

MODELS = ("bert_bilstm", "bert_classifier", "ngram_classifier", "sentence_encoder", "ebm")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--gateway", type=Path, required=True, help="the gateway's binary, built with -c release")
    parser.add_argument("--essays", type=Path, required=True, help="dev.jsonl")
    parser.add_argument("--output", type=Path, help="the page to write; the page goes to standard output without it")
    parser.add_argument("--count", type=int, default=32, help="different essays (default 32)")
    parser.add_argument("--pairs", type=int, default=200, help="essays measured one at a time (default 200)")
    parser.add_argument("--seconds", type=float, default=25, help="of each open loop (default 25)")
    parser.add_argument(
        "--rates", type=float, nargs="*",
        help="essays a second of the open loops (default: 25, 50 and 75 %% of what Triton alone reaches)")
    parser.add_argument("--ceiling-seconds", type=float, default=8, help="of each step of the ceiling (default 8)")
    parser.add_argument("--window", type=int, default=30, help="requests of a perf_analyzer window (default 30)")
    parser.add_argument("--quick", action="store_true", help="a few seconds of each, to see that it works")
    options = parser.parse_args()
    if options.quick:
        options.count, options.pairs, options.seconds, options.ceiling_seconds, options.window = 2, 4, 2.0, 0.5, 3
        options.rates = options.rates or [2.0]
    return options


async def recorded_calls(binary: Path, texts: list[str], http_port: int, folder: Path) -> list[Calls]:
    proxy = RecordingProxy(http_port)
    proxy_port = await proxy.start()
    # In a thread: the proxy must answer while the gateway is waited for.
    context = processes.gateway(binary, f"http://127.0.0.1:{proxy_port}", folder / "recording.log")
    running = await asyncio.to_thread(context.__enter__)
    try:
        return await record(texts, running.port, proxy)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
        proxy.stop()


def sweeps(
    options: argparse.Namespace, recorded: Sequence[Calls], ports: tuple[int, int], folder: Path
) -> list[perf_analyzer.Row]:
    rows = []
    for model in MODELS[-1:] if options.quick else MODELS:
        inputs = perf_analyzer.write_inputs(model, recorded, folder)
        for protocol, port in zip(("http", "grpc"), ports, strict=True):
            concurrency = ["--concurrency-range", "1:4:3"]
            measured = perf_analyzer.sweep(model, inputs, protocol, port, concurrency, options.window, folder)
            rows += measured
            fastest = max(row.per_second for row in measured)
            slow, step = max(1, round(fastest / 4)), max(1, round(fastest / 4))
            rate = ["--request-rate-range", f"{slow}:{slow + step}:{step}", "--request-distribution", "poisson"]
            rows += perf_analyzer.sweep(model, inputs, protocol, port, rate, options.window, folder)
            print(f"load: perf_analyzer, {model} over {protocol}: done", flush=True)
    return rows


async def against_the_floor(
    options: argparse.Namespace, requests: list[bytes], recorded: list[Calls], http_port: int, folder: Path
) -> tuple[report.Pairs, list[report.Loop]]:
    """One at a time, then at rates: the gateway over HTTP, and the same calls without it."""
    with processes.gateway(options.gateway, f"http://127.0.0.1:{http_port}", folder / "gateway.log") as running:
        alone = measuring.floor(Client(http_port), recorded)
        ours = measuring.gateway(Client(running.port), requests)
        await measuring.paired(alone, ours, min(len(requests), options.pairs))  # warm
        before = running.cpu_seconds()
        samples = await measuring.paired(alone, ours, options.pairs)
        pairs = report.Pairs(*samples, cpu_ms=(running.cpu_seconds() - before) * 1000 / options.pairs)
        _, fastest = await measuring.closed_loop(alone, 4, min(8, options.seconds))
        loops = []
        for rate in options.rates or [fastest * share for share in (0.25, 0.5, 0.75)]:
            floor = await measuring.open_loop(alone, rate, options.seconds)
            before = running.cpu_seconds()
            gateway = await measuring.open_loop(ours, rate, options.seconds)
            spent = (running.cpu_seconds() - before) * 1000 / max(1, len(gateway.latencies))
            loops.append(report.Loop(rate, floor, gateway, cpu_ms=spent))
            print(f"load: open loop at {rate:.1f} essays/s: done", flush=True)
        pairs.resident_mib, pairs.peak_mib = running.memory_mib("VmRSS"), running.memory_mib("VmHWM")
    return pairs, loops


async def ceiling(
    options: argparse.Namespace, requests: list[bytes], http_port: int, folder: Path
) -> tuple[list[report.Step], report.Profile]:
    """With models that have nothing to do: how many essays a second, at how many at once; and where the CPU time goes."""
    with processes.gateway(options.gateway, f"http://127.0.0.1:{http_port}", folder / "ceiling.log") as running:
        ours = measuring.gateway(Client(running.port), requests)
        await measuring.closed_loop(ours, 4, options.ceiling_seconds / 4)  # warm
        steps = []
        for workers in (1, 4, 16, 64):
            before = running.cpu_seconds()
            sample, rate = await measuring.closed_loop(ours, workers, options.ceiling_seconds)
            spent = running.cpu_seconds() - before
            steps.append(report.Step(workers, rate, sample, cpu_ms=spent * 1000 / max(1, len(sample.latencies))))
            print(f"load: ceiling with {workers} at once: done", flush=True)
        steps[-1].peak_mib = running.memory_mib("VmHWM")
        recorder = CPUProfile(running.pid, folder)
        before = running.cpu_seconds()
        sample, _ = await measuring.closed_loop(ours, 1, options.ceiling_seconds)
        spent = (running.cpu_seconds() - before) * 1000 / max(1, len(sample.latencies))
        profile = report.Profile(await asyncio.to_thread(recorder.finish), spent)
    return steps, profile


async def main() -> None:
    options = arguments()
    texts = essays.choose(options.essays, options.count)
    requests = [analyze_request(text) for text in texts]
    with tempfile.TemporaryDirectory(prefix="gateway-load-") as name:
        folder = Path(name)
        with processes.triton(folder / "triton", processes.ROOT / "triton_model_repo") as ports:
            recorded = await recorded_calls(options.gateway, texts, ports[0], folder)
            pairs, loops = await against_the_floor(options, requests, recorded, ports[0], folder)
            rows = sweeps(options, recorded, ports, folder)
        write_tiny_models(folder / "models")
        with processes.triton(folder / "triton", folder / "models") as ports:
            steps, profile = await ceiling(options, requests, ports[0], folder)
            tiny = await recorded_calls(options.gateway, texts, ports[0], folder)
            idle, _ = await against_the_floor(
                argparse.Namespace(**vars(options) | {"rates": [20.0], "seconds": options.ceiling_seconds}),
                requests, tiny, ports[0], folder)
    page = report.page(options, texts, recorded, pairs, loops, rows, idle, steps, profile)
    if options.output is None:
        print(page)
    else:
        options.output.write_text(page, encoding="utf-8")
        print(f"load: {options.output} is written")


if __name__ == "__main__":
    asyncio.run(main())
