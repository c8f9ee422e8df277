"""Essays by language models for training and testing, by any server with OpenAI's chat protocol.

    OPENAI_API_KEY=… python -m training.generate --base-url https://api.openai.com/v1 --models gpt-4o-mini gpt-4o
    python -m training.generate --base-url http://127.0.0.1:11434/v1 --models llama3.2 qwen3 \\
        --rounds 4 --triton http://127.0.0.1:8000

Prompts are filled from the lists of slots.yaml, each is sent to every model, and what comes back lies in
essays.jsonl, in train.jsonl's format. Whatever stops it: the same command goes on where it was. With --triton each
round's essays are analysed by the gateway (GATEWAY_BIN); those that the ensemble gets wrong lie in hard.jsonl, and the
next round draws what they were asked for with more often.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import httpx

from ..places import CACHE
from ..tracking import Run, tracking
from . import mining
from .endpoint import Endpoint, Pace, Patience, Refused
from .essays import Decoding
from .prompts import SLOTS, Slots
from .rounds import Drawing, Folder, generate, mine, planned


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m training.generate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    patience, decoding = Patience(), Decoding()

    def add(name: str, kind: type, default: object, words: str, **more: object) -> None:
        shown = "" if default is None else " (default %(default)s)"
        result.add_argument(name, type=kind, default=default, help=words + shown, **more)

    add("--models", str, None, "names of models, each of which answers every prompt", nargs="+", required=True)
    add("--base-url", str, os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"), "of the chat protocol")
    add("--key-env", str, "OPENAI_API_KEY", "environment variable that holds the key; without it none is sent")
    add("--output", Path, CACHE / "generated", "folder for essays, plan, scores and hard cases")
    add("--slots", Path, SLOTS, "lists that prompts are filled from")
    add("--prompts", count, 100, "prompts in a round")
    add("--rounds", count, 1, "rounds; more than one need --triton")
    add("--seed", int, 0, "of the drawing of prompts")
    add("--evasion-share", share, 0.5, "share of prompts with an instruction to pass for a person")
    add("--temperatures", float, [0.7, 1.0], "drawn from for each prompt", nargs="+")
    add("--top-p", share, decoding.top_p, "nucleus of the sampling")
    add("--max-tokens", count, decoding.max_tokens, "longest reply")
    add("--tokens-field", str, decoding.tokens_field, "the limit's name in requests",
        choices=["max_tokens", "max_completion_tokens"])
    add("--minimum-words", count, 50, "shorter replies are not kept")
    add("--concurrency", count, 8, "requests at the same time")
    add("--requests-per-minute", positive, 60, "at most, attempts after a failure included")
    add("--attempts", count, patience.attempts, "for each essay, before the next run's")
    add("--timeout", positive, patience.timeout, "seconds for one attempt")
    add("--first-wait", positive, patience.first_wait, "seconds before a second attempt; then doubled")
    add("--longest-wait", positive, patience.longest_wait, "seconds that are waited at most, also at the server's wish")
    add("--triton", str, None, "URL of a Triton: analyse the essays and mine the hard ones")
    add("--hard-below", share, 0.5, "an essay is hard that is not called ai and has a probability below this")
    result.add_argument(
        "--rescore", action="store_true", help="analyse all essays anew, as after a change of the models")
    return result


def client(options: argparse.Namespace) -> httpx.AsyncClient:
    key = os.environ.get(options.key_env, "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    # The attempt's own limit is Patience.timeout, which a reply that trickles in cannot stretch.
    return httpx.AsyncClient(base_url=options.base_url, headers=headers, timeout=options.timeout)


async def run(options: argparse.Namespace, slots: Slots, tracked: Run) -> Counter[str]:
    folder = Folder(options.output)
    drawing = Drawing(slots, options.seed, options.prompts, options.evasion_share, options.temperatures)
    decoding = Decoding(options.top_p, options.max_tokens, options.tokens_field)
    patience = Patience(options.attempts, options.timeout, options.first_wait, options.longest_wait)
    if options.rescore:
        folder.scores.unlink(missing_ok=True)
    failures: Counter[str] = Counter()
    async with client(options) as http:
        endpoint = Endpoint(http, Pace(options.requests_per_minute), patience)
        weights: dict[str, dict[str, float]] = {}
        for turn in range(options.rounds):
            prompts = planned(folder, drawing, turn, weights)
            wanted = [(prompt, model) for prompt in prompts for model in options.models]
            failed = await generate(
                folder, endpoint, wanted, decoding, turn, minimum_words=options.minimum_words,
                concurrency=options.concurrency)
            failures += failed
            tracked.scalar("essays/written", len(wanted) - failed.total(), turn)
            if options.triton:
                essays, hard = mine(folder, options.triton, options.hard_below)
                weights = mining.slot_weights(essays, hard)
                report(turn, essays, hard, weights)
                tracked.scalar("hard/share", len(hard) / max(1, len(essays)), turn)
    return failures


def report(turn: int, essays: Sequence[dict], hard: set[str], weights: dict[str, dict[str, float]]) -> None:
    """How many are hard by now, and what makes them."""
    print(f"round {turn}: of {len(essays)} essays so far the ensemble gets {len(hard)} wrong")
    ranked = sorted((weight, slot, value) for slot, own in weights.items() for value, weight in own.items())
    for weight, slot, value in reversed(ranked[-5:]):
        print(f"  {weight:.2f} times as often with {slot}: {value[:80]}")


def main(arguments: Sequence[str] | None = None) -> int:
    command = parser()
    options = command.parse_args(arguments)
    if options.rounds > 1 and not options.triton:
        command.error("--rounds above 1 need --triton: without it nothing is learned from a round to the next")
    try:
        slots = Slots.read(options.slots)
    except (OSError, ValueError) as problem:
        command.error(str(problem))
    try:
        with tracking("generate", options) as tracked:
            failures = asyncio.run(run(options, slots, tracked))
    except Refused as refusal:
        print(f"stopped: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    for reason, times in failures.most_common():
        print(f"{times} without an essay: {reason}", file=sys.stderr)
    if failures:
        print("run the same command again for those", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
