"""The parser's network: one hidden layer over what a state of `arc_eager` shows (Chen and Manning 2014).

While it is learned, words, tags and labels have vectors, and a matrix takes them to the hidden layer. Once learned, each
place's matrix is multiplied into its vectors: a table with a row for each word at each place, each tag at each place and
so on, in bytes. A state's hidden layer is then a sum of rows, and nothing is multiplied but by the output's weights.

Numbers are whole throughout: hidden = min(sum of rows >> SHIFT, MOST), 0 below zero; scores are sums of hidden × weight.
Every one stays below 2^24, so that float arithmetic is exact in any order and Swift decides alike
(Sources/Features/Syntax/Parser.swift).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import torch
from numba import njit
from torch import nn

from . import arc_eager
from .arc_eager import ACTIONS, LABELED, LEFT, NODES, NUMBERS, RIGHT, TREE, WORDS
from .words import SHAPE, SUFFIX2, SUFFIX3, FINE

HIDDEN_SHIFT, HIDDEN_MOST = 3, 511
NONE_ROW, ROOT_ROW = 0, 1
SUFFIXES = 1024
NUMBER_STARTS = numpy.cumsum([0, *NUMBERS.values()])


@dataclass(frozen=True)
class Layout:
    """Where each block of rows begins in the table."""

    words: int
    classes: int
    tags: int
    labels: int
    spare_label: int
    """Of words that would be a second child of the root."""

    @property
    def word_rows(self) -> int:
        """Of one place: none, root, the known words, suffixes, classes (class 0 is none and has no row)."""
        return 2 + self.words + SUFFIXES + self.classes

    @property
    def suffix_start(self) -> int:
        return 2 + self.words

    @property
    def class_start(self) -> int:
        """Class 1's row is the first."""
        return self.suffix_start + SUFFIXES - 1

    @property
    def tag_start(self) -> int:
        return WORDS * self.word_rows

    @property
    def label_start(self) -> int:
        return self.tag_start + len(NODES) * (self.tags + 2)

    @property
    def number_start(self) -> int:
        return self.label_start + len(LABELED) * self.labels

    @property
    def places(self) -> tuple:
        """What the functions below take to find a row."""
        return (self.word_rows, self.tag_start, self.tags + 2, self.label_start, self.labels, self.number_start,
                NUMBER_STARTS[:-1])

    @property
    def rows(self) -> int:
        return self.number_start + int(NUMBER_STARTS[-1])


def suffix_bucket(suffix2, suffix3, shape):
    """Of an unknown word: its last three letters (two, if it has no more) and what its shape says."""
    kind = numpy.where(shape & 8, 1, 0) + numpy.where(shape & 16, 2, 0) + numpy.where(shape & 256, 4, 0)
    ending = numpy.where(suffix3 != 0, suffix3, suffix2)
    mixed = (ending.astype(numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)) >> numpy.uint64(54)
    return ((mixed + kind.astype(numpy.uint64) * numpy.uint64(131)) % numpy.uint64(SUFFIXES)).astype(numpy.int32)


class Nodes:
    """All sentences' nodes one below the other: a sentence's words, the root, none."""

    def __init__(self, atoms: list[numpy.ndarray], word_numbers: list[numpy.ndarray], tags: list[numpy.ndarray],
                 upos_of_tag: list[str]) -> None:
        """`word_numbers`: 0 for an unknown word, else its number from 1."""
        self.starts = numpy.cumsum([0] + [len(rows) + 2 for rows in atoms])
        count = len(upos_of_tag)

        def column(rows_of, root, none):
            return numpy.concatenate([numpy.append(rows, [root, none]) for rows in rows_of]).astype(numpy.int32)

        self.known = column(word_numbers, 0, 0)
        self.suffix = numpy.concatenate([numpy.append(
            suffix_bucket(rows[:, SUFFIX2], rows[:, SUFFIX3], rows[:, SHAPE]), [0, 0]) for rows in atoms]).astype(
            numpy.int32)
        self.fine = column([rows[:, FINE] for rows in atoms], 0, 0)
        self.tags = column(tags, count, count + 1)
        kinds = numpy.array([*upos_of_tag, "", ""])

        def before(kind):
            return numpy.concatenate([numpy.append(0, numpy.cumsum(kinds[row] == kind)[:-1]) for row in (
                numpy.append(row, [count, count + 1]) for row in tags)]).astype(numpy.int32)

        self.marks, self.verbs = before("PUNCT"), before("VERB")
        self.special = numpy.full(len(self.tags), -1, dtype=numpy.int32)
        self.special[self.starts[1:] - 2] = ROOT_ROW
        self.special[self.starts[1:] - 1] = NONE_ROW

    def rows(self, layout: Layout) -> tuple[numpy.ndarray, numpy.ndarray]:
        """A node's row at a place for words, and a second one or -1."""
        first = numpy.where(self.known > 0, self.known + 1, layout.suffix_start + self.suffix)
        first = numpy.where(self.special >= 0, self.special, first).astype(numpy.int32)
        unknown = (self.known == 0) & (self.special < 0) & (self.fine > 0)
        second = numpy.where(unknown, layout.class_start + self.fine, -1).astype(numpy.int32)
        return first, second

    def gathered(self, values: numpy.ndarray) -> list[numpy.ndarray]:
        return [values[first : last - 2].copy() for first, last in zip(self.starts[:-1], self.starts[1:])]


