"""A model repository in which every model has its name, tensors and configuration, and next to no work to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from .processes import ROOT

# As training/onnx_graph.py has them: what a two-year-old ONNX Runtime reads.
OPSET, IR_VERSION = 17, 8


def write_tiny_models(repository: Path) -> None:
    """The configurations are this repository's own, so the gateway takes the models for those that it was fitted for."""
    source = ROOT / "triton_model_repo"
    ebm = (source / "ebm" / "config.pbtxt").read_text()
    intercept = float(_found(r'key: "intercept" value: \{ string_value: "([^"]+)"', ebm))
    terms = int(_found(r'name: "scores" data_type: TYPE_FP32 dims: \[ (\d+) \]', ebm))
    features = int(_found(r'name: "features" data_type: TYPE_FP64 dims: \[ (\d+) \]', ebm))
    graphs = {
        "bert_bilstm": _classifier(), "bert_classifier": _classifier(), "ngram_classifier": _classifier(),
        "sentence_encoder": _encoder(), "ebm": _additive(features, terms, intercept),
    }  # fmt: skip
    for name, graph in graphs.items():
        folder = repository / name
        (folder / "1").mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name / "config.pbtxt", folder / "config.pbtxt")
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        (folder / "1" / "model.onnx").write_bytes(model.SerializeToString())


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"load: ebm/config.pbtxt has nothing like {pattern}")
    return match[1]


def _constant(name: str, values: object, kind: type = numpy.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(numpy.asarray(values, kind), name)


def _classifier() -> onnx.GraphProto:
    """Two numbers of a row's first token, which is always [CLS]."""
    return helper.make_graph(
        [
            helper.make_node("Slice", ["input_ids", "from", "to", "axis"], ["first"]),
            helper.make_node("Cast", ["first"], ["number"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["number", "factors"], ["logits"]),
        ],
        "classifier",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["N", "L"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 2])],
        [
            _constant("from", [0], numpy.int64), _constant("to", [1], numpy.int64), _constant("axis", [1], numpy.int64),
            _constant("factors", [0.0, 0.001]),
        ],
    )  # fmt: skip


def _encoder() -> onnx.GraphProto:
    """A sentence's length, spread over 384 numbers."""
    return helper.make_graph(
        [
            helper.make_node("Unsqueeze", ["sentence_lengths", "axis"], ["column"]),
            helper.make_node("Cast", ["column"], ["number"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["number", "ramp"], ["embedding"]),
        ],
        "encoder",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["N", "L"]),
            helper.make_tensor_value_info("sentence_lengths", TensorProto.INT64, ["N", "S"]),
        ],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", "S", 384])],
        [_constant("axis", [2], numpy.int64), _constant("ramp", numpy.arange(1, 385))],
    )


def _additive(features: int, terms: int, intercept: float) -> onnx.GraphProto:
    """Terms of zero, and so the intercept as logit."""
    return helper.make_graph(
        [
            helper.make_node("Slice", ["features", "from", "to", "axis"], ["first"]),
            helper.make_node("Cast", ["first"], ["number"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["number", "zeros"], ["scores"]),
            helper.make_node("Mul", ["number", "zero"], ["nothing"]),
            helper.make_node("Add", ["nothing", "intercept"], ["logit"]),
        ],
        "additive",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["N", features])],
        [
            helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["N", 1]),
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", terms]),
        ],
        [
            _constant("from", [0], numpy.int64), _constant("to", [1], numpy.int64), _constant("axis", [1], numpy.int64),
            _constant("zeros", numpy.zeros(terms)), _constant("zero", [0.0]), _constant("intercept", [intercept]),
        ],
    )  # fmt: skip
