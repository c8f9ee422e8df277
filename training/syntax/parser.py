"""Learns the parser's network from trees of two kinds, the treebank's and the teacher's, and packs it for Swift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch
from tqdm import tqdm

from . import network as net
from .arc_eager import ACTIONS, LABELED, LEFT, NODES, NUMBERS, RIGHT, WORDS
from .conllu import Sentence
from .words import FINE, SHAPE, SUFFIX2, SUFFIX3, Lexicon, form_atoms


def frequent_words(corpora: Sequence[tuple[Sequence[Sentence], float]], most: int) -> tuple[dict[int, int], Counter]:
    """Numbers from 1 of the most frequent words, by hash of their normal form, and the counts; a corpus has a weight."""
    counts: Counter[int] = Counter()
    for sentences, weight in corpora:
        for sentence in sentences:
            for form in sentence.forms:
                counts[form_atoms(form)[0]] += weight
    ranked = sorted(counts, key=lambda key: (-counts[key], key))[:most]
    return {key: number for number, key in enumerate(ranked, 1)}, counts


class Trees:
    """Sentences with predicted tags and the heads and labels to learn."""

    def __init__(self, sentences: Sequence[Sentence], tags: list[numpy.ndarray], lexicon: Lexicon,
                 word_numbers: dict[int, int], upos: list[str], label_names: list[str]) -> None:
        atoms = [lexicon.atoms(sentence.forms) for sentence in sentences]
        numbers = [numpy.array([word_numbers.get(form_atoms(form)[0], 0) for form in sentence.forms])
                   for sentence in sentences]
        self.nodes = net.Nodes(atoms, numbers, tags, upos)
        label = {name: place for place, name in enumerate(label_names)}
        self.heads = numpy.concatenate([
            [*(head if head >= 0 else len(s) for head in s.heads), -1, -1] for s in sentences]).astype(numpy.int32)
        self.labels = numpy.concatenate([
            [*(label.get(name, -1) for name in s.labels), -1, -1] for s in sentences]).astype(numpy.int32)
        self.lengths = numpy.array([len(s) for s in sentences])


@dataclass(frozen=True)
class Tables:
    """The network with its first layer multiplied out: table [rows, hidden] around 0, the outputs' weights and biases."""

    layout: net.Layout
    table: numpy.ndarray
    weights: numpy.ndarray
    biases: numpy.ndarray
    shift: int = 0
    most: int = 0
    """0 and 0: floats as they were learned."""

    def parse(self, nodes: net.Nodes) -> tuple[list[numpy.ndarray], list[numpy.ndarray]]:
        """Heads (n for the root's child) and labels of each sentence."""
        layout = self.layout
        heads, labels = numpy.zeros((2, nodes.starts[-1]), dtype=numpy.int64)
        net.parse(nodes.starts, *nodes.rows(layout), nodes.tags, nodes.marks, nodes.verbs, *layout.places,
                  self.table.astype(numpy.float32), self.weights.astype(numpy.float32),
                  self.biases.astype(numpy.float32), self.shift, self.most, layout.spare_label, heads, labels)
        return nodes.gathered(heads), nodes.gathered(labels)


@dataclass(frozen=True)
class Packed:
    """The network as Swift reads it: bytes around 128 [rows, hidden], whole weights and biases of the outputs."""

    layout: net.Layout
    table: numpy.ndarray
    weights: numpy.ndarray
    biases: numpy.ndarray

    def parse(self, nodes: net.Nodes) -> tuple[list[numpy.ndarray], list[numpy.ndarray]]:
        return Tables(self.layout, self.table.astype(numpy.float32) - 128, self.weights, self.biases, net.HIDDEN_SHIFT,
                      net.HIDDEN_MOST).parse(nodes)


def as_learned(model: net.Network, words: "WordColumns") -> Tables:
    return Tables(model.layout, model.table(words.suffix, words.fine), *model.outputs())


def packed(model: net.Network, words: "WordColumns") -> Packed:
    """Raises ValueError where a sum could be too large to be exact in floats."""
    table = model.table(words.suffix, words.fine)
    weights, biases = model.outputs()
    # A sum of rows loses its three lowest bits; a row's largest weight fills the byte.
    scale = 127 / numpy.quantile(numpy.abs(table).max(axis=1), 0.999)
    rows = numpy.clip(numpy.rint(table * scale), -127, 127)
    out_scale = 127 / numpy.abs(weights).max()
    whole = numpy.rint(weights * out_scale)
    whole_biases = numpy.rint(biases * out_scale * scale / (1 << net.HIDDEN_SHIFT))
    largest = (net.HIDDEN_MOST * numpy.abs(whole).sum(axis=0) + numpy.abs(whole_biases)).max()
    if largest >= 1 << 24:
        raise ValueError(f"sums of up to {largest:.0f} are not exact in floats")
    return Packed(model.layout, (rows + 128).astype(numpy.uint8), whole.astype(numpy.int8),
                  whole_biases.astype(numpy.int32))


@dataclass(frozen=True)
class WordColumns:
    """Suffix bucket and class of each known word, in their order, and how often each occurs (0 first, for unknown)."""

    suffix: torch.Tensor
    fine: torch.Tensor
    counts: torch.Tensor

    @classmethod
    def of(cls, forms: dict[int, str], word_numbers: dict[int, int], counts: Counter, lexicon: Lexicon):
        """`forms`: some form with the hash."""
        ordered = sorted(word_numbers, key=word_numbers.get)
        atoms = lexicon.atoms([forms[key] for key in ordered])
        suffix = net.suffix_bucket(atoms[:, SUFFIX2], atoms[:, SUFFIX3], atoms[:, SHAPE])
        return cls(torch.tensor(suffix, dtype=torch.long), torch.tensor(atoms[:, FINE]),
                   torch.tensor([0.0, *(counts[key] for key in ordered)]))


