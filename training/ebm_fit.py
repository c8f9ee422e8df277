"""The explainable boosting machine's recipe, its features, and its fit.

Boosting starts from a straight line in each feature's rank and learns what the lines leave over. The lines are fitted by
logistic regression with a ridge, after what tells the corpora apart was damped (`domain_shift.py`). Boosting alone, free to
bend every shape to the sources at hand, tells texts of other sources apart less well than the lines alone do; lines and
boosting together do it best of seen ones (training/README.md has the figures). The result is one additive model as interpret
makes them: a line is part of its feature's shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy

from . import splits
from .domain_shift import STRENGTH, Damping
from .feature_texts import SEED, Schema, ebm_texts, feature_rows, matrix, store_path, stored_features
from .stacking import corpus_weights

# Terms that would be artefacts of the corpora, in groups that `train-ebm --remove` and `cross-fit --remove` take. Their
# values reach the model as 0 in training, so that their shapes are flat: the feature stays in the schema and in the reply,
# and has no say.
ARTEFACTS: dict[str, tuple[str, ...]] = {
    # The learners' essays are full of slips and the machines' texts have none: 'errors mean human' accuses whoever
    # writes without.
    "slips": ("spelling_error_rate", "capitalization_error_rate"),
    # How long a text is, is the corpus's choice; cuts alike for both labels do not hide it for whole texts.
    "sizes": ("num_sentences", "num_tokens", "num_unique_words", "num_paragraphs", "num_unique_lemmas", "num_entities",
              "num_distinct_entities", "num_noun_chunks", "total_nodes", "total_leaves", "unique_rules"),
    # Line breaks and markup are the file format's.
    "format": ("average_paragraph_length", "paragraph_length_variation", "markdown_rate"),
}
TOPICS = "topics"
"""The group of Empath's categories: what a text is about is its prompt's choice."""
REMOVED = ("slips", "sizes", "format")


def removed_features(groups: Sequence[str], families: Mapping[str, str]) -> set[str]:
    """Names of the features of the groups; `families` by feature name."""
    topics = tuple(name for name, family in families.items() if family == "psycholinguistics")
    return {name for group in groups for name in ({**ARTEFACTS, TOPICS: topics}[group])}


@dataclass(frozen=True)
class EBMRecipe:
    interactions: int = 5
    max_bins: int = 128
    max_interaction_bins: int = 32
    outer_bags: int = 8
    max_rounds: int = 50_000
    """Of boosting, each with a step for every feature. Thousands of texts stop long before it; a few hundred may not."""
    learning_rate: float = 0.02
    min_samples_leaf: int = 20
    smoothing_rounds: int = 0
    seed: int = SEED
    removed: tuple[str, ...] = REMOVED
    """Groups of features without a say."""
    lines: bool = True
    """Whether boosting starts from lines."""
    ridge: float = 33.0
    """Strength of the pull of the lines' slopes towards 0, in texts."""
    domain_damping: float = STRENGTH
    """How strongly the lines are damped in directions in which the corpora differ."""
    leaf_ridge: float = 5.0
    """The same for the boosted leaves (interpret's reg_lambda)."""

    def small(self) -> "EBMRecipe":
        """For the many fits of `cross_fit`: fewer bags and bins."""
        return replace(self, outer_bags=4, max_bins=64)


@dataclass(frozen=True)
class LabelledFeatures:
    """Vectors in the schema's order: of the texts to train on (`training`, with `values` and `labels`, 1 is AI), and of
    those to measure on (`measured`, in their given order)."""

    schema: Schema
    training: list[dict]
    values: numpy.ndarray
    labels: numpy.ndarray
    measured: numpy.ndarray


def labelled_features(
    essays: Sequence[dict], selected: Sequence[dict], triton: str, limit: int | None = None,
) -> LabelledFeatures:
    """Raises ValueError when an essay to measure on has no features."""
    schema = Schema.of_gateway()
    store = store_path(schema, triton)
    texts = ebm_texts(selected, limit)
    answers = stored_features([*(row["text"] for row in texts), *(essay["text"] for essay in essays)], store, triton)
    rows = feature_rows(texts, answers[: len(texts)], schema.names)
    values, labels = matrix(rows)
    measured = answers[len(texts) :]
    lacking = [essay["id"] for essay, found in zip(essays, measured, strict=True) if found is None]
    if lacking:
        raise ValueError(f"{len(lacking)} texts have no features, {lacking[0]} among them")
    return LabelledFeatures(schema, rows, values, labels, numpy.array(
        [[float(found[name]) for name in schema.names] for found in measured], dtype=numpy.float64).reshape(
            len(essays), len(schema.names)))


