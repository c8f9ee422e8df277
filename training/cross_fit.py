"""Leave-one-source-out: models that were each trained without some sources, and what they say of the texts of those.

    python -m training cross-fit
    python -m training cross-fit --without lines --models ebm

Trains for every fold of `splits.ALL_FOLDS`, of which the last leaves out none, a bert_bilstm, a bert_classifier, an
ngram_classifier and an EBM on the crops and features of all other sources but of held-out texts, and writes
training/.cache/cross_fit.npz: the window logits and EBM logits of held-out texts of seen sources, and of texts of the
sources left out. `fit_ensemble` takes its weights and thresholds from them. Prints
each left-out source's figures. With --without one of the measures against shortcuts is left away, which shows what it buys;
such a run writes training/.cache/cross_fit.<measure>.npz.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import torch
from tqdm import tqdm

from . import debian_texts, splits, train_classifier, train_ngrams
from .analysis import MODELS
from .bilstm_training import Recipe, predict, train
from .crops import Crops, add_encoder_arguments, device_of, encoded
from .ebm_fit import ARTEFACTS, REMOVED, TOPICS, EBMRecipe, fit_ebm, labelled_features
from .fold_rows import chosen_rows, measured_rows
from .held_out_logits import WINDOW_MODELS
from .metrics import alarms, area_under_roc
from .places import CACHE, CHECKPOINTS
from .prepare import read_essays
from .stacking import corpus_weights
from .tracking import Run, tracking
from .transformer_models import BertBiLSTM
from .treebank_texts import SOURCE as TREEBANK
from .window_pooling import Pooling

ADDED = {"treebank": {TREEBANK}, "debian": {debian_texts.FAQ, debian_texts.DICTIONARY}}
"""Human texts of other kinds than the essays' corpora have."""
MEASURES = ("weights", "alone", *ADDED, "damping", "smoothing", "average", "lines")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--triton", default="http://127.0.0.1:8000", help="for sentence embeddings")
    add("--crops", type=int, help="crops that a fold's transformers are trained on, at most (default: all)")
    add("--texts", type=int, help="texts that a fold's EBM is trained on, at most (default: all)")
    add("--jobs", type=int, default=2, help="folds' bert_bilstms that are trained at once, on a part of the --threads each: two on "
        "one thread are done sooner than one after the other on two (default %(default)s)")
    add("--watched", type=int, default=200, help="windows of left-out sources that are looked at after each quarter of the "
        "steps, to see when to stop (default %(default)s)")
    add("--models", nargs="+", default=list(MODELS), help="default: all")
    add("--folds", type=int, nargs="+", default=list(range(len(splits.ALL_FOLDS))), help="default: all")
    add("--without", choices=MEASURES,
        help="leave a measure away (weights are the classifiers'; alone, which has corpora of machine texts alone count less, "
        "smoothing and average bert_bilstm's)")
    add("--remove", nargs="*", choices=[*ARTEFACTS, TOPICS], default=list(REMOVED),
        help="groups of features that get no say in the EBM (default %(default)s)")
    add("--interactions", type=int, default=EBMRecipe.interactions, help="pairs of features in the EBM (default %(default)s)")
    add("--max-rounds", type=int, default=EBMRecipe.max_rounds, help="of boosting, at most (default %(default)s)")
    add("--name", help="write cross_fit.NAME.npz, for a comparison")
    train_classifier.add_classifier_arguments(parser)
    train_ngrams.add_ngram_arguments(parser)
    add_encoder_arguments(parser)
    return parser


