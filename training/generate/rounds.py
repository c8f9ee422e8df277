"""Rounds of generating and mining, over files that a later run takes up.

    plan.jsonl     every prompt drawn, so that a run that goes on asks for the same
    essays.jsonl   the essays, a line each, as soon as they are there
    scored.jsonl   what the ensemble says of them
    hard.jsonl     the essays that it gets wrong, with verdict and probability
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from . import mining
from .endpoint import Endpoint, Failed, Refused
from .essays import Decoding, essay_id, essay_row, essay_text, prompt_row, request_body
from .prompts import Prompt, Slots, Weights, draw_prompt
from .store import LineFile, read_lines, replace_lines


@dataclass(frozen=True)
class Drawing:
    """How prompts are drawn."""

    slots: Slots
    seed: int
    prompts: int
    """In each round."""
    evasion_share: float
    temperatures: Sequence[float]


@dataclass(frozen=True)
class Folder:
    """Where a set of generated essays lies."""

    path: Path

    @property
    def essays(self) -> Path:
        return self.path / "essays.jsonl"

    @property
    def plan(self) -> Path:
        return self.path / "plan.jsonl"

    @property
    def scores(self) -> Path:
        return self.path / "scored.jsonl"

    @property
    def hard(self) -> Path:
        return self.path / "hard.jsonl"


def planned(folder: Folder, drawing: Drawing, turn: int, weights: Weights) -> list[Prompt]:
    """The round's prompts: those already in the plan as they are there, the others drawn with these weights."""
    known = {tuple(row.pop("key")): row for row in read_lines(folder.plan)}
    prompts = []
    with LineFile(folder.plan) as plan:
        for number in range(drawing.prompts):
            row = known.get((drawing.seed, turn, number))
            if row is not None:
                prompts.append(Prompt(**row))
                continue
            prompt = draw_prompt(
                drawing.slots, drawing.seed, turn, number, weights, evasion_share=drawing.evasion_share,
                temperatures=drawing.temperatures)
            plan.append(prompt_row(prompt, drawing.seed, turn, number))
            prompts.append(prompt)
    return prompts


async def generate(
    folder: Folder, endpoint: Endpoint, wanted: Sequence[tuple[Prompt, str]], decoding: Decoding, turn: int, *,
    minimum_words: int, concurrency: int,
) -> Counter[str]:
    """Asks for every essay that is not there yet; returns how many failed, by reason. Raises Refused."""
    known = {row["id"] for row in read_lines(folder.essays)}
    missing = [(prompt, model) for prompt, model in wanted if essay_id(prompt, model) not in known]
    failures: Counter[str] = Counter()
    refused: list[Refused] = []
    with LineFile(folder.essays) as file, tqdm(
            total=len(wanted), initial=len(wanted) - len(missing), desc=f"round {turn}", mininterval=1) as bar:
        queue = iter(missing)

        async def work() -> None:
            for prompt, model in queue:
                try:
                    reply, reason = await endpoint.text(request_body(prompt, model, decoding))
                    text = essay_text(reply, minimum_words)
                except Failed as failure:
                    failures[f"{model}: {failure}"] += 1
                else:
                    file.append(essay_row(prompt, model, decoding, turn, text, reason))
                    bar.update()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(work())
        except* Refused as found:
            refused += found.exceptions
    if refused:
        raise refused[0]
    return failures


def mine(folder: Folder, triton: str, below: float) -> tuple[list[dict], set[str]]:
    """Scores what has no score yet and writes the hard cases.

    Returns the essays with a verdict, and the hard ones' ids."""
    essays = read_lines(folder.essays)
    scores = {row["id"]: row for row in read_lines(folder.scores)}
    missing = [essay for essay in essays if essay["id"] not in scores]
    if missing:
        with LineFile(folder.scores) as file:
            for score in mining.scored(missing, triton):
                scores[score["id"]] = score
                file.append(score)
    hard = {identity for identity, score in scores.items() if mining.is_hard(score, below)}
    replace_lines(folder.hard, [{**essay, **scores[essay["id"]]} for essay in essays if essay["id"] in hard])
    judged = [essay for essay in essays if "verdict" in scores[essay["id"]]]
    return judged, hard & {essay["id"] for essay in judged}
