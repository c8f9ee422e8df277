"""Essays → cleaned texts → token crops to train on, and the held-out calibration set.

    python -m training.prepare

Reads train.jsonl and writes into training/.cache: `selected.jsonl` (texts to train on, as given), `calibration.jsonl`
(held out, as given, for `gateway analyze --jsonl`), and `crops.npz` (token ids of every crop, [CLS] and [SEP]
included, with text number, round and label). Needs the gateway's executable (GATEWAY_BIN) for its cleaner.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import numpy
from tqdm import tqdm

from . import splits
from .gateway_tool import cleaned
from .noise import with_slips
from .places import CACHE, ESSAYS

# Sources are weighed, not rows: DetectRL's nine kinds of AI text are one corpus, its four human domains are four.
LIMIT = 450
LIMITS = {("ellipse", "human"): 800, ("ndhal", "ai"): 800}
DETECTRL_AI_LIMIT = 260
CALIBRATION_AI = 500

ROUNDS = 2
SHORTEST, LONGEST = 64, 254
NOISY_SHARE = {"ai": 0.3, "human": 0.12}


def read_essays(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_essays(path: Path, essays: list[dict]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(essay, ensure_ascii=False) + "\n" for essay in essays)


def selection(essays: list[dict]) -> tuple[list[dict], list[dict]]:
    """(to train on, to calibrate with)."""
    limits = dict(LIMITS)
    for source, label in {(essay["source"], essay["label"]) for essay in essays}:
        if source.startswith(splits.UNPROMPTED) and label == "ai":
            limits[source, label] = DETECTRL_AI_LIMIT
    training = splits.limited([essay for essay in essays if not splits.is_calibration(essay)], limits, LIMIT)
    held_out = [essay for essay in essays if splits.is_calibration(essay)]
    machine = sorted(
        (essay for essay in held_out if essay["label"] == "ai"),
        key=lambda essay: splits.fraction(essay["id"], "calibration ai"))[:CALIBRATION_AI]
    kept = {essay["id"] for essay in machine}
    return training, [essay for essay in held_out if essay["label"] == "human" or essay["id"] in kept]


def crop(ids: list[int], continues: list[bool], chance: random.Random) -> list[int]:
    """A run of at most LONGEST tokens that begins at the beginning of a word."""
    length = chance.randint(SHORTEST, LONGEST)
    # A third as long as can be served: windows of essays are mostly full.
    if chance.random() < 0.34:
        length = LONGEST
    start = chance.randint(0, max(0, len(ids) - length))
    while start > 0 and continues[start]:
        start -= 1
    return ids[start : start + length]


def token_crops(essays: list[dict], rounds: int, seed: int) -> dict[str, numpy.ndarray]:
    """`ids` (all crops joined), `starts` [K+1], and for each crop its `text` number, `round` and `label` (1 is AI)."""
    from .transformer_models import load_tokenizer

    tokenizer = load_tokenizer()
    continuing = {identity for token, identity in tokenizer.get_vocab().items() if token.startswith("##")}
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    ids: list[int] = []
    starts, texts, numbers, labels = [0], [], [], []
    for turn in range(rounds):
        for number, essay in enumerate(tqdm(essays, desc=f"tokenize, round {turn + 1}", mininterval=2)):
            chance = random.Random(f"{seed} {turn} {essay['id']}")
            text = essay["text"]
            if chance.random() < NOISY_SHARE[essay["label"]]:
                text = with_slips(text, chance)
            tokens = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
            ids += [first, *crop(tokens, [token in continuing for token in tokens], chance), last]
            starts.append(len(ids))
            texts.append(number)
            numbers.append(turn)
            labels.append(int(essay["label"] == "ai"))
    return {
        "ids": numpy.array(ids, dtype=numpy.int32), "starts": numpy.array(starts, dtype=numpy.int64),
        "text": numpy.array(texts, dtype=numpy.int32), "round": numpy.array(numbers, dtype=numpy.int32),
        "label": numpy.array(labels, dtype=numpy.int64)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--essays", type=Path, default=ESSAYS, help="folder with train.jsonl")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="crops taken of each text (default %(default)s)")
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()

    CACHE.mkdir(exist_ok=True)
    training, calibration = selection(read_essays(options.essays / "train.jsonl"))
    for name, essays in (("train", training), ("calibrate", calibration)):
        counts = Counter((essay["label"], essay["source"]) for essay in essays)
        print(f"{name}: {len(essays)}", *(f"\n  {label:5} {source:42} {n}" for (label, source), n in sorted(counts.items())))
    write_essays(CACHE / "selected.jsonl", training)
    write_essays(CACHE / "calibration.jsonl", calibration)
    texts = cleaned(training + calibration)
    numpy.savez(CACHE / "crops.npz", **token_crops(texts[: len(training)], options.rounds, options.seed))
    # One crop of each held-out text shows how training goes; it decides nothing.
    numpy.savez(CACHE / "held_out_crops.npz", **token_crops(texts[len(training) :], 1, options.seed + 1))
    (CACHE / "held_out_sources.json").write_text(json.dumps([essay["source"] for essay in calibration]))


if __name__ == "__main__":
    main()
