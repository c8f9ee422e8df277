"""A small builder for the ONNX graphs that `export` writes.

Graphs are written node by node instead of traced: the names in the file are ours, every shape with a batch or a length
in it stays dynamic, and weights are stored as we choose.

**Weight-only int8.** A matrix is stored as int8 with one FP32 scale for every 32 neighbouring inputs of an output and
turned back by `Cast` and `Mul`, which ONNX Runtime folds into one FP32 constant while it loads the model.
(`DequantizeLinear` it would keep and run each time.) Files are under a third of FP32's size, arithmetic is FP32 at
FP32's speed, and a row's result does not depend on the rows beside it, as it would with dynamic quantisation of
activations: there one scale is shared by a whole batch. Blocks of 32 matter: with one scale an output, MiniLM's
sentence embeddings are off by three times as much (mean cosine 0.9995 instead of 0.9998).
"""

from __future__ import annotations

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


BLOCK = 32


def quantize_rows(weights: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """int8 values [R, C] and FP32 scales [R, 1] of a matrix [R, C]: `values * scales` ≈ `weights`, 0 stays 0."""
    largest = numpy.abs(weights).max(axis=1, keepdims=True)
    scales = (numpy.maximum(largest, 1e-12) / 127).astype(numpy.float32)
    values = numpy.clip(numpy.rint(weights / scales), -127, 127).astype(numpy.int8)
    return values, scales


def dequantized_rows(table: numpy.ndarray) -> numpy.ndarray:
    """What a shipped embedding table gives: one scale a row."""
    values, scales = quantize_rows(table)
    return values.astype(numpy.float32) * scales


def dequantized(weights: numpy.ndarray) -> numpy.ndarray:
    """The FP32 matrix [out, in] that a shipped model computes with: one scale a block of its last dimension."""
    return dequantized_rows(weights.reshape(-1, BLOCK)).reshape(weights.shape)


class GraphBuilder:
    """Collects nodes and initializers; every method returns the name of the tensor that it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.names: set[str] = set()

    def unique(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.names:
            number += 1
            candidate = f"{name}_{number}"
        self.names.add(candidate)
        return candidate

    def constant(self, name: str, values: object, dtype: type | None = None) -> str:
        array = numpy.asarray(values, dtype=dtype)
        if array.dtype == numpy.float64 and dtype is None:
            array = array.astype(numpy.float32)
        name = self.unique(name)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, *inputs: str, name: str, **attributes: object) -> str:
        return self.ops(kind, *inputs, names=[name], **attributes)[0]

    def ops(self, kind: str, *inputs: str, names: list[str], **attributes: object) -> list[str]:
        outputs = [self.unique(name) for name in names]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, name=outputs[0], **attributes))
        return outputs

    def quantized(self, name: str, weights: numpy.ndarray) -> str:
        """FP32 weights of any shape stored as int8 blocks along the last dimension; folded when the model is loaded."""
        values, scales = quantize_rows(weights.reshape(-1, BLOCK))
        stored = self.cast(self.constant(f"{name}.int8", values), TensorProto.FLOAT, f"{name}.cast")
        blocks = self.op("Mul", stored, self.constant(f"{name}.scale", scales), name=f"{name}.blocks")
        return self.op("Reshape", blocks, self.constant(f"{name}.shape", weights.shape, numpy.int64), name=name)

    def quantized_rows(self, name: str, table: numpy.ndarray, ids: str) -> str:
        """Rows of a table [V, D], looked up while still int8: an embedding table takes V·D bytes in memory too."""
        values, scales = quantize_rows(table)
        rows = self.op("Gather", self.constant(f"{name}.int8", values), ids, name=f"{name}.rows", axis=0)
        scale = self.op("Gather", self.constant(f"{name}.scale", scales), ids, name=f"{name}.row_scales", axis=0)
        return self.op("Mul", self.cast(rows, TensorProto.FLOAT, f"{name}.cast"), scale, name=name)

    def cast(self, tensor: str, element: int, name: str) -> str:
        return self.op("Cast", tensor, name=name, to=element)

    def places(self, tensor: str, start: int, end: int | None, name: str) -> str:
        """Places `start` to `end` of the second axis; a negative `end` counts from the last, None is behind it."""
        last = numpy.iinfo(numpy.int64).max if end is None else end
        bounds = [self.constant(f"{name}.{part}", [value], numpy.int64)
                  for part, value in (("from", start), ("to", last), ("over", 1))]
        return self.op("Slice", tensor, *bounds, name=name)

    def linear(self, tensor: str, name: str, weight: numpy.ndarray, bias: numpy.ndarray, *, exact: bool = False) -> str:
        """`tensor @ weight.T + bias`; `weight` [out, in] as torch's Linear keeps it, stored as int8 unless `exact`."""
        stored = self.constant(f"{name}.weight", weight) if exact else self.quantized(f"{name}.weight", weight)
        matrix = self.op("Transpose", stored, name=f"{name}.weight.transposed", perm=[1, 0])
        product = self.op("MatMul", tensor, matrix, name=f"{name}.product")
        return self.op("Add", product, self.constant(f"{name}.bias", bias), name=name)

    def layer_norm(self, tensor: str, name: str, weight: numpy.ndarray, bias: numpy.ndarray, epsilon: float) -> str:
        return self.op(
            "LayerNormalization", tensor, self.constant(f"{name}.weight", weight),
            self.constant(f"{name}.bias", bias), name=name, axis=-1, epsilon=epsilon)

    def model(
        self,
        name: str,
        inputs: list[tuple[str, int, list[str | int]]],
        outputs: list[tuple[str, int, list[str | int]]],
    ) -> onnx.ModelProto:
        """The finished model, checked. Inputs and outputs are (name, element type, shape with names for what varies)."""
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info(*entry) for entry in inputs],
            [helper.make_tensor_value_info(*entry) for entry in outputs],
            self.initializers)
        model = helper.make_model(
            graph, producer_name="training", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return model
