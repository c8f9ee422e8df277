"""The models' logits of texts that they were not trained on: what the ensemble is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy
import onnxruntime
from tqdm import tqdm

from . import splits
from .analysis import MODELS
from .places import CACHE, MODEL_REPOSITORY
from .stacking import corpus_weights, fit_logistic
from .window_pooling import Pooling, fit_pooling

WINDOW_MODELS = tuple(name for name in MODELS if name != "ebm")
"""They read windows of tokens; the EBM reads a text's features."""


@dataclass(frozen=True)
class Texts:
    """`logits` [texts, models] in the order of `analysis.MODELS`; label 1 is AI. A text's source is its corpus."""

    logits: numpy.ndarray
    label: numpy.ndarray
    sources: list[str]

    def chosen(self, mask: numpy.ndarray) -> "Texts":
        return Texts(self.logits[mask], self.label[mask], [s for s, kept in zip(self.sources, mask) if kept])

    def of_models(self, columns: Sequence[int]) -> "Texts":
        return replace(self, logits=self.logits[:, columns])

    def weights(self) -> numpy.ndarray:
        return corpus_weights(self.sources, self.label)


def joined(parts: Sequence[Texts]) -> Texts:
    return Texts(numpy.concatenate([part.logits for part in parts]), numpy.concatenate([part.label for part in parts]),
                 [source for part in parts for source in part.sources])


@dataclass(frozen=True)
class Calibration:
    """What makes each model's logits say the truth about some texts: logit · slope + intercept, both [models]."""

    intercepts: numpy.ndarray
    slopes: numpy.ndarray

    @staticmethod
    def fitted(texts: Texts) -> "Calibration":
        found = [fit_logistic(column[:, None], texts.label, texts.weights()) for column in texts.logits.T]
        return Calibration(numpy.array([fit.intercept for fit in found]), numpy.array([fit.weights[0] for fit in found]))

    def of(self, texts: Texts) -> Texts:
        return replace(texts, logits=texts.logits * self.slopes + self.intercepts)


@dataclass(frozen=True)
class Fold:
    """Logits by models that were trained without some sources: of held-out texts of the others (`seen`), and of theirs
    (`unseen`)."""

    seen: Texts
    unseen: Texts


@dataclass(frozen=True)
class Measured:
    """What windows.jsonl, windows.npz and the models say."""

    essays: list[dict]
    essay_of: numpy.ndarray
    """[windows]: the number of the window's text."""
    tokens: numpy.ndarray
    labels: numpy.ndarray
    corpora: list[str]
    """Of each text, as `splits.domain_of` names it."""

    @staticmethod
    def read(essays: list[dict], windows: Path = CACHE / "windows.npz") -> "Measured":
        data = numpy.load(windows)
        return Measured(
            essays, data["text"], numpy.diff(data["starts"]) - 2.0,
            numpy.array([int(essay["label"] == "ai") for essay in essays]), [splits.domain_of(essay) for essay in essays])

    def pooled(self, pooling: Pooling, logits: numpy.ndarray, rows: numpy.ndarray) -> numpy.ndarray:
        """Logits of the texts `rows` from those of all windows [windows]; other texts' windows may be NaN."""
        own = numpy.isin(self.essay_of, rows)
        return pooling.essays(logits[own], self.tokens[own], self.essay_of[own], len(self.essays))[rows]

    def fitted_pooling(self, logits: numpy.ndarray, rows: numpy.ndarray) -> Pooling:
        """The pooling that serves the texts `rows` best."""
        own = numpy.isin(self.essay_of, rows)
        place = numpy.zeros(len(self.essays), dtype=int)
        place[rows] = numpy.arange(len(rows))
        weights = corpus_weights([self.corpora[row] for row in rows], self.labels[rows])
        return fit_pooling(logits[own], self.tokens[own], place[self.essay_of[own]], self.labels[rows], weights)

    def texts(self, rows: numpy.ndarray, logits: numpy.ndarray) -> Texts:
        """Of the texts `rows` with logits [rows, models]; a corpus is one source."""
        return Texts(logits, self.labels[rows], [self.corpora[row] for row in rows])


def shipped_window_logits(
    name: str, windows: Path, rows: numpy.ndarray, threads: int, repository: Path = MODEL_REPOSITORY,
) -> numpy.ndarray:
    """Logits [windows] by the exported file, NaN but for the windows of the texts `rows`."""
    data = numpy.load(windows)
    ids, starts, texts = data["ids"], data["starts"], data["text"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        str(repository / name / "1" / "model.onnx"), options, providers=["CPUExecutionProvider"])
    lengths = numpy.diff(starts)
    wanted = numpy.flatnonzero(numpy.isin(texts, rows))
    wanted = wanted[numpy.argsort(lengths[wanted], kind="stable")]
    result = numpy.full(len(texts), numpy.nan)
    for start in tqdm(range(0, len(wanted), 8), desc=f"{name}, held-out texts", mininterval=5):
        batch = wanted[start : start + 8]
        padded, mask = numpy.zeros((2, len(batch), int(lengths[batch].max())), dtype=numpy.int64)
        for place, row in enumerate(batch):
            padded[place, : lengths[row]] = ids[starts[row] : starts[row + 1]]
            mask[place, : lengths[row]] = 1
        logits = session.run(["logits"], {"input_ids": padded, "attention_mask": mask})[0]
        result[batch] = logits[:, 1] - logits[:, 0]
    return result


def shipped_ebm_logits(features: numpy.ndarray, repository: Path = MODEL_REPOSITORY) -> numpy.ndarray:
    session = onnxruntime.InferenceSession(
        str(repository / "ebm" / "1" / "model.onnx"), providers=["CPUExecutionProvider"])
    return session.run(["logit"], {"features": features})[0][:, 0].astype(float)


def folds(measured: Measured, cross_fit: Path, poolings: Sequence[Pooling]) -> list[Fold]:
    """What `cross_fit` wrote, pooled as the shipped models' windows are."""
    found = numpy.load(cross_fit)
    result = []
    for fold, kinds in enumerate(found["kind"]):
        sides = []
        for kind in (1, 2):
            rows = numpy.flatnonzero(kinds == kind)
            columns = [measured.pooled(pooling, found[f"{name}.windows"][fold], rows)
                       for name, pooling in zip(WINDOW_MODELS, poolings, strict=True)]
            columns.append(found["ebm.mean"][fold, rows])
            sides.append(measured.texts(rows, numpy.column_stack(columns)))
        if numpy.isnan(sides[0].logits).any() or numpy.isnan(sides[1].logits).any():
            raise ValueError(f"{cross_fit.name} lacks models or folds: run cross-fit whole")
        result.append(Fold(*sides))
    return result