def watched_windows(kinds: numpy.ndarray, windows: Crops, limit: int) -> numpy.ndarray:
    """At most `limit` windows of left-out sources, half of each label where there are so many."""
    left_out = numpy.flatnonzero(kinds[windows.text] == 2)
    chosen = [left_out[windows.label[left_out] == label] for label in (0, 1)]
    return numpy.sort(numpy.concatenate([
        rows[numpy.linspace(0, len(rows) - 1, min(len(rows), limit // 2)).astype(int)] for rows in chosen]))


@dataclass(frozen=True)
class Material:
    """What the folds share."""

    crops: Crops
    windows: Crops
    essays: list[dict]
    """To measure on."""
    selected: list[dict]
    """To train on."""
    domains: list[str]
    """Every crop's corpus."""

    @staticmethod
    def read(options: argparse.Namespace) -> "Material":
        # Who does without the encoder need not wait for its states, which take minutes.
        needed = {"bert_bilstm", "bert_classifier"} & set(options.models)
        crops, windows = (encoded(options, name) if needed else Crops(CACHE / f"{name}.npz") for name in ("crops", "windows"))
        selected = read_essays(CACHE / "selected.jsonl")
        return Material(crops, windows, read_essays(CACHE / "windows.jsonl"), selected, crops.domains(selected))

    def fold(self, options: argparse.Namespace, number: int) -> "FoldRows":
        kinds = measured_rows(self.essays, splits.ALL_FOLDS[number])
        rows = chosen_rows([self.selected[text] for text in self.crops.text], splits.ALL_FOLDS[number], options.crops,
                           without=ADDED.get(options.without, ()))
        # With one name for all, only the labels are weighed.
        names = ["" if options.without == "weights" else self.domains[row] for row in rows]
        return FoldRows(kinds, rows, names, corpus_weights(names, self.crops.label[rows]),
                        numpy.flatnonzero(kinds[self.windows.text] > 0))


@dataclass(frozen=True)
class FoldRows:
    """What a fold trains and measures on."""

    kinds: numpy.ndarray
    """[texts], as `measured_rows` gives them."""
    rows: numpy.ndarray
    """The numbers of the crops that are trained on."""
    corpora: list[str]
    """[rows], as they are weighed."""
    weights: numpy.ndarray
    """[rows]: what each of them counts for the two regressions."""
    measured: numpy.ndarray
    """The numbers of the windows that are measured."""


def bilstm_logits(options: argparse.Namespace, number: int) -> numpy.ndarray:
    """Logits of a fold's measured windows by a bert_bilstm trained on its crops; some windows of left-out sources tell when
    to stop: should they be told apart worse towards the end, the recipe's epochs are too many."""
    material = Material.read(options)
    fold, windows = material.fold(options, number), material.windows
    watched = watched_windows(fold.kinds, windows, options.watched)
    without = {"alone": {"machines_alone": 1.0}, "smoothing": {"label_smoothing": 0.0}, "average": {"average_from": 1.0}}
    recipe = replace(Recipe(domain_damping=options.domain_damping), **without.get(options.without, {}))
    device = device_of(options.device)

    def watch(share: float, model: BertBiLSTM) -> None:
        area = area_under_roc(predict(model, windows, watched, device), windows.label[watched])
        print(f"  fold {number}: bert_bilstm after {share:4.0%} of the steps: AUROC {area:.4f} on {len(watched)} windows of "
              "sources left out", flush=True)

    model = train(recipe, material.crops, fold.rows, fold.corpora, material.domains,
                  layers=options.layers, device=device, state=state_of(number), name=f"bert_bilstm, fold {number}",
                  line=options.folds.index(number), watch=watch if len(watched) else None)
    return predict(model, windows, fold.measured, device)


def state_of(fold: int) -> Path:
    """Of the fold's bert_bilstm: whole trainings are kept, too, until all folds are measured."""
    return CHECKPOINTS / f"fold{fold}.state"


def begin_worker(threads: int, lock: Any) -> None:
    """In a process that trains folds. It ends with the one that started it: an orphan would go on for minutes, and write the
    state that the next run goes on from."""
    def follow() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    tqdm.set_lock(lock)
    torch.set_num_threads(threads)


def all_bilstm_logits(options: argparse.Namespace) -> Iterator[numpy.ndarray]:
    """`bilstm_logits` of one fold after the other, several trained at once in processes of their own."""
    jobs = min(options.jobs, len(options.folds))
    context = multiprocessing.get_context("spawn")
    tqdm.set_lock(lock := context.RLock())
    # Leaving the block, by an error or an interrupt too, ends the processes.
    with context.Pool(jobs, begin_worker, (max(1, options.threads // jobs), lock)) as pool:
        yield from pool.imap(partial(bilstm_logits, options), options.folds)


def summary(
    essays: Sequence[dict], fold: int, found: dict[str, numpy.ndarray], models: Sequence[str],
) -> tuple[list[str], list[list[float]]]:
    """The area under the curve of held-out texts of seen sources, and one line a left-out source: the area against all texts of
    the other label that the fold measured, and the share of the source's texts above what one in a hundred of the seen
    sources' humans reach. And the left-out areas [sources, models]."""
    areas = []
    labels = numpy.array([essay["label"] == "ai" for essay in essays], dtype=int)
    kinds = found["kind"][fold]
    seen = kinds == 1
    lines = [f"  {'(held out)':18} n {seen.sum():4}  " + "  ".join(
        f"{model} AUROC {area_under_roc(found[f'{model}.mean'][fold][seen], labels[seen]):.4f}" for model in models)]
    for domain in splits.ALL_FOLDS[fold]:
        own = (kinds == 2) & numpy.array([splits.domain_of(essay) == domain for essay in essays])
        parts: list[str] = []
        areas.append([])
        for model in models:
            logits = found[f"{model}.mean"][fold]
            limit = numpy.quantile(logits[(kinds == 1) & (labels == 0)], 0.99)
            both = [label for label in (0, 1) if (own & (labels == label)).any()]
            against = own | ((kinds == 1) & (labels != both[0])) if len(both) == 1 else own
            areas[-1].append(area_under_roc(logits[against], labels[against]))
            parts.append(f"{model} AUROC {areas[-1][-1]:.4f} above " + " ".join(
                f"{('human', 'ai')[label]} {(logits[own & (labels == label)] >= limit).mean():.3f}" for label in both))
        lines.append(f"  {domain:18} n {own.sum():4}  " + "  ".join(parts))
    return lines, areas


def main() -> None:
    options = arguments().parse_args()
    with tracking("cross-fit", options) as run:
        cross_fit(options, run)


def cross_fit(options: argparse.Namespace, run: Run) -> None:
    torch.set_num_threads(options.threads)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    if options.without == "damping":
        options.domain_damping = options.agreement = 0.0
    window_models = [name for name in options.models if name in WINDOW_MODELS]
    # This also computes the encoder's states into their files, before several processes ask for them.
    material = Material.read(options)
    essays, crops, windows = material.essays, material.crops, material.windows
    tokens = windows.lengths - 2
    name = options.name or options.without
    target = CACHE / f"cross_fit{f'.{name}' if name else ''}.npz"
    found: dict[str, numpy.ndarray] = {
        "kind": numpy.stack([measured_rows(essays, fold) for fold in splits.ALL_FOLDS])}
    for name in options.models:
        found[f"{name}.mean"] = numpy.full((len(splits.ALL_FOLDS), len(essays)), numpy.nan)
        if name != "ebm":
            found[f"{name}.windows"] = numpy.full((len(splits.ALL_FOLDS), len(windows.label)), numpy.nan)
    if "ebm" in options.models:
        features = labelled_features(essays, material.selected, options.triton)
        recipe = EBMRecipe(
            removed=tuple(options.remove), lines=options.without != "lines",
            domain_damping=options.domain_damping, interactions=options.interactions,
            max_rounds=options.max_rounds)
    bilstm = all_bilstm_logits(options) if "bert_bilstm" in options.models else iter(())
    areas: dict[str, list[float]] = {}
    for fold in options.folds:
        left_out = splits.ALL_FOLDS[fold]
        its = material.fold(options, fold)
        kinds = its.kinds
        print(f"fold {fold}: without {', '.join(left_out) or 'none'}; measures {int((kinds == 2).sum())} texts of them and "
              f"{int((kinds == 1).sum())} held-out texts of the others")
        for name in window_models:
            if name == "bert_bilstm":
                logits = next(bilstm)
            elif name == "bert_classifier":
                line = train_classifier.fitted(options, crops, its.rows, its.weights, material.domains)
                logits = line.logits(windows.statistics[its.measured])
            else:
                line = train_ngrams.fitted(options, crops, its.rows, its.weights, material.domains)
                logits = line.logits(windows.ngrams[its.measured])
            found[f"{name}.windows"][fold, its.measured] = logits
            mean = Pooling(slope=0, gain=0).essays(
                logits, tokens[its.measured], windows.text[its.measured], len(essays))
            found[f"{name}.mean"][fold, kinds > 0] = mean[kinds > 0]
        if "ebm" in options.models:
            trained = chosen_rows(features.training, left_out, options.texts,
                                  without=ADDED.get(options.without, ()))
            model = fit_ebm(
                # Thresholds need no more; the calibration of the shipped EBM does.
                recipe.small() if left_out else recipe, features.schema, features.values[trained],
                features.labels[trained], [features.training[row] for row in trained], options.threads)
            found["ebm.mean"][fold, kinds > 0] = model.decision_function(features.measured[kinds > 0])
        lines, of_fold = summary(essays, fold, found, options.models)
        areas |= dict(zip(left_out, of_fold, strict=True))
        print("\n".join(lines), flush=True)
    numpy.savez(target, **found)
    for fold in options.folds:
        state_of(fold).unlink(missing_ok=True)
    labels = numpy.array([essay["label"] == "ai" for essay in essays], dtype=int)
    for source, of_source in areas.items():
        for model, area in zip(options.models, of_source, strict=True):
            run.scalar(f"AUROC of {model}, {source} left out", area)
    if areas:
        print(f"mean of {len(areas)} left-out sources: " + ", ".join(
            f"{model} AUROC {area:.4f}, of their humans above {alarms(labels, found['kind'], found[f'{model}.mean']):.3f}"
            for model, area in zip(options.models, numpy.mean(list(areas.values()), axis=0))))
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
