"""The explainable boosting machine's recipe, its features, and its fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from .feature_texts import EBM_LIMIT, SEED, Schema, ebm_texts, feature_rows, matrix, store_path, stored_features
from .stacking import source_weights

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
    interactions: int = 10
    max_bins: int = 128
    max_interaction_bins: int = 32
    outer_bags: int = 8
    learning_rate: float = 0.02
    min_samples_leaf: int = 8
    smoothing_rounds: int = 200
    seed: int = SEED
    removed: tuple[str, ...] = REMOVED
    """Groups of features without a say."""

    @staticmethod
    def small(removed: tuple[str, ...] = REMOVED) -> "EBMRecipe":
        """For the many fits of `cross_fit`."""
        return EBMRecipe(interactions=0, outer_bags=2, max_bins=64, removed=removed)


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
    essays: Sequence[dict], selected: Sequence[dict], triton: str, limit: int = EBM_LIMIT,
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
    recipe: EBMRecipe, schema: Schema, values: numpy.ndarray, labels: numpy.ndarray, sources: Sequence[str], threads: int,
):  # noqa: ANN201 - interpret's classifier
    """interpret's classifier for `values` [texts, features]; texts are weighed by their sources."""
    from interpret.glassbox import ExplainableBoostingClassifier

    removed = removed_features(recipe.removed, schema.families)
    unknown = removed - set(schema.names)
    if unknown:
        raise ValueError(f"no such feature to remove: {', '.join(sorted(unknown))}")
    silenced = values.copy()
    silenced[:, [place for place, name in enumerate(schema.names) if name in removed]] = 0
    model = ExplainableBoostingClassifier(
        feature_names=list(schema.names), feature_types=["continuous"] * len(schema.names),
        interactions=recipe.interactions, max_bins=recipe.max_bins, max_interaction_bins=recipe.max_interaction_bins,
        outer_bags=recipe.outer_bags, learning_rate=recipe.learning_rate, min_samples_leaf=recipe.min_samples_leaf,
        smoothing_rounds=recipe.smoothing_rounds, n_jobs=threads, random_state=recipe.seed)
    return model.fit(silenced, labels, sample_weight=source_weights(sources, labels))
