"""What an essay costs: all models through the gateway beside one bare pass of the shipped encoder, in the same run.

    Benchmarks/essay_cost.py --gateway .build/release/gateway --triton http://127.0.0.1:8000 [--write docs/essay-cost.md]

The bare pass is ONNX Runtime on triton_model_repo/sentence_encoder over 512 tokens, with as many threads as Triton gives a
model. Rounds of the pass and of the essays take turns; both are medians. The essays are dev's nearest to 350 words.
"""

import argparse
import datetime
import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path
from statistics import median

import numpy
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent
WORDS = 350
GOAL = 3.3
# As the gateway packs and pads: Sources/Gateway/Pipeline/ModelCaller.swift and SentenceRows.swift.
BUCKETS = (32, 64, 96, 128, 160, 192, 224, 256, 512)
SPECIAL = 2


def essays_near(path: Path, words: int, count: int) -> list[str]:
    texts = [json.loads(line)["text"] for line in path.open(encoding="utf-8")]
    return sorted(texts, key=lambda text: abs(len(text.split()) - words))[:count]


def session(threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        str(ROOT / "triton_model_repo" / "sentence_encoder" / "1" / "model.onnx"), options,
        providers=["CPUExecutionProvider"])


def post(url: str, text: str) -> dict:
    request = urllib.request.Request(
        f"{url}/v1/analyze", json.dumps({"text": text}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def timed(action) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


def windows(gateway: Path, text: str) -> list[int]:
    """Tokens of each window's row, of the text as the gateway cleans it."""
    cleaned = subprocess.run([gateway, "clean", "--jsonl"], input=json.dumps({"text": text}), capture_output=True,
                             text=True, check=True).stdout
    lines = subprocess.run([gateway, "tokenize", "--jsonl"], input=json.dumps({"text": json.loads(cleaned)["text"]}),
                           capture_output=True, text=True, check=True).stdout
    return [end - start + SPECIAL for start, end in json.loads(lines)["windows"]]


def wait_until_ready(url: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the gateway does not become ready")


def page(passes: list[float], replies: list[dict], totals: list[float], rows: list[list[int]], threads: int) -> str:
    bare, whole = median(passes), median(totals)
    stages = {name: median(reply["timings"][name] for reply in replies) for name in replies[0]["timings"]}
    models = {model["name"]: median(next(m["milliseconds"] for m in reply["models"] if m["name"] == model["name"])
                                    for reply in replies) for model in replies[0]["models"]}
    used = sum(sum(row) for row in rows)
    padded = sum(next(bucket for bucket in BUCKETS if bucket >= length) for row in rows for length in row)
    tokens = sum(sum(length - SPECIAL for length in row) for row in rows)
    essay_tokens = median(reply["tokens"] for reply in replies)
    processor = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), "unknown")
    lines = [
        "# What an essay costs", "",
        f"Written by `make bench` ({processor}, {os.cpu_count()} cores, {threads} threads a model, load "
        f"{os.getloadavg()[0]:.1f} at the end, {datetime.date.today()}). {len(replies)} analyses of "
        f"{len(rows)} essays of about {WORDS} words ({essay_tokens:.0f} tokens), one at a time, over HTTP; a bare pass of the "
        "shipped encoder over 512 tokens after each. Medians.", "",
        "| | ms | to a bare pass |", "|---|---:|---:|",
        f"| one bare ONNX Runtime pass, 512 tokens | {bare:.1f} | 1 |",
        f"| **an essay, all models, through gateway and Triton** | **{whole:.1f}** | **{whole / bare:.2f}** "
        f"(at most {GOAL}) |", "", "Where it goes:", "", "| stage | ms |", "|---|---:|",
        *(f"| {name} | {value:.2f} |" for name, value in stages.items()),
        "", "The first wave's models run at once and share the cores; each model's own wall time:", "",
        "| model | ms |", "|---|---:|", *(f"| {name} | {value:.1f} |" for name, value in models.items()),
        "", f"Padding: windows have {used} tokens with [CLS] and [SEP], computed are {padded} "
        f"({padded / used - 1:.1%} more). Overlaps: {tokens} tokens in windows for {sum(reply['tokens'] for reply in replies[:len(rows)])} "
        "of the essays."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", type=Path, default=ROOT / ".build" / "release" / "gateway")
    parser.add_argument("--triton", default="http://127.0.0.1:8000")
    parser.add_argument("--essays", type=Path, default=ROOT.parent / "shared" / "data" / "essays" / "dev.jsonl")
    parser.add_argument("--count", type=int, default=8, help="essays (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of each essay (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of the bare pass: what config.pbtxt gives (default %(default)s)")
    parser.add_argument("--port", type=int, default=18190, help="of the gateway (default %(default)s)")
    parser.add_argument("--write", type=Path, help="also write the page to this file")
    options = parser.parse_args()
    texts = essays_near(options.essays, WORDS, options.count)
    encoder = session(options.threads)
    feeds = {"input_ids": numpy.full((1, 512), 2054, dtype=numpy.int64),
             "sentence_lengths": numpy.array([[512]], dtype=numpy.int64)}
    url = f"http://127.0.0.1:{options.port}"
    process = subprocess.Popen(
        [options.gateway, "serve", "--port", str(options.port), "--triton", options.triton], stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(url)
        for text in texts[:2]:
            post(url, text)
            encoder.run(None, feeds)
        passes, totals, replies = [], [], []
        for _ in range(options.rounds):
            for text in texts:
                totals.append(timed(lambda: replies.append(post(url, text))))  # noqa: B023 - called at once
                passes.append(timed(lambda: encoder.run(None, feeds)))
    finally:
        process.terminate()
        process.wait()
    text = page(passes, replies, totals, [windows(options.gateway, text) for text in texts], options.threads)
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