class Network(nn.Module):
    """As it is learned."""

    def __init__(self, layout: Layout, hidden: int, word_size: int = 64, tag_size: int = 32, label_size: int = 24,
                 dropout: float = 0.2) -> None:
        super().__init__()
        self.layout = layout
        self.words = nn.Embedding(2 + layout.words, word_size)
        self.suffixes = nn.Embedding(SUFFIXES, word_size)
        self.classes = nn.Embedding(layout.classes + 1, word_size)
        self.tags = nn.Embedding(layout.tags + 2, tag_size)
        self.labels = nn.Embedding(layout.labels, label_size)
        self.numbers = nn.EmbeddingBag(int(NUMBER_STARTS[-1]), hidden, mode="sum")
        self.from_words = nn.Parameter(torch.randn(WORDS, word_size, hidden) * (1 / (WORDS * word_size)) ** 0.5)
        self.from_tags = nn.Parameter(torch.randn(len(NODES), tag_size, hidden) * (1 / (len(NODES) * tag_size)) ** 0.5)
        self.from_labels = nn.Parameter(
            torch.randn(len(LABELED), label_size, hidden) * (1 / (len(LABELED) * label_size)) ** 0.5)
        for table in (self.words, self.suffixes, self.classes, self.tags, self.labels):
            nn.init.normal_(table.weight, std=0.5)
        nn.init.normal_(self.numbers.weight, std=0.1)
        self.bias = nn.Parameter(torch.full((hidden,), 0.1))
        self.drop = nn.Dropout(dropout)
        self.action = nn.Linear(hidden, ACTIONS)
        self.left = nn.Linear(hidden, layout.labels)
        self.right = nn.Linear(hidden, layout.labels)

    def word_vectors(self, special, known, suffix, fine, hide=None):
        """special: ROOT_ROW, NONE_ROW or -1; known: 0 or a word's number; hide: known words to treat as unknown."""
        rows = torch.where(special >= 0, special, known + 1)
        is_unknown = (known == 0) & (special < 0)
        if hide is not None:
            is_unknown = is_unknown | ((known > 0) & hide)
        parts = self.suffixes(suffix) + self.classes(fine) * (fine > 0)[..., None]
        own = self.words(rows) * (~is_unknown)[..., None]
        return own + parts * (special < 0)[..., None]

    def forward(self, special, known, suffix, fine, hide, tags, labels, numbers):
        """Words' columns [N, WORDS], tags [N, NODES], labels [N, LABELED], numbers [N, NUMBERS] (with their starts)."""
        words = self.word_vectors(special, known, suffix, fine, hide)
        total = words.flatten(1) @ self.from_words.flatten(0, 1)
        total = total + self.tags(tags).flatten(1) @ self.from_tags.flatten(0, 1)
        total = total + self.labels(labels).flatten(1) @ self.from_labels.flatten(0, 1)
        total = total + self.numbers(numbers) + self.bias
        hidden = self.drop(torch.relu(total))
        return self.action(hidden), self.left(hidden), self.right(hidden)

    @torch.no_grad()
    def table(self, suffix_of_word: torch.Tensor, class_of_word: torch.Tensor) -> numpy.ndarray:
        """float32 [rows, hidden]; the bias is in the last numbers' block, of which every state has one row."""
        layout = self.layout
        known = torch.arange(1, layout.words + 1)
        zero = torch.zeros(2, dtype=torch.long)
        vectors = torch.cat([
            self.word_vectors(torch.tensor([NONE_ROW, ROOT_ROW]), zero, zero, zero),
            self.word_vectors(torch.full_like(known, -1), known, suffix_of_word, class_of_word),
            self.suffixes.weight, self.classes.weight[1:]])
        numbers = self.numbers.weight.clone()
        numbers[NUMBER_STARTS[-2]:] += self.bias
        return torch.cat([
            (vectors @ self.from_words).flatten(0, 1), (self.tags.weight @ self.from_tags).flatten(0, 1),
            (self.labels.weight @ self.from_labels).flatten(0, 1), numbers]).numpy()

    @torch.no_grad()
    def outputs(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Weights [hidden, 4 + 2 labels] and biases: actions, labels of LEFT, labels of RIGHT."""
        layers = (self.action, self.left, self.right)
        return (torch.cat([layer.weight for layer in layers]).T.contiguous().numpy(),
                torch.cat([layer.bias for layer in layers]).numpy())


@njit
def score_state(nodes, labels, numbers, first_rows, second_rows, tags, base, word_rows, tag_start, tag_rows,
                label_start, label_rows, number_start, number_starts, table, shift, most, hidden):
    """The hidden layer of a state."""
    hidden[:] = 0.0
    for place in range(nodes.size):
        node = base + nodes[place]
        if place < WORDS:
            hidden += table[place * word_rows + first_rows[node]]
            if second_rows[node] >= 0:
                hidden += table[place * word_rows + second_rows[node]]
        hidden += table[tag_start + place * tag_rows + tags[node]]
    for place in range(labels.size):
        hidden += table[label_start + place * label_rows + labels[place]]
    for place in range(numbers.size):
        hidden += table[number_start + number_starts[place] + numbers[place]]
    for unit in range(hidden.size):
        value = hidden[unit]
        if value <= 0:
            hidden[unit] = 0
        elif shift:
            hidden[unit] = min(numpy.floor(value / (1 << shift)), numpy.float32(most))


@njit
def output_scores(hidden, weights, biases, start, count, out):
    for column in range(count):
        out[column] = biases[start + column]
    for unit in range(hidden.size):
        value = hidden[unit]
        if value != 0:
            for column in range(count):
                out[column] += value * weights[unit, start + column]


@njit
def choose_label(action, at_root, hidden, weights, biases, names):
    """Of the arc that an action makes: 0 if it makes none, 1 under the root, else the best from 2 on. `names`: memory."""
    if action != LEFT and action != RIGHT:
        return 0
    if action == LEFT and at_root:
        return 1
    output_scores(hidden, weights, biases, ACTIONS + (0 if action == LEFT else names.size), names.size, names)
    label = 2
    for candidate in range(3, names.size):
        if names[candidate] > names[label]:
            label = candidate
    return label


@njit(cache=True)
def parse(starts, first_rows, second_rows, tags, marks, verbs, word_rows, tag_start, tag_rows, label_start, label_rows,
          number_start, number_starts, table, weights, biases, shift, most, spare, heads_out, labels_out):
    """Greedy parses of all sentences: heads (n for the root's child) and labels into the last two. `spare`: the label of
    `arc_eager.finish`."""
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    tree = numpy.zeros((TREE, longest), dtype=numpy.int32)
    stack = numpy.zeros(longest, dtype=numpy.int32)
    can = numpy.zeros(ACTIONS, dtype=numpy.bool_)
    nodes = numpy.zeros(len(NODES), dtype=numpy.int32)
    labels = numpy.zeros(len(LABELED), dtype=numpy.int32)
    numbers = numpy.zeros(number_starts.size, dtype=numpy.int32)
    hidden = numpy.zeros(table.shape[1], dtype=numpy.float32)
    scores = numpy.zeros(ACTIONS, dtype=numpy.float32)
    names = numpy.zeros(label_rows, dtype=numpy.float32)
    for s in range(starts.size - 1):
        base, n = starts[s], starts[s + 1] - starts[s] - 2
        arc_eager.start(tree, n)
        size, b0 = 0, 0
        while size > 0 or b0 < n:
            arc_eager.allowed(stack, size, b0, n, tree, can)
            arc_eager.show(stack, size, b0, n, tree, marks[base:], verbs[base:], nodes, labels, numbers)
            score_state(nodes, labels, numbers, first_rows, second_rows, tags, base, word_rows, tag_start, tag_rows,
                        label_start, label_rows, number_start, number_starts, table, shift, most, hidden)
            output_scores(hidden, weights, biases, 0, ACTIONS, scores)
            action = -1
            for candidate in range(ACTIONS):
                if can[candidate] and (action < 0 or scores[candidate] > scores[action]):
                    action = candidate
            label = choose_label(action, b0 == n, hidden, weights, biases, names)
            size, b0 = arc_eager.advance(action, label, stack, size, b0, n, tree)
        arc_eager.finish(n, tree, spare)
        heads_out[base : base + n] = tree[arc_eager.HEAD, :n]
        labels_out[base : base + n] = tree[arc_eager.LABEL, :n]


@njit(cache=True)
def collect(starts, first_rows, second_rows, tags, marks, verbs, word_rows, tag_start, tag_rows, label_start,
            label_rows, number_start, number_starts, table, weights, biases, gold_heads, gold_labels, sentences, explore,
            seed, out_nodes, out_labels, out_numbers, out_free, out_can, out_arc, out_name):
    """States on the way through `sentences`, and what is right in each: an action among `out_free`; `out_arc` is LEFT or
    RIGHT where that arc is right (with `out_name`), else -1. A wrong choice of the network is followed with
    probability `explore`. Returns their number."""
    # numba's generator is its own: nothing outside seeds it.
    numpy.random.seed(seed)
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    tree = numpy.zeros((TREE, longest), dtype=numpy.int32)
    stack = numpy.zeros(longest, dtype=numpy.int32)
    can = numpy.zeros(ACTIONS, dtype=numpy.bool_)
    free = numpy.zeros(ACTIONS, dtype=numpy.bool_)
    nodes = numpy.zeros(len(NODES), dtype=numpy.int32)
    labels = numpy.zeros(len(LABELED), dtype=numpy.int32)
    numbers = numpy.zeros(number_starts.size, dtype=numpy.int32)
    hidden = numpy.zeros(table.shape[1], dtype=numpy.float32)
    scores = numpy.zeros(ACTIONS, dtype=numpy.float32)
    names = numpy.zeros(label_rows, dtype=numpy.float32)
    last_child = numpy.zeros(longest, dtype=numpy.int32)
    count = 0
    for s in sentences:
        base, n = starts[s], starts[s + 1] - starts[s] - 2
        heads = gold_heads[base : base + n + 2]
        last_child[: n + 2] = -1
        for word in range(n):
            last_child[heads[word]] = max(last_child[heads[word]], word)
        arc_eager.start(tree, n)
        size, b0 = 0, 0
        while size > 0 or b0 < n:
            arc_eager.allowed(stack, size, b0, n, tree, can)
            arc_eager.show(stack, size, b0, n, tree, marks[base:], verbs[base:], nodes, labels, numbers)
            score_state(nodes, labels, numbers, first_rows, second_rows, tags, base, word_rows, tag_start, tag_rows,
                        label_start, label_rows, number_start, number_starts, table, 0, 0, hidden)
            output_scores(hidden, weights, biases, 0, ACTIONS, scores)
            arc_eager.free(stack, size, b0, n, tree, heads, last_child, free)
            predicted, best = -1, -1
            for candidate in range(ACTIONS):
                if can[candidate]:
                    if predicted < 0 or scores[candidate] > scores[predicted]:
                        predicted = candidate
                    if free[candidate] and (best < 0 or scores[candidate] > scores[best]):
                        best = candidate
            s0 = stack[size - 1] if size > 0 else n + 1
            if best >= 0:
                out_nodes[count] = nodes + base
                out_labels[count] = labels
                out_numbers[count] = numbers
                out_can[count] = can
                out_free[count] = free & can
                out_arc[count] = -1
                if can[LEFT] and heads[s0] == b0 and b0 < n:
                    out_arc[count] = LEFT
                    out_name[count] = gold_labels[base + s0]
                elif can[RIGHT] and heads[b0] == s0:
                    out_arc[count] = RIGHT
                    out_name[count] = gold_labels[base + b0]
                count += 1
            action = predicted
            if best >= 0 and predicted != best and numpy.random.random() >= explore:
                action = best
            label = choose_label(action, b0 == n, hidden, weights, biases, names)
            size, b0 = arc_eager.advance(action, label, stack, size, b0, n, tree)
    return count
