"""Runs the gateway's own commands over essays: one cleaning and one feature code for training and for serving."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tqdm import tqdm

from .places import ROOT, WINDOWS

# Threads: texts go in while results come out, or both sides would wait on a full pipe.


def command() -> list[str]:
    """The gateway's executable: GATEWAY_BIN (a command line) or the release build."""
    configured = os.environ.get("GATEWAY_BIN")
    return shlex.split(configured) if configured else [str(ROOT / ".build" / "release" / "gateway")]


def run_jsonl(
    subcommand: Sequence[str], essays: Iterable[Mapping[str, str]], total: int, executable: Sequence[str] | None = None,
) -> Iterator[dict]:
    """Feeds {"id", "text"} lines to `gateway <subcommand>` and yields its answers, one a line in input order.

    Raises RuntimeError when the command fails without having answered every line.
    """
    arguments = [*(executable or command()), *subcommand]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdin is not None and process.stdout is not None

    def feed(pipe) -> None:  # noqa: ANN001
        try:
            for essay in essays:
                pipe.write(json.dumps({"id": essay["id"], "text": essay["text"]}, ensure_ascii=False) + "\n")
            pipe.close()
        except BrokenPipeError:
            pass  # the process died; its missing answers are reported below

    feeder = threading.Thread(target=feed, args=(process.stdin,), daemon=True)
    feeder.start()
    answers = 0
    for line in tqdm(process.stdout, total=total, desc=" ".join(subcommand[:1]), mininterval=2):
        answers += 1
        yield json.loads(line)
    feeder.join()
    status = process.wait()
    if answers != total:
        raise RuntimeError(f"{shlex.join(arguments)} answered {answers} of {total} lines and exited with {status}")


def cleaned(essays: Sequence[Mapping[str, str]]) -> list[dict]:
    """The essays with `text` as the gateway's cleaner leaves it."""
    results = run_jsonl(["clean", "--jsonl"], essays, len(essays))
    pairs = list(zip(essays, results, strict=True))
    for essay, result in pairs:
        if result.get("id") != essay["id"] or "text" not in result:
            raise RuntimeError(f"cannot clean {essay['id']}: {result.get('error', 'an answer out of order')}")
    return [{**essay, "text": result["text"]} for essay, result in pairs]


@dataclass(frozen=True)
class Tokens:
    """A text as the gateway's tokenizer sees it."""

    ids: list[int]
    """[CLS] first and [SEP] last."""
    starts_word: list[bool]
    """Of each token between those two: whether it does not go on where the one before it ended."""
    windows: list[list[int]]
    """[start, end) in `ids` of what the transformers are sent, [CLS] and [SEP] to be put around each."""


def tokenized(essays: Sequence[Mapping[str, str]]) -> Iterator[Tokens]:
    """The essays' texts, clean already, as tokens."""
    shape = ["--window-length", str(WINDOWS["maximum_length"]), "--window-overlap", str(WINDOWS["overlap"])]
    for essay, result in zip(essays, run_jsonl(["tokenize", "--jsonl", *shape], essays, len(essays)), strict=True):
        if result.get("id") != essay["id"] or "ids" not in result:
            raise RuntimeError(f"cannot tokenize {essay['id']}: {result.get('error', 'an answer out of order')}")
        offsets = result["offsets"][1:-1]
        joined = [place > 0 and start == offsets[place - 1][1] for place, (start, _) in enumerate(offsets)]
        yield Tokens(result["ids"], [not goes_on for goes_on in joined], result["windows"])
