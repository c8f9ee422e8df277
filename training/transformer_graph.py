"""ONNX graphs of the encoder and of the heads on it, from the weights of `transformer_models`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy
import onnx
from onnx import TensorProto

from .onnx_graph import GraphBuilder

HEADS = 12
HEAD_WIDTH = 32
WIDTH = HEADS * HEAD_WIDTH
LAYER_NORM_EPSILON = 1e-12
MASKED = float(numpy.finfo(numpy.float32).min)

Weights = Mapping[str, numpy.ndarray]
"""A state dict's arrays by their names in torch, for example `bert.encoder.layer.0.output.dense.weight`."""

INPUTS = [
    ("input_ids", TensorProto.INT64, ["batch", "length"]),
    ("attention_mask", TensorProto.INT64, ["batch", "length"]),
]


def linear(graph: GraphBuilder, tensor: str, weights: Weights, name: str) -> str:
    return graph.linear(tensor, name, weights[f"{name}.weight"], weights[f"{name}.bias"])


def head_linear(graph: GraphBuilder, tensor: str, weights: Weights, name: str) -> str:
    """Heads are small and their inputs differ in scale: they stay FP32."""
    return graph.linear(tensor, name, weights[f"{name}.weight"], weights[f"{name}.bias"], exact=True)


def layer_norm(graph: GraphBuilder, tensor: str, weights: Weights, name: str) -> str:
    return graph.layer_norm(tensor, name, weights[f"{name}.weight"], weights[f"{name}.bias"], LAYER_NORM_EPSILON)


def embeddings(graph: GraphBuilder, weights: Weights, prefix: str, places: str | None) -> str:
    """Word, position and type embeddings with their layer norm: [N, L, 384]. Every token is of type 0. `places` [N, L]:
    each token's position; without it rows count from 0."""
    words = graph.quantized_rows("word_embeddings", weights[f"{prefix}word_embeddings.weight"], "input_ids")
    # Type 0's row is added to each position's row once, here, instead of to each token at run time.
    rows = weights[f"{prefix}position_embeddings.weight"] + weights[f"{prefix}token_type_embeddings.weight"][0]
    table = graph.constant("position_embeddings.table", rows)
    if places is not None:
        positions = graph.op("Gather", table, places, name="position_embeddings", axis=0)
    else:
        shape = graph.op("Shape", "input_ids", name="shape", start=1, end=2)
        positions = graph.op(
            "Slice", table, graph.constant("slice.start", [0], numpy.int64), shape,
            graph.constant("slice.axis", [0], numpy.int64), name="position_embeddings")
    total = graph.op("Add", words, positions, name="embeddings.sum")
    return layer_norm(graph, total, weights, f"{prefix}LayerNorm")


