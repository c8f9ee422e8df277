"""Essays → cleaned texts → crops of tokens to train on, and texts to measure on in windows as the gateway serves them.

    python -m training prepare

Reads train.jsonl, the treebank's documents (treebank_texts.py) and texts of Debian packages (debian_texts.py), and writes into
training/.cache
- `selected.jsonl`: the texts to train on, as given; those `held_out`, by group, are for the shipped models only;
- `crops.npz`: token ids of every crop, [CLS] and [SEP] included, with the number of its text and its label;
- `windows.jsonl`, `windows.npz`: texts that `cross-fit` measures on and their windows: held-out ones, and others for models
  that are not trained on their source.

Needs the gateway's executable (GATEWAY_BIN): its cleaner, its tokenizer and its windows are the only ones.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy
from tqdm import tqdm

from . import splits
from .debian_texts import debian_texts
from .gateway_tool import cleaned, tokenized
from .noise import with_slips
from .originals import with_originals
from .places import CACHE, DEBIAN, ESSAYS, TREEBANK
from .preface import without_preface
from .tidy import Tidier, word_counts
from .treebank_texts import read_documents

NOISY_SHARE = {"ai": 0.3, "human": 0.12}
"""Texts with slips of the pen (noise.py)."""
TIDY_SHARE = {"ai": 0.0, "human": 0.3}
"""Texts with their slips put right (tidy.py)."""
UNPREFACED_SHARE = 0.5
"""Machine texts that lose the line in which the machine hands them over (preface.py), where they have one."""
LIMIT = 1200
"""Texts of a source and label, of the held-out ones and of the others: nearly all; two sources would outnumber the rest."""


def read_essays(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def training_essays(essays: Path = ESSAYS, treebank: Path = TREEBANK, debian: Path = DEBIAN) -> list[dict]:
    """All that may be trained on or held out."""
    return [*with_originals(read_essays(essays / "train.jsonl")), *read_documents(treebank / "en_ewt-ud-train.conllu"), *debian_texts(debian)]


def write_essays(path: Path, essays: Sequence[dict]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(essay, ensure_ascii=False) + "\n" for essay in essays)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--essays", type=Path, default=ESSAYS, help="folder with train.jsonl")
    add("--treebank", type=Path, default=TREEBANK, help="folder with en_ewt-ud-train.conllu")
    add("--debian", type=Path, default=DEBIAN, help="folder that scripts/debian-texts.sh made")
    add("--limit", type=int, default=LIMIT, help="texts of a source and label to train on, and as many held-out ones (default %(default)s)")
    add("--calibration-ai", type=int, default=500, help="held-out AI texts to measure on (default %(default)s)")
    add("--unseen", type=int, default=60,
        help="texts of a source and label that models not trained on the source are measured on, beside the held-out ones "
             "(default %(default)s)")
    add("--share", type=float, default=1.0, help="share of all texts to take, for a quick run (default %(default)s)")
    add("--shortest", type=int, default=48, help="tokens of the shortest crop (default %(default)s)")
    add("--longest", type=int, default=254, help="tokens of the longest crop (default %(default)s)")
    add("--full", type=float, default=0.25, help="share of crops as long as can be (default %(default)s)")
    for label in ("ai", "human"):
        add(f"--slips-{label}", type=float, default=NOISY_SHARE[label],
            help=f"share of {label} texts with slips of the pen (default %(default)s)")
    add("--tidy-human", type=float, default=TIDY_SHARE["human"],
        help="share of human texts with their slips put right (default %(default)s)")
    add("--unprefaced-ai", type=float, default=UNPREFACED_SHARE,
        help="share of AI texts that lose a preface ('Here is a polished abstract:') (default %(default)s)")
    add("--seed", type=int, default=20261124)
    return parser


def selection(
    essays: Sequence[dict], *, limit: int = LIMIT, share: float = 1.0,
) -> tuple[list[dict], list[dict]]:
    """(what any model may be trained on, what only the shipped ones are, at most `limit` of a source and label each)."""
    essays = [essay for essay in essays if share >= 1 or splits.fraction(splits.group_of(essay), "share") < share]
    sides = [[essay for essay in essays if splits.is_calibration(essay) == held_out] for held_out in (False, True)]
    return splits.limited(sides[0], limit), splits.limited(sides[1], limit)


def measured_texts(held_out: Sequence[dict], limit: int) -> list[dict]:
    """All humans, and `limit` AI texts by a hash of their ids."""
    machine = sorted((essay for essay in held_out if essay["label"] == "ai"),
                     key=lambda essay: splits.fraction(essay["id"], "calibration ai"))[:limit]
    kept = {essay["id"] for essay in machine}
    return [essay for essay in held_out if essay["label"] == "human" or essay["id"] in kept]


def marked(essays: Sequence[dict], held_out: bool) -> list[dict]:
    return [{**essay, "held_out": held_out} for essay in essays]


def crops_of(
    ids: Sequence[int], starts_word: Sequence[bool], shortest: int, length: Callable[[], int],
) -> list[Sequence[int]]:
    """A text's tokens cut one run after the other, each as long as `length()` says or shorter by the start of a word; a rest
    of less than `shortest` is left out, unless it is the whole text."""
    runs, start = [], 0
    while start == 0 or len(ids) - start >= shortest:
        end = cut = min(len(ids), start + length())
        while start < cut < len(ids) and not starts_word[cut]:
            cut -= 1
        # A word longer than the run is cut all the same.
        end = cut if cut > start else end
        runs.append(ids[start:end])
        if end == len(ids):
            break
        start = end
    return runs


def view(text: str, label: str, chance: random.Random, tidier: Tidier, options: argparse.Namespace) -> str:
    """The text as a model is shown it: with slips, without, or as it is; the machines' often without what they say before."""
    if label == "ai" and chance.random() < options.unprefaced_ai:
        text = without_preface(text)
    draw = chance.random()
    if draw < (options.slips_ai if label == "ai" else options.slips_human):
        return with_slips(text, chance)
    if label == "human" and chance.random() < options.tidy_human:
        return tidier.tidied(text)
    return text


