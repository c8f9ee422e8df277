"""Rows of tokens, and what the encoder's layers say of them: computed once, beside the rows, for every model."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy
import torch
from tqdm import tqdm

from . import splits
from .ngrams import Ngrams
from .places import CACHE
from .shipped_weights import as_shipped
from .token_kinds import token_kinds
from .transformer_models import CHANNELS, ENCODER_LAYERS, BertClassifier, layer_states, load_encoder, statistics


def device_of(name: str) -> torch.device:
    """`auto` is a GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else torch.device(name)


@contextmanager
def whole(path: Path, kind: type, shape: tuple[int, ...]) -> Iterator[numpy.ndarray]:
    """An array to fill that is a file at `path` once the block ends."""
    partial = path.with_name(f"{path.name}.partial")
    store = numpy.memmap(partial, dtype=kind, mode="w+", shape=shape)
    yield store
    store.flush()
    partial.rename(path)


class Crops:
    """Token rows of `prepare`, [CLS] and [SEP] included; after `encode` also what the classifiers' heads are given."""

    hidden: numpy.ndarray
    """[all tokens, 384], FP16: the last layer's states, for bert_bilstm."""
    statistics: numpy.ndarray
    """[rows, layers · 2 · 384], FP32: for bert_classifier."""

    def __init__(self, path: Path) -> None:
        data = numpy.load(path)
        self.ids, self.starts, self.text, self.label = (data[key] for key in ("ids", "starts", "text", "label"))
        self.lengths = numpy.diff(self.starts)
        self.digest = hashlib.sha256(self.ids.tobytes() + self.starts.tobytes()).hexdigest()[:12]
        self.path = path

    @cached_property
    def ngrams(self) -> Ngrams:
        """Which n-grams each row has, for ngram_classifier."""
        return Ngrams.of(self.ids, self.starts, token_kinds())

    def domains(self, texts: Sequence[dict]) -> list[str]:
        """Each row's corpus; `texts` are those that the rows were cut from."""
        return [splits.domain_of(texts[text]) for text in self.text]

    def batch_ids(self, rows: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask [rows, longest]."""
        ids, mask = numpy.zeros((2, len(rows), int(self.lengths[rows].max())), dtype=numpy.int64)
        for place, row in enumerate(rows):
            ids[place, : self.lengths[row]] = self.ids[self.starts[row] : self.starts[row + 1]]
            mask[place, : self.lengths[row]] = 1
        return torch.from_numpy(ids), torch.from_numpy(mask)

    def batch_hidden(self, rows: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """The last layer's states [rows, longest, 384] and mask."""
        longest = int(self.lengths[rows].max())
        hidden = numpy.zeros((len(rows), longest, self.hidden.shape[1]), dtype=numpy.float32)
        mask = numpy.zeros((len(rows), longest), dtype=numpy.int64)
        for place, row in enumerate(rows):
            hidden[place, : self.lengths[row]] = self.hidden[self.starts[row] : self.starts[row + 1]]
            mask[place, : self.lengths[row]] = 1
        return torch.from_numpy(hidden), torch.from_numpy(mask)

    def encode(self, layers: int, device: torch.device) -> None:
        """Fills `hidden` and `statistics` by the encoder as it is shipped, from the files beside the rows where they are
        complete."""
        path = self.path.with_name(f"{self.path.stem}.{self.digest}.{layers}.hidden")
        statistics_path = path.with_suffix(".statistics")
        shape, statistics_shape = (len(self.ids), CHANNELS), (len(self.label), 2 * layers * CHANNELS)
        if not path.exists() or not statistics_path.exists():
            model = as_shipped(BertClassifier(load_encoder("sdpa"), layers)).to(device).eval()
            order = numpy.argsort(self.lengths, kind="stable")
            with (whole(path, numpy.float16, shape) as hidden,
                  whole(statistics_path, numpy.float32, statistics_shape) as found, torch.no_grad()):
                for start in tqdm(range(0, len(order), 32), desc=f"encoder, {self.path.stem}", mininterval=5):
                    rows = order[start : start + 32]
                    ids, mask = (tensor.to(device) for tensor in self.batch_ids(rows))
                    states = layer_states(model.bert, ids, mask)
                    found[rows] = statistics(states, mask).cpu().numpy()
                    last = states[-1].cpu().numpy()
                    for place, row in enumerate(rows):
                        hidden[self.starts[row] : self.starts[row + 1]] = last[place, : self.lengths[row]]
        self.hidden = numpy.memmap(path, dtype=numpy.float16, mode="r", shape=shape)
        self.statistics = numpy.memmap(statistics_path, dtype=numpy.float32, mode="r", shape=statistics_shape)


def add_encoder_arguments(parser: argparse.ArgumentParser) -> None:
    """What `encoded` takes, and on what the heads are trained."""
    parser.add_argument("--layers", type=int, default=ENCODER_LAYERS, help="of the encoder's 6 (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="default %(default)s")
    parser.add_argument("--device", default="auto", help="cpu, cuda, or auto: a GPU where there is one (default %(default)s)")


def encoded(options: argparse.Namespace, name: str = "crops") -> Crops:
    """`crops` to train on or `windows` to measure on, as `prepare` made them, encoded."""
    rows = Crops(CACHE / f"{name}.npz")
    rows.encode(options.layers, device_of(options.device))
    return rows
