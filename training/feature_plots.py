"""The report's two figures, as SVG files whose bytes depend on nothing but the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .feature_statistics import SMALL, FeatureStatistics

HUMAN, AI = "#3d8fd6", "#e07b39"
INK = "#7d8590"
"""Readable on white and on black; the figures have no background."""
COLUMNS = 3
BINS = 36
SHOWN = (0.5, 99.5)
"""Percentiles of all texts that a panel spans, so that a few extreme texts do not squeeze the rest."""
STYLE = {
    "svg.hashsalt": "feature-report", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 8,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "savefig.transparent": True, "path.simplify": True,
}


@dataclass(frozen=True)
class Panel:
    """One feature's values, in its unit."""

    name: str
    note: str
    human: numpy.ndarray
    ai: numpy.ndarray


def edges(values: numpy.ndarray) -> numpy.ndarray:
    """Bins over the shown range; one a whole number where the feature counts and has few values."""
    low, high = numpy.percentile(values, SHOWN)
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        low, high = low - 0.5, high + 0.5
    if (values == numpy.round(values)).all():
        step = max(1, math.ceil((high - low) / BINS))
        return numpy.arange(math.floor(low), high + step + 1, step) - 0.5
    return numpy.linspace(low, high, BINS + 1)


def draw(panel: Panel, axes: Axes) -> None:
    """Shares of the texts a bin, so that labels with more texts do not look larger; a line at each median."""
    bins = edges(numpy.concatenate([panel.human, panel.ai]))
    for values, color in ((panel.human, HUMAN), (panel.ai, AI)):
        clipped = numpy.clip(values, bins[0], bins[-1])
        shares = numpy.histogram(clipped, bins)[0] / len(values)
        axes.stairs(shares, bins, fill=True, color=color, alpha=0.35, linewidth=0)
        axes.stairs(shares, bins, color=color, linewidth=1)
        axes.axvline(float(numpy.median(clipped)), color=color, linewidth=1, linestyle="--")
    axes.set_title(panel.name, fontsize=8.5, fontweight="bold", loc="left")
    axes.set_title(panel.note, fontsize=8, loc="right")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(bins[0], bins[-1])
    axes.locator_params(axis="x", nbins=6)


def legend(figure: Figure, entries: Sequence[tuple[str, str, str]], top: float) -> None:
    """(text, marker, color) in one line above the panels."""
    handles = [Line2D([], [], color=color, marker=marker, linestyle="none", label=text,
                      markerfacecolor="none" if marker == "D" else color)
               for text, marker, color in entries]
    figure.legend(handles=handles, loc="upper center", ncols=len(handles), frameon=False, bbox_to_anchor=(0.5, top))


def save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A PNG has no date to leave out.
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def distributions(panels: Sequence[Panel], path: Path) -> None:
    """Small multiples: human and AI texts' distributions of each feature."""
    rows = max(1, math.ceil(len(panels) / COLUMNS))
    with matplotlib.rc_context(STYLE):
        height = 1.65 * rows + 0.45
        figure = Figure(figsize=(10, height), layout="constrained")
        figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / height), w_pad=0.12, h_pad=0.06)
        grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for axes, panel in zip(grid, panels):
            draw(panel, axes)
        for axes in grid[len(panels):]:
            axes.set_visible(False)
        legend(figure, [("human", "s", HUMAN), ("AI", "s", AI)], 1.0)
        save(figure, path)


def effects(features: Sequence[FeatureStatistics], path: Path) -> None:
    """Cohen's d of each feature: over all texts, for each source, and within corpora that have both labels."""
    with matplotlib.rc_context(STYLE):
        height = 0.34 * max(1, len(features)) + 1
        figure = Figure(figsize=(10, height), layout="constrained")
        figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / height), w_pad=0.12)
        axes = figure.subplots()
        axes.axvspan(-SMALL, SMALL, color=INK, alpha=0.12, linewidth=0)
        axes.axvline(0, color=INK, linewidth=0.8)
        for place, feature in enumerate(features):
            for name, color, shift in (("human", HUMAN, -0.16), ("ai", AI, 0.16)):
                found = [entry.d for entry in feature.sources if entry.label == name]
                axes.plot(found, [place + shift] * len(found), "o", color=color, markersize=4, alpha=0.75, mew=0)
            within = [entry.d for entry in feature.corpora]
            axes.plot(within, [place] * len(within), "D", mfc="none", mec=INK, markersize=5.5)
            axes.plot([feature.cohens_d] * 2, [place - 0.36, place + 0.36], color=INK, linewidth=2.5)
        axes.set_yticks(range(len(features)), [feature.name for feature in features])
        axes.set_ylim(len(features) - 0.4, -0.6)
        axes.set_xlabel("Cohen's d: lower in AI texts ← → higher in AI texts")
        legend(figure, [("all texts", "|", INK), ("a human source against all AI", "o", HUMAN),
                        ("an AI source against all human", "o", AI), ("within one corpus", "D", INK)], 1.0)
        save(figure, path)
