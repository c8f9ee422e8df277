"""Trains the explainable boosting machine on the gateway's own features and writes triton_model_repo/ebm.

    python -m training.train_ebm --triton http://127.0.0.1:8000

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
from .feature_texts import EBM_LIMIT, SEED, Schema, ebm_texts, feature_rows, matrix, store_path, stored_features
from .metrics import area_under_roc
from .model_repository import TensorSpec, write_model
from .places import CACHE, CHECKPOINTS
from .prepare import read_essays
from .stacking import source_weights

INTERACTIONS = 10
AGREEMENT = 1e-5
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triton", default="http://127.0.0.1:8000", help="for sentence embeddings")
    parser.add_argument("--interactions", type=int, default=INTERACTIONS)
    parser.add_argument("--limit", type=int, default=EBM_LIMIT, help="texts to train on (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    # Imported here: the rest of this module is tested where they are not installed.
    import joblib
    from interpret.glassbox import ExplainableBoostingClassifier

    from .ebm_graph import ebm_graph

    schema = Schema.of_gateway()
    names = list(schema.names)
    texts = ebm_texts(read_essays(CACHE / "selected.jsonl"), options.limit)
    answers = stored_features([row["text"] for row in texts], store_path(schema, options.triton), options.triton)
    rows = feature_rows(texts, answers, names)
    values, labels = matrix(rows)
    # Whole groups are held out of the printed figure only; the shipped model is fitted on every row.
    other = numpy.array([splits.fraction(splits.group_of(row), "ebm check") < 0.2 for row in rows])
    weights = source_weights([row["source"] for row in rows], labels)

    def fitted(chosen: numpy.ndarray) -> ExplainableBoostingClassifier:
        model = ExplainableBoostingClassifier(
            feature_names=names, feature_types=["continuous"] * len(names), interactions=options.interactions,
            max_bins=128, max_interaction_bins=32, outer_bags=8, learning_rate=0.02, min_samples_leaf=8,
            smoothing_rounds=200, n_jobs=options.threads, random_state=SEED)
        return model.fit(values[chosen], labels[chosen], sample_weight=weights[chosen])

    score = fitted(~other).decision_function(values[other])
    print(f"AUROC on {int(other.sum())} texts of other groups: {area_under_roc(score, labels[other]):.4f}")
    model = fitted(numpy.ones(len(rows), dtype=bool))
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
            "feature_schema_hash": schema.hash, "feature_names": ",".join(names),
            "term_names": json.dumps(model.term_names_), "intercept": repr(float(model.intercept_[0]))})
    print(f"fit {identity}")
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, CHECKPOINTS / "ebm.joblib")


if __name__ == "__main__":
    main()