def token_crops(essays: Sequence[dict], tidier: Tidier, options: argparse.Namespace) -> dict[str, numpy.ndarray]:
    """`ids` (all crops joined), `starts` [K+1], and for each crop its `text` number and `label` (1 is AI)."""
    chances = [random.Random(f"{options.seed} {essay['id']}") for essay in essays]
    viewed = [{"id": essay["id"], "text": view(essay["text"], essay["label"], chance, tidier, options)}
              for essay, chance in zip(tqdm(essays, desc="slips", mininterval=2), chances, strict=True)]
    ids: list[int] = []
    starts, texts, labels = [0], [], []
    for number, (essay, chance, tokens) in enumerate(zip(essays, chances, tokenized(viewed), strict=True)):
        first, *inner, last = tokens.ids

        def length(chance: random.Random = chance) -> int:
            # A quarter as long as can be served: windows of essays are mostly full.
            full = chance.random() < options.full
            return options.longest if full else chance.randint(options.shortest, options.longest)

        for run in crops_of(inner, tokens.starts_word, options.shortest, length):
            ids += [first, *run, last]
            starts.append(len(ids))
            texts.append(number)
            labels.append(int(essay["label"] == "ai"))
    return {
        "ids": numpy.array(ids, dtype=numpy.int32), "starts": numpy.array(starts, dtype=numpy.int64),
        "text": numpy.array(texts, dtype=numpy.int32), "label": numpy.array(labels, dtype=numpy.int64)}


def served_windows(essays: Sequence[dict]) -> dict[str, numpy.ndarray]:
    """As `token_crops`, but every window of every text, with its number of the text's own tokens."""
    ids: list[int] = []
    starts, texts, labels = [0], [], []
    for number, tokens in enumerate(tokenized(essays)):
        for start, end in tokens.windows:
            ids += [tokens.ids[0], *tokens.ids[start:end], tokens.ids[-1]]
            starts.append(len(ids))
            texts.append(number)
            labels.append(int(essays[number]["label"] == "ai"))
    return {
        "ids": numpy.array(ids, dtype=numpy.int32), "starts": numpy.array(starts, dtype=numpy.int64),
        "text": numpy.array(texts, dtype=numpy.int32), "label": numpy.array(labels, dtype=numpy.int64)}


def main() -> None:
    options = arguments().parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    everything = training_essays(options.essays, options.treebank, options.debian)
    training, held_out = selection(everything, limit=options.limit, share=options.share)
    calibration = measured_texts(held_out, options.calibration_ai)
    for name, essays in (("train", training), ("held out", held_out), ("calibrate", calibration)):
        counts = Counter((essay["label"], essay["source"]) for essay in essays)
        print(f"{name}: {len(essays)}", *(f"\n  {label:5} {source:42} {n}" for (label, source), n in sorted(counts.items())))
    unseen = splits.limited(training, options.unseen)
    write_essays(CACHE / "selected.jsonl", marked(training, False) + marked(held_out, True))
    write_essays(CACHE / "windows.jsonl", marked(calibration, True) + marked(unseen, False))
    texts = cleaned(training + held_out)
    # What is a known word is asked of every text but the held-out ones, for models that are measured on those.
    tidier = Tidier(word_counts(essay["text"] for essay in everything if not splits.is_calibration(essay)))
    numpy.savez(CACHE / "crops.npz", **token_crops(texts, tidier, options))
    numpy.savez(CACHE / "windows.npz", **served_windows(cleaned(calibration + unseen)))


if __name__ == "__main__":
    main()