@dataclass(frozen=True)
class Plan:
    hidden: int
    epochs: int
    silver_words: int
    """Of an epoch, beside the whole treebank."""
    gold_epochs: int
    """Passes at the end over the treebank alone."""
    batch: int
    rate: float
    alpha: float
    dropout: float
    explore: float
    seed: int


def train(gold: Trees, silver: Trees | None, layout: net.Layout, words: WordColumns, plan: Plan, check=None
          ) -> net.Network:
    """`check(model)` is called after each epoch with the averaged network and returns what to print."""
    torch.manual_seed(plan.seed)
    generator = numpy.random.default_rng(plan.seed)
    model = net.Network(layout, plan.hidden, dropout=plan.dropout)
    # Averaged weights; young averages forget faster.
    average = torch.optim.swa_utils.AveragedModel(model, avg_fn=lambda old, new, step: torch.lerp(
        new, old, min(0.9995, (1 + int(step)) / (10 + int(step)))))
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-4)
    epochs = plan.epochs + plan.gold_epochs
    done, total = 0.0, plan.epochs * (gold.lengths.sum() + (plan.silver_words if silver else 0)) \
        + plan.gold_epochs * gold.lengths.sum()
    for epoch in range(epochs):
        explore = 0.0 if epoch == 0 else plan.explore
        states = _states(model, words, gold, generator.permutation(len(gold.lengths)), explore, generator)
        learned = gold.lengths.sum()
        if silver is not None and epoch < plan.epochs:
            order = generator.permutation(len(silver.lengths))
            order = order[: int(numpy.searchsorted(numpy.cumsum(silver.lengths[order]), plan.silver_words)) + 1]
            more = _states(model, words, silver, order, explore, generator)
            learned += silver.lengths[order].sum()
            states = {name: torch.cat([states[name], more[name]]) for name in states}
        count = len(states["arc"])
        shuffled = torch.randperm(count)
        losses = 0.0
        model.train()
        bar = tqdm(range(0, count, plan.batch), desc=f"parser, epoch {epoch + 1}", mininterval=5)
        for start in bar:
            places = shuffled[start : start + plan.batch]
            progress = (done + learned * start / count) / total
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * min(1.0, 0.02 + progress * 50) * max(0.02, 1 - progress)
            loss = _loss(model, words, {name: column[places] for name, column in states.items()}, plan.alpha)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            average.update_parameters(model)
            losses += float(loss.detach()) * len(places)
        done += learned
        average.module.eval()
        print(f"epoch {epoch + 1}: {count} states, loss {losses / count:.4f}"
              + (f", {check(average.module)}" if check else ""), flush=True)
    return average.module


def _states(model: net.Network, words: WordColumns, trees: Trees, sentences: numpy.ndarray, explore: float,
            generator: numpy.random.Generator) -> dict:
    """What the network meets on the way through sentences, as tensors that need no tree."""
    model.eval()
    layout, nodes = model.layout, trees.nodes
    most = 2 * int(trees.lengths[sentences].sum())
    shown = numpy.zeros((most, len(NODES)), dtype=numpy.int32)
    labels = numpy.zeros((most, len(LABELED)), dtype=numpy.uint8)
    numbers = numpy.zeros((most, len(NUMBERS)), dtype=numpy.uint8)
    free, can = numpy.zeros((most, ACTIONS), dtype=bool), numpy.zeros((most, ACTIONS), dtype=bool)
    arc, name = numpy.full(most, -1, dtype=numpy.int8), numpy.full(most, -1, dtype=numpy.int8)
    weights, biases = model.outputs()
    count = net.collect(
        nodes.starts, *nodes.rows(layout), nodes.tags, nodes.marks, nodes.verbs, *layout.places,
        model.table(words.suffix, words.fine), weights, biases, trees.heads, trees.labels, sentences, explore,
        int(generator.integers(1 << 31)), shown, labels, numbers, free, can, arc, name)
    shown = shown[:count]
    place = shown[:, :WORDS]
    columns = {
        "special": nodes.special[place].astype(numpy.int8), "known": nodes.known[place].astype(numpy.int16),
        "suffix": nodes.suffix[place].astype(numpy.int16), "fine": nodes.fine[place].astype(numpy.int16),
        "tags": nodes.tags[shown].astype(numpy.uint8), "labels": labels[:count], "numbers": numbers[:count],
        "free": free[:count], "can": can[:count], "arc": arc[:count], "name": name[:count]}
    return {key: torch.from_numpy(column) for key, column in columns.items()}


def _loss(model: net.Network, words: WordColumns, batch: dict, alpha: float) -> torch.Tensor:
    known = batch["known"].long()
    hide = torch.rand(known.shape) < alpha / (alpha + words.counts[known])
    numbers = batch["numbers"].long() + torch.from_numpy(net.NUMBER_STARTS[:-1])
    actions, left, right = model(
        batch["special"].long(), known, batch["suffix"].long(), batch["fine"].long(), hide, batch["tags"].long(),
        batch["labels"].long(), numbers)
    actions = actions.masked_fill(~batch["can"], -1e4)
    loss = (torch.logsumexp(actions, 1)
            - torch.logsumexp(actions.masked_fill(~batch["free"], -1e4), 1)).mean()
    for scores, arc in ((left, LEFT), (right, RIGHT)):
        chosen = (batch["arc"] == arc) & (batch["name"] >= 2)
        if chosen.any():
            loss = loss + torch.nn.functional.cross_entropy(
                scores[chosen], batch["name"][chosen].long(), reduction="sum") / len(chosen)
    return loss
