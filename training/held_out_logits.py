"""The models' logits of texts that they were not trained on: what the ensemble is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy

from . import splits
from .analysis import MODELS
from .places import CACHE
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


@dataclass(frozen=True)
class CrossFit:
    """What `cross_fit` wrote about the measured texts, its windows pooled as the shipped models' will be."""

    poolings: dict[str, Pooling]
    """Of the models that read windows: fitted on `held_out`."""
    held_out: Texts
    """Held-out texts, by models that were trained on all others."""
    folds: list[Fold]

    @staticmethod
    def read(measured: Measured, path: Path) -> "CrossFit":
        """Raises ValueError where a model or fold is lacking, or other texts were measured."""
        found = numpy.load(path)
        kinds = found["kind"]
        complete = kinds.shape == (len(splits.ALL_FOLDS), len(measured.essays)) and all(
            f"{name}.mean" in found and numpy.isfinite(found[f"{name}.mean"][kinds > 0]).all() for name in MODELS)
        if not complete:
            raise ValueError(f"{path.name} lacks models or folds, or is of other texts: run cross-fit whole")
        windows = {name: found[f"{name}.windows"] for name in WINDOW_MODELS}
        held_out = numpy.flatnonzero(kinds[splits.NOTHING] == 1)
        poolings = {name: measured.fitted_pooling(logits[splits.NOTHING], held_out) for name, logits in windows.items()}

        def texts(fold: int, kind: int) -> Texts:
            rows = numpy.flatnonzero(kinds[fold] == kind)
            columns = [measured.pooled(poolings[name], logits[fold], rows) for name, logits in windows.items()]
            return measured.texts(rows, numpy.column_stack([*columns, found["ebm.mean"][fold, rows]]))

        return CrossFit(poolings, texts(splits.NOTHING, 1), [
            Fold(texts(fold, 1), texts(fold, 2)) for fold in range(len(splits.FOLDS))])
