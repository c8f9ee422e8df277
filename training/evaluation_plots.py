"""The figures of docs/evaluation.md, as SVG files whose bytes depend on nothing but the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .feature_plots import AI, HUMAN, INK, STYLE

OTHERS = ("#4c9f70", "#9467bd", "#b5a642")
LOWEST_RATE = 1e-3


def written(path: Path, size: tuple[float, float], draw: Callable[[Axes], None]) -> None:
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def roc(path: Path, scores: Mapping[str, numpy.ndarray], labels: numpy.ndarray) -> None:
    """True against false positives, the latter in powers of ten: what counts happens below one in a hundred."""
    def draw(axes: Axes) -> None:
        for (name, score), color in zip(scores.items(), (INK, AI, HUMAN, *OTHERS)):
            order = numpy.argsort(-score, kind="stable")
            positives = numpy.cumsum(labels[order] == 1) / max(1, (labels == 1).sum())
            negatives = numpy.cumsum(labels[order] == 0) / max(1, (labels == 0).sum())
            axes.step(numpy.maximum(negatives, LOWEST_RATE), positives, where="post", color=color, label=name,
                      linewidth=2 if name == "ensemble" else 1)
        axes.axvline(0.01, color=INK, linewidth=0.6, linestyle=":")
        axes.set(xscale="log", xlim=(LOWEST_RATE, 1), ylim=(0, 1), xlabel="false-positive rate (humans above)",
                 ylabel="true-positive rate (AI texts above)")
        axes.legend(frameon=False, loc="lower right")
    written(path, (5.2, 3.6), draw)


def reliability(path: Path, probability: numpy.ndarray, labels: numpy.ndarray, bins: int = 10) -> None:
    """Share of AI texts among those that were given about the same probability."""
    def draw(axes: Axes) -> None:
        edges = numpy.linspace(0, 1, bins + 1)
        place = numpy.clip(numpy.digitize(probability, edges) - 1, 0, bins - 1)
        found = [(probability[place == bin].mean(), labels[place == bin].mean(), int((place == bin).sum()))
                 for bin in range(bins) if (place == bin).any()]
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, linestyle=":")
        axes.plot([x for x, _, _ in found], [y for _, y, _ in found], color=AI, marker="o", markersize=4)
        for x, y, count in found:
            axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(4, -9), fontsize=6)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="mean probability of AI given", ylabel="share that is AI")
    written(path, (3.8, 3.6), draw)


def scores(path: Path, probability: numpy.ndarray, labels: numpy.ndarray) -> None:
    """How the probabilities of human and of AI texts lie."""
    def draw(axes: Axes) -> None:
        bins = numpy.linspace(0, 1, 41)
        for label, name, color in ((0, "human", HUMAN), (1, "ai", AI)):
            chosen = probability[labels == label]
            axes.stairs(numpy.histogram(chosen, bins)[0] / max(1, len(chosen)), bins, color=color, label=name, fill=True,
                        alpha=0.45)
        axes.set(yscale="log", xlim=(0, 1), xlabel="probability of AI", ylabel="share of the texts")
        axes.legend(frameon=False)
    written(path, (5.2, 2.8), draw)