def fit_ebm(
    recipe: EBMRecipe, schema: Schema, values: numpy.ndarray, labels: numpy.ndarray, essays: Sequence[dict], threads: int,
):  # noqa: ANN201 - interpret's classifier
    """interpret's classifier for `values` [texts, features] of `essays`; texts are weighed by their corpora."""
    from interpret.glassbox import ExplainableBoostingClassifier

    removed = removed_features(recipe.removed, schema.families)
    unknown = removed - set(schema.names)
    if unknown:
        raise ValueError(f"no such feature to remove: {', '.join(sorted(unknown))}")
    silenced = values.copy()
    silenced[:, [place for place, name in enumerate(schema.names) if name in removed]] = 0
    corpora = [splits.domain_of(essay) for essay in essays]
    weights = corpus_weights(corpora, labels)

    def classifier(**changes: int) -> ExplainableBoostingClassifier:
        settings = dict(
            interactions=recipe.interactions, max_bins=recipe.max_bins, max_interaction_bins=recipe.max_interaction_bins,
            outer_bags=recipe.outer_bags, learning_rate=recipe.learning_rate, min_samples_leaf=recipe.min_samples_leaf,
            smoothing_rounds=recipe.smoothing_rounds, max_rounds=recipe.max_rounds, reg_lambda=recipe.leaf_ridge,
            max_leaves=2)
        return ExplainableBoostingClassifier(
            feature_names=list(schema.names), feature_types=["continuous"] * len(schema.names), n_jobs=threads,
            random_state=recipe.seed, **(settings | changes))

    if not recipe.lines:
        return classifier().fit(silenced, labels, sample_weight=weights)
    # One round, for interpret's bins: they depend on nothing but the values.
    binned = classifier(interactions=0, outer_bags=1, max_rounds=1).fit(silenced, labels, sample_weight=weights)
    lines = Lines.fitted([numpy.asarray(levels[0], dtype=float) for levels in binned.bins_], silenced, labels, weights, corpora,
                         ridge=recipe.ridge, strength=recipe.domain_damping)
    model = classifier().fit(silenced, labels, sample_weight=weights, init_score=lines.logits(silenced))
    lines.add_to(model)
    return model


@dataclass(frozen=True)
class Lines:
    """A logit that is linear in the ranks of features, where a value's rank is that of its bin's middle among the texts
    that were trained on: constant within a bin, as an EBM's shapes are."""

    cuts: list[numpy.ndarray]
    """For each feature: where its bins end; a value on a cut belongs to the bin above."""
    heights: list[numpy.ndarray]
    """For each feature: what each of its bins adds to the logit; 0 on average over the texts trained on."""
    intercept: float

    @staticmethod
    def fitted(
        cuts: list[numpy.ndarray], values: numpy.ndarray, labels: numpy.ndarray, weights: numpy.ndarray,
        domains: Sequence[str], *, ridge: float, strength: float,
    ) -> "Lines":
        from sklearn.linear_model import LogisticRegression

        ranks = []
        for places, column in zip(cuts, values.T, strict=True):
            sizes = numpy.bincount(numpy.searchsorted(places, column, side="right"), minlength=len(places) + 1)
            middle = (numpy.cumsum(sizes) - sizes / 2) / len(column) - 0.5
            ranks.append(middle * math.sqrt(12))  # of variance 1, where no values are equal
        columns = numpy.column_stack([_looked_up(*found) for found in zip(cuts, ranks, values.T)])
        damping = Damping.fitted(columns, labels, domains, strength)
        fitted = LogisticRegression(C=1 / ridge, max_iter=2000).fit(damping.of(columns), labels, sample_weight=weights)
        slopes = damping.of(fitted.coef_)[0]
        return Lines(cuts, [slope * rank for slope, rank in zip(slopes, ranks)], float(fitted.intercept_[0]))

    def logits(self, values: numpy.ndarray) -> numpy.ndarray:
        return self.intercept + sum(_looked_up(*found) for found in zip(self.cuts, self.heights, values.T))

    def add_to(self, model) -> None:  # noqa: ANN001 - interpret's classifier
        """Adds the lines to the shapes of a model that was boosted from them, so that it answers without them."""
        for term, features in enumerate(model.term_features_):
            if len(features) != 1:
                continue
            # The first bin is for missing values and the last for unknown ones: the gateway sends neither.
            model.term_scores_[term][1:-1] += self.heights[features[0]]
            model.bagged_scores_[term][:, 1:-1] += self.heights[features[0]]
        model.intercept_ = model.intercept_ + self.intercept
        model.bagged_intercept_ = model.bagged_intercept_ + self.intercept


def _looked_up(cuts: numpy.ndarray, heights: numpy.ndarray, column: numpy.ndarray) -> numpy.ndarray:
    return heights[numpy.searchsorted(cuts, column, side="right")]
