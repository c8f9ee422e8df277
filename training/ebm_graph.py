"""An explainable boosting machine as one small ONNX graph.

interpret's model is a table look-up: a feature's value is binned by its sorted cuts, the bin's score is the term's
contribution in logits, and a pair's score comes from a table of two bins. All terms are computed by one set of
operators over padded tables instead of a chain of operators for each of hundreds of terms. Cuts are compared in FP64:
in FP32 a value that equals a cut could land in the neighbouring bin.
"""

from __future__ import annotations

import numpy
import onnx
from onnx import TensorProto

from .onnx_graph import GraphBuilder


def bin_indices(graph: GraphBuilder, values: str, cuts: list[numpy.ndarray], name: str) -> str:
    """Bin of each value [N, K] among its own cuts: 1 + the number of cuts at or below it, 0 for NaN; INT64 [N, K]."""
    widest = max(1, max(len(entry) for entry in cuts))
    table = numpy.full((len(cuts), widest), numpy.inf)
    for row, entry in zip(table, cuts):
        row[: len(entry)] = entry
    # +inf pads short rows. A value of +inf would count the padding, too, so the count is limited to the row's cuts.
    lengths = graph.constant(f"{name}.cut_counts", [len(entry) for entry in cuts], numpy.int64)
    column = graph.op("Unsqueeze", values, graph.constant(f"{name}.axis", [2], numpy.int64), name=f"{name}.column")
    passed = graph.op(
        "GreaterOrEqual", column, graph.constant(f"{name}.cuts", table, numpy.float64), name=f"{name}.passed")
    ones = graph.cast(passed, TensorProto.INT64, f"{name}.ones")
    count = graph.op(
        "ReduceSum", ones, graph.constant(f"{name}.over", [2], numpy.int64), name=f"{name}.count", keepdims=0)
    limited = graph.op("Min", count, lengths, name=f"{name}.limited")
    shifted = graph.op("Add", limited, graph.constant(f"{name}.one", 1, numpy.int64), name=f"{name}.shifted")
    missing = graph.op("IsNaN", values, name=f"{name}.missing")
    return graph.op("Where", missing, graph.constant(f"{name}.zero", 0, numpy.int64), shifted, name=f"{name}.bins")


def looked_up(graph: GraphBuilder, tables: list[numpy.ndarray], index: str, name: str) -> str:
    """Scores FP64 [N, K] from one flat table a column; `index` INT64 [N, K] counts within the column's own table."""
    offsets = numpy.cumsum([0] + [table.size for table in tables[:-1]])
    flat = numpy.concatenate([table.reshape(-1) for table in tables])
    absolute = graph.op(
        "Add", index, graph.constant(f"{name}.offsets", offsets, numpy.int64), name=f"{name}.absolute")
    return graph.op("Gather", graph.constant(f"{name}.scores", flat, numpy.float64), absolute, name=name, axis=0)


def ebm_graph(model) -> onnx.ModelProto:  # noqa: ANN001 - interpret's ExplainableBoostingClassifier
    """`features` FP64 [N, F] → `logit` FP32 [N, 1] (intercept + sum of scores) and `scores` FP32 [N, T].

    The model must have continuous features, two classes, and terms of one or two features, single features first.
    """
    singles = [features for features in model.term_features_ if len(features) == 1]
    pairs = [features for features in model.term_features_ if len(features) == 2]
    if list(model.term_features_) != singles + pairs:
        raise ValueError("terms must be single features first, then pairs")
    if any(kind != "continuous" for kind in model.feature_types_in_) or len(model.classes_) != 2:
        raise ValueError("every feature must be continuous and there must be two classes")

    graph = GraphBuilder()

    def columns(indices: list[int], name: str) -> str:
        return graph.op("Gather", "features", graph.constant(f"{name}.columns", indices, numpy.int64),
                        name=name, axis=1)

    def cuts(feature: int, order: int) -> numpy.ndarray:
        """interpret bins a feature coarser for pairs; where it kept one binning only, that one serves both."""
        levels = model.bins_[feature]
        return numpy.asarray(levels[min(order, len(levels)) - 1], dtype=numpy.float64)

    single_bins = bin_indices(graph, columns([entry[0] for entry in singles], "single.values"),
                              [cuts(entry[0], 1) for entry in singles], "single")
    # The last score of a term is for 'unseen', which a continuous feature never is.
    parts = [looked_up(graph, [model.term_scores_[number] for number in range(len(singles))],
                       single_bins, "single.contribution")]
    if pairs:
        tables = [model.term_scores_[len(singles) + number] for number in range(len(pairs))]
        left, right = (
            bin_indices(graph, columns([entry[side] for entry in pairs], f"{name}.values"),
                        [cuts(entry[side], 2) for entry in pairs], name)
            for side, name in ((0, "left"), (1, "right")))
        strides = graph.constant("pair.strides", [table.shape[1] for table in tables], numpy.int64)
        row = graph.op("Mul", left, strides, name="pair.row")
        parts.append(looked_up(graph, tables, graph.op("Add", row, right, name="pair.cell"), "pair.contribution"))
    scores = graph.op("Concat", *parts, name="contributions", axis=1) if pairs else parts[0]
    total = graph.op(
        "ReduceSum", scores, graph.constant("total.axis", [1], numpy.int64), name="total", keepdims=1)
    logit = graph.op(
        "Add", total, graph.constant("intercept", float(model.intercept_[0]), numpy.float64), name="logit.fp64")
    graph.cast(logit, TensorProto.FLOAT, "logit")
    graph.cast(scores, TensorProto.FLOAT, "scores")
    terms = len(model.term_features_)
    return graph.model(
        "ebm", [("features", TensorProto.DOUBLE, ["batch", len(model.feature_names_in_)])],
        [("logit", TensorProto.FLOAT, ["batch", 1]), ("scores", TensorProto.FLOAT, ["batch", terms])])
