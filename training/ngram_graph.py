"""ONNX graph of ngram_classifier: the columns of a row's n-grams are computed in it, from token ids."""

from __future__ import annotations

import numpy
import onnx
from onnx import TensorProto

from .ngrams import BUCKETS, LONGEST, VOCABULARY, NgramLine, first_column
from .onnx_graph import GraphBuilder
from .transformer_graph import INPUTS


def columns(graph: GraphBuilder, tokens: str, order: int, outside: int, name: str) -> str:
    """`ngrams.columns` of `tokens` [N, L] between [CLS] and [SEP]: [N, L - 1 - order]. `outside` where one is not."""
    key = graph.places(tokens, 1, -order, f"{name}.first")
    for place in range(1, order):
        token = graph.places(tokens, 1 + place, place - order, f"{name}.token_{place}")
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


def reading(graph: GraphBuilder, tokens: str, slopes: numpy.ndarray, longest: int, name: str) -> str:
    """What a reading's n-grams add to the logit, [N, 1]: Σ slopes of those that are known, / √(number of them)."""
    outside = len(slopes)
    # One column more, unknown as those that were not fitted.
    table = graph.constant(f"{name}.slopes", numpy.append(slopes, 0).astype(numpy.float32))
    zero, over = graph.constant(f"{name}.zero", 0, numpy.float32), graph.constant(f"{name}.over", [1], numpy.int64)
    totals, numbers = [], []
    for order in range(1, longest + 1):
        part = f"{name}.order_{order}"
        column = columns(graph, tokens, order, outside, part)
        slope = graph.op("Gather", table, column, name=f"{part}.slope", axis=0)
        unknown = graph.op("Equal", slope, zero, name=f"{part}.is_unknown")
        known = graph.cast(graph.op("Not", unknown, name=f"{part}.is_known"), TensorProto.FLOAT, f"{part}.known")
        once = once_each(graph, column, part)
        for sums, values in ((totals, slope), (numbers, known)):
            share = graph.op("Mul", values, once, name=f"{part}.share")
            sums.append(graph.op("ReduceSum", share, over, name=f"{part}.sum", keepdims=1))
    together = graph.op("Sum", *numbers, name=f"{name}.known")
    number = graph.op("Max", together, graph.constant(f"{name}.least", 1, numpy.float32), name=f"{name}.number")
    root = graph.op("Sqrt", number, name=f"{name}.root")
    return graph.op("Div", graph.op("Sum", *totals, name=f"{name}.total"), root, name=f"{name}.mean")


def ngram_classifier_graph(line: NgramLine, kinds: numpy.ndarray) -> onnx.ModelProto:
    """`ngrams.NgramLine`, of which `kinds` [vocabulary] is each id's kind; half of its logit for AI, half of it against
    human."""
    graph = GraphBuilder()
    table = graph.constant("kinds.of_ids", kinds.astype(numpy.int64))
    tokens = {"pieces": "input_ids", "kinds": graph.op("Gather", table, "input_ids", name="kinds.of_tokens", axis=0)}
    parts = [reading(graph, tokens[name], slopes, longest, name)
             for (name, longest), slopes in zip(LONGEST.items(), line.slopes)]
    logit = graph.op("Sum", *parts, graph.constant("intercept", line.intercept, numpy.float32), name="logit")
    graph.op("Mul", logit, graph.constant("sides", [[-0.5, 0.5]], numpy.float32), name="logits")
    return graph.model("ngram_classifier", INPUTS, [("logits", TensorProto.FLOAT, ["batch", 2])])