def attention(graph: GraphBuilder, hidden: str, mask: str, weights: Weights, prefix: str) -> str:
    """Self-attention's context [N, L, 384] before the output projection. `mask` is additive, [N, 1, 1 or L, L]."""
    split = graph.constant(f"{prefix}split_shape", [0, 0, HEADS, HEAD_WIDTH], numpy.int64)

    def heads(part: str, order: list[int]) -> str:
        projected = linear(graph, hidden, weights, f"{prefix}{part}")
        rows = graph.op("Reshape", projected, split, name=f"{prefix}{part}.heads")
        return graph.op("Transpose", rows, name=f"{prefix}{part}.transposed", perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.op("MatMul", query, key, name=f"{prefix}scores")
    root = graph.constant(f"{prefix}root", HEAD_WIDTH**0.5, numpy.float32)
    scaled = graph.op("Div", scores, root, name=f"{prefix}scaled")
    masked = graph.op("Add", scaled, mask, name=f"{prefix}masked")
    shares = graph.op("Softmax", masked, name=f"{prefix}shares", axis=-1)
    context = graph.op("MatMul", shares, value, name=f"{prefix}context")
    merged = graph.op("Transpose", context, name=f"{prefix}context.transposed", perm=[0, 2, 1, 3])
    joined = graph.constant(f"{prefix}join_shape", [0, 0, WIDTH], numpy.int64)
    return graph.op("Reshape", merged, joined, name=f"{prefix}context.joined")


def gelu(graph: GraphBuilder, tensor: str, name: str) -> str:
    """x · ½ · (1 + erf(x / √2)): the exact form, which ONNX Runtime fuses into one operator."""
    scaled = graph.op("Div", tensor, graph.constant(f"{name}.root", 2**0.5, numpy.float32), name=f"{name}.scaled")
    erf = graph.op("Erf", scaled, name=f"{name}.erf")
    shifted = graph.op("Add", erf, graph.constant(f"{name}.one", 1, numpy.float32), name=f"{name}.shifted")
    product = graph.op("Mul", tensor, shifted, name=f"{name}.product")
    return graph.op("Mul", product, graph.constant(f"{name}.half", 0.5, numpy.float32), name=name)


def additive_mask(graph: GraphBuilder, kept: str) -> str:
    """0 where `kept` (FP32) is 1, the lowest number where it is 0."""
    left_out = graph.op("Sub", graph.constant("mask.one", 1, numpy.float32), kept, name="mask.inverted")
    return graph.op("Mul", left_out, graph.constant("mask.lowest", MASKED, numpy.float32), name="mask.additive")


def padding_mask(graph: GraphBuilder) -> str:
    """The additive mask [N, 1, 1, L] of `attention_mask`."""
    axes = graph.constant("mask.axes", [1, 2], numpy.int64)
    column = graph.op("Unsqueeze", "attention_mask", axes, name="mask.4d")
    return additive_mask(graph, graph.cast(column, TensorProto.FLOAT, "mask.float"))


def encoder(graph: GraphBuilder, weights: Weights, prefix: str, mask: str, places: str | None = None) -> list[str]:
    """What each layer gives for `input_ids` under an additive mask, [N, L, 384]; as many layers as `weights` has."""
    hidden = embeddings(graph, weights, f"{prefix}embeddings.", places)
    states = []
    while f"{prefix}encoder.layer.{len(states)}.output.dense.weight" in weights:
        number = len(states)
        layer = f"{prefix}encoder.layer.{number}."
        context = attention(graph, hidden, mask, weights, f"{layer}attention.self.")
        projected = linear(graph, context, weights, f"{layer}attention.output.dense")
        residual = graph.op("Add", projected, hidden, name=f"{layer}attention.residual")
        attended = layer_norm(graph, residual, weights, f"{layer}attention.output.LayerNorm")
        wide = gelu(graph, linear(graph, attended, weights, f"{layer}intermediate.dense"), f"{layer}gelu")
        narrow = linear(graph, wide, weights, f"{layer}output.dense")
        total = graph.op("Add", narrow, attended, name=f"{layer}residual")
        hidden = layer_norm(graph, total, weights, f"{layer}output.LayerNorm")
        states.append(hidden)
    return states


def token_mask(graph: GraphBuilder, mask: str) -> tuple[str, str]:
    """A mask [N, L] as FP32 [N, L, 1], and each row's number of tokens, at least 1, as FP32 [N, 1]."""
    axis = graph.constant("tokens.axis", [2], numpy.int64)
    column = graph.op("Unsqueeze", mask, axis, name="tokens.column")
    kept = graph.cast(column, TensorProto.FLOAT, "tokens.mask")
    total = graph.op("ReduceSum", kept, graph.constant("tokens.over", [1], numpy.int64), name="tokens.sum", keepdims=0)
    return kept, graph.op("Max", total, graph.constant("tokens.least", 1, numpy.float32), name="tokens.count")


def masked_mean(graph: GraphBuilder, states: str, mask: str, count: str) -> str:
    """Mean of `states` [N, L, C] over the tokens that the mask keeps: [N, C]."""
    kept = graph.op("Mul", states, mask, name="mean.kept")
    total = graph.op("ReduceSum", kept, graph.constant("mean.axis", [1], numpy.int64), name="mean.sum", keepdims=0)
    return graph.op("Div", total, count, name="mean")


@dataclass(frozen=True)
class Packing:
    """Names of what `sentence_lengths` [N, S] says of the tokens [N, L] of rows that hold one sentence after the other."""

    members: str
    """FP32 [N, S, L]: 1 where the token is of the sentence."""
    places: str
    """INT64 [N, L]: the token's place in its sentence."""
    mask: str
    """Additive [N, 1, L, L]: tokens see those of their own sentence."""


def packing(graph: GraphBuilder) -> Packing:
    """Padding behind the last sentence is a sentence of its own, which nobody asks for."""
    def axis(name: str, *places: int) -> str:
        return graph.constant(name, list(places), numpy.int64)

    ends = graph.op("CumSum", "sentence_lengths", graph.constant("packing.over", 1, numpy.int64), name="packing.ends")
    length = graph.op("Squeeze", graph.op("Shape", "input_ids", name="packing.shape", start=1, end=2),
                      axis("packing.scalar", 0), name="packing.length")
    indices = graph.op("Range", graph.constant("packing.zero", 0, numpy.int64), length,
                       graph.constant("packing.step", 1, numpy.int64), name="packing.indices")
    columns = graph.op("Unsqueeze", ends, axis("packing.last", 2), name="packing.end_columns")
    # [N, S, L]: whether the token comes after the sentence's end.
    after = graph.cast(graph.op("GreaterOrEqual", indices, columns, name="packing.is_after"), TensorProto.INT64,
                       "packing.after")
    lengths = graph.op("Unsqueeze", "sentence_lengths", axis("packing.lengths_axis", 2), name="packing.lengths")
    before = graph.op("ReduceSum", graph.op("Mul", after, lengths, name="packing.lengths_before"),
                      axis("packing.sentences", 1), name="packing.starts", keepdims=0)
    places = graph.op("Sub", indices, before, name="packing.places")
    number = graph.op("ReduceSum", after, axis("packing.sentences_again", 1), name="packing.number", keepdims=0)
    rows = graph.op("Unsqueeze", number, axis("packing.row_axes", 1, 2), name="packing.of_row")
    others = graph.op("Unsqueeze", number, axis("packing.column_axes", 1, 3), name="packing.of_column")
    same = graph.cast(graph.op("Equal", rows, others, name="packing.is_same"), TensorProto.FLOAT, "packing.same")
    # A token is of a sentence if it comes after the one before it and not after itself.
    starts = graph.op("Sub", columns, lengths, name="packing.start_columns")
    begun = graph.op("GreaterOrEqual", indices, starts, name="packing.has_begun")
    ended = graph.op("Less", indices, columns, name="packing.has_not_ended")
    members = graph.cast(graph.op("And", begun, ended, name="packing.is_member"), TensorProto.FLOAT, "packing.members")
    return Packing(members, places, additive_mask(graph, same))


def sentence_encoder_graph(weights: Weights) -> onnx.ModelProto:
    """One embedding of length 1 a sentence; sentences stand one after the other in a row, and none sees another.
    `weights` without prefix, as BertModel names them."""
    graph = GraphBuilder()
    packed = packing(graph)
    hidden = encoder(graph, weights, "", packed.mask, packed.places)[-1]
    total = graph.op("MatMul", packed.members, hidden, name="mean.sum")
    counts = graph.op("Unsqueeze", graph.cast("sentence_lengths", TensorProto.FLOAT, "mean.counts"),
                      graph.constant("mean.axis", [2], numpy.int64), name="mean.count_columns")
    least = graph.op("Max", counts, graph.constant("mean.least", 1, numpy.float32), name="mean.count")
    mean = graph.op("Div", total, least, name="mean")
    norm = graph.op("ReduceL2", mean, name="norm", axes=[2], keepdims=1)
    floor = graph.op("Max", norm, graph.constant("norm.least", 1e-12, numpy.float32), name="norm.floored")
    graph.op("Div", mean, floor, name="embedding")
    inputs = [("input_ids", TensorProto.INT64, ["batch", "length"]),
              ("sentence_lengths", TensorProto.INT64, ["batch", "sentences"])]
    return graph.model(
        "sentence_encoder", inputs, [("embedding", TensorProto.FLOAT, ["batch", "sentences", WIDTH])])


def lstm_weights(weights: Weights, name: str, units: int) -> list[numpy.ndarray]:
    """torch's LSTM parameters as ONNX's W [2, 4H, C], R [2, 4H, H] and B [2, 8H].

    torch stacks the gates as input, forget, cell, output; ONNX as input, output, forget, cell.
    """
    def reordered(array: numpy.ndarray) -> numpy.ndarray:
        entry, forget, cell, output = array.reshape(4, units, *array.shape[1:])
        return numpy.concatenate([entry, output, forget, cell])

    def both(kind: str) -> numpy.ndarray:
        return numpy.stack([reordered(weights[f"{name}.{kind}_l0{side}"]) for side in ("", "_reverse")])

    biases = numpy.concatenate([both("bias_ih"), both("bias_hh")], axis=1)
    return [both("weight_ih"), both("weight_hh"), biases]


def bert_bilstm_graph(weights: Weights) -> onnx.ModelProto:
    """`transformer_models.BertBiLSTM`. Each row's LSTM stops at its last token: padding changes nothing."""
    graph = GraphBuilder()
    hidden = encoder(graph, weights, "bert.", padding_mask(graph))[-1]
    mask, count = token_mask(graph, "attention_mask")
    units = weights["lstm.weight_hh_l0"].shape[1]
    entry, recurrent, bias = lstm_weights(weights, "lstm", units)
    # (x - center) @ map, which the LSTM multiplies, becomes a part of what it multiplies by and adds.
    entry = entry @ weights["map"].T
    bias[:, : 4 * units] -= entry @ weights["center"]
    flat = graph.op("Squeeze", count, graph.constant("lengths.axis", [1], numpy.int64), name="lengths.flat")
    lengths = graph.cast(flat, TensorProto.INT32, "lengths")
    sequence = graph.op("Transpose", hidden, name="lstm.sequence", perm=[1, 0, 2])
    matrices = [graph.constant("lstm.W", entry), graph.constant("lstm.R", recurrent)]
    # [L, 2, N, H] → [N, L, 2, H] → [N, L, 2H]: forward and backward side by side, as torch returns them.
    states = graph.op(
        "LSTM", sequence, *matrices, graph.constant("lstm.B", bias), lengths, name="lstm.states",
        hidden_size=units, direction="bidirectional")
    rows = graph.op("Transpose", states, name="lstm.rows", perm=[2, 0, 1, 3])
    shape = graph.constant("lstm.joined_shape", [0, 0, 2 * units], numpy.int64)
    joined = graph.op("Reshape", rows, shape, name="lstm.joined")

    mean = masked_mean(graph, joined, mask, count)
    inverted = graph.op("Sub", graph.constant("max.one", 1, numpy.float32), mask, name="max.left_out")
    kept = graph.op("Mul", joined, mask, name="max.kept")
    floored = graph.op("Sub", kept, inverted, name="max.floored")
    maximum = graph.op("ReduceMax", floored, name="max", axes=[1], keepdims=0)
    pooled = graph.op("Concat", mean, maximum, name="pooled", axis=1)
    inner = graph.op("Relu", head_linear(graph, pooled, weights, "hidden_layer"), name="hidden_layer.relu")
    logits = head_linear(graph, inner, weights, "output_layer")
    graph.op("Identity", logits, name="logits")
    return graph.model("bert_bilstm", INPUTS, [("logits", TensorProto.FLOAT, ["batch", 2])])


def bert_classifier_graph(weights: Weights) -> onnx.ModelProto:
    """`transformer_models.BertClassifier`: mean and standard deviation over the tokens between [CLS] and [SEP], of each
    layer, then linear."""
    graph = GraphBuilder()
    states = encoder(graph, weights, "bert.", padding_mask(graph))

    # The first token is [CLS]; a token that none comes after is [SEP].
    mask, count = token_mask(graph, graph.places("attention_mask", 2, None, "inner_mask"))
    pooled = []
    for number, hidden in enumerate(states):
        tokens = graph.places(hidden, 1, -1, f"layer.{number}.inner")
        mean = masked_mean(graph, tokens, mask, count)
        column = graph.op("Unsqueeze", mean, graph.constant("mean.row", [1], numpy.int64), name="mean.column")
        distance = graph.op("Sub", tokens, column, name="deviation")
        squared = graph.op("Mul", distance, distance, name="deviation.squared")
        pooled += [mean, graph.op("Sqrt", masked_mean(graph, squared, mask, count), name="deviation.root")]
    joined = graph.op("Concat", *pooled, name="statistics", axis=1)
    graph.op("Identity", head_linear(graph, joined, weights, "classifier"), name="logits")
    return graph.model("bert_classifier", INPUTS, [("logits", TensorProto.FLOAT, ["batch", 2])])


GRAPHS = {"bert_bilstm": bert_bilstm_graph, "bert_classifier": bert_classifier_graph}
