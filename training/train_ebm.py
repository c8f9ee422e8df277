"""Trains the explainable boosting machine on the gateway's own features and writes triton_model_repo/ebm.

    python -m training train-ebm --triton http://127.0.0.1:8000

Features come from `gateway features --jsonl` (GATEWAY_BIN), names and order from `gateway features --schema`; the
server is asked for sentence embeddings only. Half of the texts are cut to a random run of sentences, with lengths drawn
alike for both labels: otherwise counts of words and sentences would tell the sources apart instead of the writers.
The features' quantiles for explanations are feature_report's.
"""

from __future__ import annotations

import argparse
import json

import numpy
import onnxruntime

from . import splits
from .ebm_fit import ARTEFACTS, TOPICS, EBMRecipe, fit_ebm, labelled_features
from .metrics import area_under_roc
from .model_repository import TensorSpec, write_model
from .places import CACHE, CHECKPOINTS, MODEL_REPOSITORY
from .prepare import read_essays
from .tracking import tracking

AGREEMENT = 1e-6
"""Shipped file against interpret's own decision function, in logits, relative to max(1, |logit|)."""


def check_export(model, model_bytes: bytes, values: numpy.ndarray) -> float:  # noqa: ANN001 - interpret's classifier
    """Largest relative difference of the shipped file's logits and terms from interpret's, cuts themselves included."""
    cuts = [numpy.asarray(levels[0], dtype=float) for levels in model.bins_]
    on_cuts = numpy.column_stack([
        numpy.resize(entry if len(entry) else numpy.zeros(1), 400) for entry in cuts])
    inputs = numpy.concatenate([values, on_cuts])
    session = onnxruntime.InferenceSession(model_bytes, providers=["CPUExecutionProvider"])
    logit, scores = session.run(["logit", "scores"], {"features": inputs})
    expected = model.decision_function(inputs)
    scale = numpy.maximum(1, numpy.abs(expected))
    of_terms = numpy.abs(scores - model.eval_terms(inputs)).max(axis=1) / scale
    return float(max((numpy.abs(logit[:, 0] - expected) / scale).max(), of_terms.max()))


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    recipe = EBMRecipe()
    add = parser.add_argument
    add("--triton", default="http://127.0.0.1:8000", help="for sentence embeddings (default %(default)s)")
    add("--limit", type=int, help="texts to train on, at most (default: all)")
    for name, text in (
        ("interactions", "pairs of features"), ("max_bins", "bins of a feature"),
        ("max_interaction_bins", "bins of each feature of a pair"), ("outer_bags", "fits that are averaged"),
        ("max_rounds", "rounds of boosting, at most"), ("min_samples_leaf", "texts in a leaf, at least"),
        ("smoothing_rounds", "rounds of smoothing before boosting"), ("seed", "of bags and cuts"),
    ):
        add(f"--{name.replace('_', '-')}", type=int, default=getattr(recipe, name), help=f"{text} (default %(default)s)")
    add("--learning-rate", type=float, default=recipe.learning_rate, help="default %(default)s")
    add("--lines", action=argparse.BooleanOptionalAction, default=recipe.lines,
        help="boost from lines in the features' ranks (default %(default)s)")
    add("--ridge", type=float, default=recipe.ridge, help="pull of the lines' slopes towards 0 (default %(default)s)")
    add("--domain-damping", type=float, default=recipe.domain_damping,
        help="how strongly the lines are damped in directions in which the corpora differ (default %(default)s)")
    add("--leaf-ridge", type=float, default=recipe.leaf_ridge, help="the same of boosted leaves (default %(default)s)")
    add("--remove", nargs="*", choices=[*ARTEFACTS, TOPICS], default=list(recipe.removed),
        help="groups of features that get no say (default %(default)s)")
    add("--threads", type=int, default=2, help="default %(default)s")
    return parser


def main() -> None:
    options = arguments().parse_args()
    import joblib

    from .ebm_graph import ebm_graph

    recipe = EBMRecipe(
        interactions=options.interactions, max_bins=options.max_bins, max_interaction_bins=options.max_interaction_bins,
        outer_bags=options.outer_bags, max_rounds=options.max_rounds, learning_rate=options.learning_rate,
        min_samples_leaf=options.min_samples_leaf, smoothing_rounds=options.smoothing_rounds, seed=options.seed,
        removed=tuple(options.remove), lines=options.lines, ridge=options.ridge,
        domain_damping=options.domain_damping, leaf_ridge=options.leaf_ridge)
    features = labelled_features([], read_essays(CACHE / "selected.jsonl"), options.triton, options.limit)
    names, values, labels = list(features.schema.names), features.values, features.labels
    # Whole groups are held out of the printed figure only; the shipped model is fitted on every row.
    other = numpy.array([splits.fraction(splits.group_of(row), "ebm check") < 0.2 for row in features.training])

    def fitted(chosen: numpy.ndarray):  # noqa: ANN202
        return fit_ebm(recipe, features.schema, values[chosen], labels[chosen],
                       [features.training[row] for row in numpy.flatnonzero(chosen)], options.threads)

    with tracking("train-ebm", options) as run:
        score = fitted(~other).decision_function(values[other])
        area = area_under_roc(score, labels[other])
        print(f"AUROC on {int(other.sum())} texts of other groups: {area:.4f}")
        run.scalar("AUROC on other groups", area)
        model = fitted(numpy.ones(len(labels), dtype=bool))
        model_bytes = ebm_graph(model).SerializeToString()
        difference = check_export(model, model_bytes, values)
        print(f"{len(model.term_names_)} terms, {len(model_bytes) / 1e3:.0f} kB, from interpret by {difference:.1e}")
        if difference > AGREEMENT:
            raise ValueError(f"the exported graph differs from interpret by {difference}")

        order = numpy.argsort(-model.term_importances())
        for place in order[:15]:
            print(f"  {model.term_importances()[place]:.3f}  {model.term_names_[place]}")
        identity = write_model(
            "ebm", model_bytes, [TensorSpec("features", "TYPE_FP64", (len(names),))],
            [TensorSpec("logit", "TYPE_FP32", (1,)), TensorSpec("scores", "TYPE_FP32", (len(model.term_names_),))],
            maximum_batch=32, threads=1, parameters={
                "feature_schema_hash": features.schema.hash, "feature_names": ",".join(names),
                "term_names": json.dumps(model.term_names_), "intercept": repr(float(model.intercept_[0]))})
        print(f"fit {identity}")
        CHECKPOINTS.mkdir(parents=True, exist_ok=True)
        joblib.dump(model, CHECKPOINTS / "ebm.joblib")
        run.model(MODEL_REPOSITORY / "ebm" / "1" / "model.onnx", "ebm")


if __name__ == "__main__":
    main()
