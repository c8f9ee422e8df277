"""ONNX graph of ngram_classifier: the columns of a row's n-grams are computed in it, from token ids."""

from __future__ import annotations

import numpy
import onnx
from onnx import TensorProto

from .ngrams import BUCKETS, LONGEST, VOCABULARY, NgramLine, first_column
from .onnx_graph import GraphBuilder
from .transformer_graph import INPUTS


def columns(graph: GraphBuilder, order: int, outside: int) -> str:
    """`ngrams.columns` of `input_ids` [N, L] between [CLS] and [SEP]: [N, L - 1 - order]. `outside` where one is not."""
    name = f"order_{order}"
    key = graph.places("input_ids", 1, -order, f"{name}.first")
    for place in range(1, order):
        token = graph.places("input_ids", 1 + place, place - order, f"{name}.token_{place}")
        shift = graph.constant(f"{name}.vocabulary", [VOCABULARY], numpy.int64)
        key = graph.op("Add", graph.op("Mul", key, shift, name=f"{name}.shifted"), token, name=f"{name}.key")
    bucket = graph.op("Mod", key, graph.constant(f"{name}.buckets", [BUCKETS], numpy.int64), name=f"{name}.bucket")
    first = graph.constant(f"{name}.first_column", [first_column(order)], numpy.int64)
    column = graph.op("Add", bucket, first, name=f"{name}.column")
    # An n-gram is inside if its last token is, and that is if another comes after it.
    mask = graph.cast(graph.places("attention_mask", 1 + order, None, f"{name}.mask"), TensorProto.BOOL, f"{name}.inside")
    return graph.op("Where", mask, column, graph.constant(f"{name}.outside", [outside], numpy.int64), name=f"{name}.place")


def once_each(graph: GraphBuilder, column: str, name: str) -> str:
    """One over how often each column [N, K] comes in its row."""
    row = graph.op("Unsqueeze", column, graph.constant(f"{name}.row_axis", [1], numpy.int64), name=f"{name}.row")
    others = graph.op("Unsqueeze", column, graph.constant(f"{name}.other_axis", [2], numpy.int64), name=f"{name}.others")
    same = graph.cast(graph.op("Equal", others, row, name=f"{name}.is_same"), TensorProto.FLOAT, f"{name}.same")
    times = graph.op(
        "ReduceSum", same, graph.constant(f"{name}.times_over", [1], numpy.int64), name=f"{name}.times", keepdims=0)
    return graph.op("Reciprocal", times, name=f"{name}.once")


def ngram_classifier_graph(line: NgramLine) -> onnx.ModelProto:
    """`ngrams.NgramLine`; half of its logit for AI, half of it against human."""
    graph = GraphBuilder()
    outside = len(line.slopes)
    # One column more, unknown as those that were not fitted.
    table = graph.constant("slopes", numpy.append(line.slopes, 0).astype(numpy.float32))
    zero, over = graph.constant("zero", 0, numpy.float32), graph.constant("over", [1], numpy.int64)
    totals, numbers = [], []
    for order in range(1, LONGEST + 1):
        name = f"order_{order}"
        column = columns(graph, order, outside)
        slope = graph.op("Gather", table, column, name=f"{name}.slope", axis=0)
        unknown = graph.op("Equal", slope, zero, name=f"{name}.is_unknown")
        known = graph.cast(graph.op("Not", unknown, name=f"{name}.is_known"), TensorProto.FLOAT, f"{name}.known")
        once = once_each(graph, column, name)
        for sums, values in ((totals, slope), (numbers, known)):
            share = graph.op("Mul", values, once, name=f"{name}.share")
            sums.append(graph.op("ReduceSum", share, over, name=f"{name}.sum", keepdims=1))
    together = graph.op("Sum", *numbers, name="known")
    number = graph.op("Max", together, graph.constant("least", 1, numpy.float32), name="number")
    root = graph.op("Sqrt", number, name="root")
    mean = graph.op("Div", graph.op("Sum", *totals, name="total"), root, name="mean")
    logit = graph.op("Add", mean, graph.constant("intercept", line.intercept, numpy.float32), name="logit")
    graph.op("Mul", logit, graph.constant("sides", [[-0.5, 0.5]], numpy.float32), name="logits")
    return graph.model("ngram_classifier", INPUTS, [("logits", TensorProto.FLOAT, ["batch", 2])])
