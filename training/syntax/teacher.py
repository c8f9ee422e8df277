"""The shipped parser's teacher: a pretrained encoder with a biaffine parser on it (Dozat and Manning 2017).

It is far too slow to ship, and far better; what it says of texts without a treebank is what the shipped parser learns
from beside the treebank (`train_syntax_teacher`, `train_syntax`). It sees words only: no tags, no trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy
import torch
from torch import nn
from transformers import BertModel, BertTokenizerFast

from .words import SHAPE, form_atoms

SHAPES = 2048
"""`words.shape` has eleven bits; the encoder's vocabulary has no capitals, so shapes tell it."""


class Teacher(nn.Module):
    """Scores of tags, heads and labels. The root is a learned vector at place 0 of the heads."""

    def __init__(self, encoder: BertModel, tags: int, labels: int, arc_size: int = 320, label_size: int = 128) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.shapes = nn.Embedding(SHAPES, hidden)
        nn.init.zeros_(self.shapes.weight)
        self.mix = nn.Parameter(torch.zeros(encoder.config.num_hidden_layers + 1))
        self.root = nn.Parameter(torch.randn(hidden) * 0.02)
        self.drop = nn.Dropout(0.3)
        self.tag = nn.Linear(hidden, tags)
        self.arc_head, self.arc_word = nn.Linear(hidden, arc_size), nn.Linear(hidden, arc_size)
        self.label_head, self.label_word = nn.Linear(hidden, label_size), nn.Linear(hidden, label_size)
        self.arc = nn.Parameter(torch.zeros(arc_size + 1, arc_size))
        self.labels = nn.Parameter(torch.zeros(label_size + 1, labels, label_size + 1))
        nn.init.xavier_normal_(self.arc)
        nn.init.normal_(self.labels, std=0.05)

    def forward(self, ids, mask, shapes, first):
        """ids, mask, shapes [B, P]; first [B, W]: the place of each word's first piece. Tag scores [B, W, T], arc scores
        [B, W, W + 1] (head 0 is the root), and the words' vectors for `label_scores`."""
        embedded = self.encoder.embeddings.word_embeddings(ids) + self.shapes(shapes)
        states = self.encoder(inputs_embeds=embedded, attention_mask=mask, output_hidden_states=True).hidden_states
        weights = torch.softmax(self.mix, 0)
        mixed = sum(weight * state for weight, state in zip(weights, states))
        words = self.drop(torch.gather(mixed, 1, first[..., None].expand(-1, -1, mixed.shape[-1])))
        nodes = torch.cat([self.root.to(words.dtype).expand(len(words), 1, -1), words], 1)
        gelu = nn.functional.gelu
        head, word = self.drop(gelu(self.arc_head(nodes))), self.drop(gelu(self.arc_word(words)))
        arcs = torch.cat([word, torch.ones_like(word[..., :1])], -1) @ self.arc @ head.transpose(1, 2)
        pair = self.drop(gelu(self.label_head(nodes))), self.drop(gelu(self.label_word(words)))
        return self.tag(words).float(), arcs.float(), pair

    def label_scores(self, pair, heads):
        """[B, W, L] for each word's head (0 is the root)."""
        head, word = pair
        head = torch.gather(head, 1, heads[..., None].expand(-1, -1, head.shape[-1]))
        head = torch.cat([head, torch.ones_like(head[..., :1])], -1)
        word = torch.cat([word, torch.ones_like(word[..., :1])], -1)
        return torch.einsum("bwi,ilj,bwj->bwl", word, self.labels, head).float()


class Pieces:
    """Sentences as pieces of words: built once, batched by length."""

    def __init__(self, tokenizer: BertTokenizerFast, sentences: Sequence[Sequence[str]]) -> None:
        encoded = tokenizer([list(forms) for forms in sentences], is_split_into_words=True)
        self.ids, self.shapes, self.first = encoded["input_ids"], [], []
        for place, forms in enumerate(sentences):
            words = encoded.word_ids(place)
            shapes, first, seen = [0] * len(words), [-1] * len(forms), set()
            for piece, word in enumerate(words):
                if word is not None and word not in seen:
                    seen.add(word)
                    first[word] = piece
                    shapes[piece] = form_atoms(forms[word])[1][SHAPE - 1]
            # A token that normalisation empties has no piece: it is read where the one before it is.
            for word in range(len(forms)):
                if first[word] < 0:
                    first[word] = first[word - 1] if word else 0
            self.shapes.append(shapes)
            self.first.append(first)

    def batches(self, pieces: int, generator: numpy.random.Generator | None = None) -> Iterator[list[int]]:
        """Sentences of like length, `pieces` to a batch with padding; shuffled if there is a generator."""
        noise = generator.random(len(self.ids)) * 6 if generator else numpy.zeros(len(self.ids))
        order = sorted(range(len(self.ids)), key=lambda place: len(self.ids[place]) + noise[place])
        groups, group = [], []
        for place in order:
            if group and (len(group) + 1) * len(self.ids[place]) > pieces:
                groups.append(group)
                group = []
            group.append(place)
        groups.append(group)
        for number in generator.permutation(len(groups)) if generator else range(len(groups)):
            yield groups[number]

    def tensors(self, places: list[int]):
        ids = padded([self.ids[place] for place in places], 0)
        mask = padded([[1] * len(self.ids[place]) for place in places], 0)
        return ids, mask, padded([self.shapes[place] for place in places], 0), padded(
            [self.first[place] for place in places], 0)


def padded(rows: Sequence[Sequence[int]], fill: int) -> torch.Tensor:
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows])
