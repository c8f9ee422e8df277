"""Fine-tunes the parser's teacher on the treebank, and lets it label the essays.

    python -m training.train_syntax_teacher train
    python -m training.train_syntax_teacher label

`train` keeps the epoch that is best on the treebank's development part. `label` takes train.jsonl's essays, but for those
held out for the thresholds, in the tokens and sentences that the gateway makes of them, and writes training/.cache/silver.conllu: the teacher's tags, heads and
labels, which `train_syntax` learns from beside the treebank.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy
import torch
from torch import nn
from tqdm import tqdm
from transformers import BertModel, BertTokenizerFast

from . import gateway_tool
from .originals import with_originals
from .places import CACHE, ESSAYS, SILVER, TREEBANK
from .prepare import read_essays
from .splits import is_calibration
from .syntax import conllu
from .syntax.inventory import label_inventory, tag_inventory
from .syntax.projective import projective_heads
from .syntax.teacher import Pieces, Teacher, padded
from .transformer_models import pretrained_folder

CHECKPOINT = CACHE / "syntax-teacher.pt"


def numbered(train: list[conllu.Sentence], sentences: list[conllu.Sentence]):
    """Gold tags (-100 for a rare one), heads (0 the root) and labels of each sentence."""
    tag = {pair: place for place, pair in enumerate(tag_inventory(train))}
    label = {name: place for place, name in enumerate(label_inventory(train))}
    return [([tag.get(pair, -100) for pair in zip(s.xpos, s.upos)], [head + 1 for head in s.heads],
             [label.get(name, -100) for name in s.labels]) for s in sentences]


def new_teacher(train: list[conllu.Sentence]) -> tuple[Teacher, BertTokenizerFast]:
    folder = pretrained_folder()
    encoder = BertModel.from_pretrained(folder, add_pooling_layer=False)
    teacher = Teacher(encoder, len(tag_inventory(train)), len(label_inventory(train)))
    return teacher, BertTokenizerFast.from_pretrained(folder)


def predicted(teacher: Teacher, pieces: Pieces, size: int, what: str) -> list[tuple]:
    """Tags, heads (0 the root) and labels, projective."""
    results: list[tuple] = [()] * len(pieces.ids)
    teacher.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16), tqdm(
            total=len(pieces.ids), desc=what) as bar:
        for places in pieces.batches(size):
            tags, arcs, pair = teacher(*pieces.tensors(places))
            counts = [len(pieces.first[place]) for place in places]
            heads = [projective_heads(scores[:n, : n + 1].double().numpy()) for scores, n in zip(arcs, counts)]
            labels = teacher.label_scores(pair, padded(heads, 0)).argmax(-1)
            for row, (place, n) in enumerate(zip(places, counts)):
                results[place] = tags[row, :n].argmax(-1).tolist(), heads[row].tolist(), labels[row, :n].tolist()
            bar.update(len(places))
    return results


def figures(results: list[tuple], gold: list[tuple]) -> dict[str, float]:
    total, hits = 0, Counter()
    for (tags, heads, labels), (gold_tags, gold_heads, gold_labels) in zip(results, gold):
        total += len(tags)
        for place in range(len(tags)):
            hits["tag"] += tags[place] == gold_tags[place]
            hits["UAS"] += heads[place] == gold_heads[place]
            hits["LAS"] += heads[place] == gold_heads[place] and labels[place] == gold_labels[place]
    return {name: hits[name] / total for name in ("tag", "UAS", "LAS")}


def fit(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    generator = numpy.random.default_rng(options.seed)
    train, dev = (conllu.read(options.treebank / f"en_ewt-ud-{part}.conllu") for part in ("train", "dev"))
    teacher, tokenizer = new_teacher(train)
    pieces, dev_pieces = (Pieces(tokenizer, [s.forms for s in part]) for part in (train, dev))
    gold, dev_gold = numbered(train, train), numbered(train, dev)
    encoder = {id(parameter) for parameter in teacher.encoder.parameters()}
    groups = [{"params": [p for p in teacher.parameters() if id(p) in encoder], "lr": options.encoder_rate},
              {"params": [p for p in teacher.parameters() if id(p) not in encoder], "lr": options.head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = options.epochs * sum(1 for _ in pieces.batches(options.pieces))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / (0.06 * steps)) * max(0.0, 1 - step / (1.02 * steps)))
    entropy = nn.CrossEntropyLoss(ignore_index=-100)
    best, began = 0.0, time.monotonic()
    for epoch in range(options.epochs):
        teacher.train()
        for places in tqdm(list(pieces.batches(options.pieces, generator)), desc=f"epoch {epoch + 1}"):
            tensors = pieces.tensors(places)
            tags, heads, labels = (padded([gold[place][part] for place in places], -100) for part in range(3))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                tag_scores, arcs, pair = teacher(*tensors)
                label_scores = teacher.label_scores(pair, heads.clamp(min=0))
            words = torch.tensor([len(pieces.first[place]) for place in places])
            beyond = torch.arange(arcs.shape[2])[None] > words[:, None]
            arcs = arcs.masked_fill(beyond[:, None], -1e4)
            loss = (entropy(arcs.flatten(0, 1), heads.flatten()) + entropy(label_scores.flatten(0, 1), labels.flatten())
                    + 0.5 * entropy(tag_scores.flatten(0, 1), tags.flatten()))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        now = figures(predicted(teacher, dev_pieces, 4 * options.pieces, "dev"), dev_gold)
        print(f"epoch {epoch + 1}, {time.monotonic() - began:.0f} s:",
              ", ".join(f"{name} {value:.2%}" for name, value in now.items()), flush=True)
        if now["LAS"] > best:
            best = now["LAS"]
            options.checkpoint.parent.mkdir(parents=True, exist_ok=True)
            torch.save(teacher.state_dict(), options.checkpoint)


def segmented(path: Path) -> list[tuple[list[str], bool]]:
    """The forms of each sentence of all essays, as the gateway cleans and segments them, and whether the essay is held
    out for the thresholds."""
    essays = gateway_tool.cleaned(with_originals(read_essays(path)))
    sentences = []
    for essay, line in zip(essays, gateway_tool.run_jsonl(["segment", "--jsonl"], essays, len(essays))):
        raw = essay["text"].encode()
        tokens = iter(line["tokens"])
        token = next(tokens, None)
        for _, end in line["sentences"]:
            forms = []
            while token is not None and token[1] <= end:
                forms.append(raw[token[0] : token[1]].decode())
                token = next(tokens, None)
            sentences.append((forms, is_calibration(essay)))
    return sentences


def label(options: argparse.Namespace) -> None:
    train = conllu.read(options.treebank / "en_ewt-ud-train.conllu")
    teacher, tokenizer = new_teacher(train)
    teacher.load_state_dict(torch.load(options.checkpoint, weights_only=True))
    tag_names, label_names = tag_inventory(train), label_inventory(train)
    sentences = [(forms, held_out) for forms, held_out in segmented(options.essays) if 3 <= len(forms) <= options.longest]
    numpy.random.default_rng(options.seed).shuffle(sentences)
    # No model may have seen the essays that the thresholds come from, not even their words.
    chosen = [forms for forms, held_out in sentences[: options.sentences] if not held_out]
    print(f"{len(chosen)} of {len(sentences)} sentences, {sum(map(len, chosen))} words")
    # In parts, so that padding is small and an interrupted run leaves what it has.
    part = 20_000
    with options.output.open("w", encoding="utf-8") as out:
        for start in range(0, len(chosen), part):
            some = chosen[start : start + part]
            pieces = Pieces(tokenizer, some)
            for forms, (tags, heads, labels) in zip(some, predicted(
                    teacher, pieces, 8 * options.pieces, f"label {start}")):
                for place, form in enumerate(forms):
                    xpos, upos = tag_names[tags[place]]
                    name = "root" if heads[place] == 0 else label_names[labels[place]]
                    out.write(f"{place + 1}\t{form}\t_\t{upos}\t{xpos}\t_\t{heads[place]}\t{name}\t_\t_\n")
                out.write("\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--treebank", type=Path, default=TREEBANK,
                        help="folder of en_ewt-ud-*.conllu")
    common.add_argument("--checkpoint", type=Path, default=CHECKPOINT, help="the teacher's weights")
    common.add_argument("--pieces", type=int, default=1024, help="word pieces a batch (times 8 when labelling)")
    common.add_argument("--seed", type=int, default=1, help="of initialisation, dropout and order")
    common.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of torch")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("train", parents=[common], help="fine-tune on the treebank")
    one.add_argument("--epochs", type=int, default=8, help="passes over the treebank's training part")
    one.add_argument("--encoder-rate", type=float, default=1e-4, help="learning rate of the encoder")
    one.add_argument("--head-rate", type=float, default=2e-3, help="learning rate of everything else")
    one.set_defaults(run=fit)
    two = commands.add_parser("label", parents=[common], help="label the essays")
    two.add_argument("--essays", type=Path, default=ESSAYS / "train.jsonl", help="texts to label")
    two.add_argument("--output", type=Path, default=SILVER, help="where the labelled sentences go")
    two.add_argument("--sentences", type=int, default=120_000, help="how many are drawn; those of held-out essays are then left out")
    two.add_argument("--longest", type=int, default=80, help="longer sentences are left out")
    two.set_defaults(run=label)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.run(options)


if __name__ == "__main__":
    main()
