"""Writes one model of triton_model_repo/: `<name>/1/model.onnx` and a `config.pbtxt` that both the stock Triton
image's ONNX Runtime backend and the local Triton's understand.

A model says which fit it is: `fit_id`, the beginning of the SHA-256 of model.onnx, is a parameter of its configuration.
The gateway compares it with the `fit_id` that the ensemble's weights and thresholds were fitted with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .places import MODEL_REPOSITORY

MAXIMUM_FILE_BYTES = 30_000_000
VERSION = "1"


@dataclass(frozen=True)
class TensorSpec:
    """A tensor as config.pbtxt describes it: `shape` without the batch dimension, -1 for what varies."""

    name: str
    data_type: str
    shape: tuple[int, ...]


TOKENS = (TensorSpec("input_ids", "TYPE_INT64", (-1,)), TensorSpec("attention_mask", "TYPE_INT64", (-1,)))
SENTENCES = (TensorSpec("input_ids", "TYPE_INT64", (-1,)), TensorSpec("sentence_lengths", "TYPE_INT64", (-1,)))
"""A row holds sentences one after the other, [CLS] and [SEP] in each, and how many tokens each has."""


def fit_id(model_bytes: bytes) -> str:
    return hashlib.sha256(model_bytes).hexdigest()[:16]


def quoted(text: str) -> str:
    """A protobuf text format string: JSON's escapes for ASCII are a subset of its own."""
    return json.dumps(text, ensure_ascii=False)


def tensor_list(kind: str, tensors: Sequence[TensorSpec]) -> str:
    entries = ",\n".join(
        f"  {{ name: {quoted(tensor.name)} data_type: {tensor.data_type} "
        f"dims: [ {', '.join(map(str, tensor.shape))} ] }}" for tensor in tensors)
    return f"{kind} [\n{entries}\n]\n"


def warm_up(inputs: Sequence[TensorSpec], length: int) -> str:
    """A request of zeros at load time, so that the first essay does not pay for memory and kernel selection."""
    entries = "\n".join(
        f"    inputs {{ key: {quoted(tensor.name)} value: {{ data_type: {tensor.data_type} "
        f"dims: [ {', '.join(str(length if size < 0 else size) for size in tensor.shape)} ] zero_data: true }} }}"
        for tensor in inputs)
    return f"model_warmup [\n  {{\n    name: \"zeros of {length}\"\n    batch_size: 1\n{entries}\n  }}\n]\n"


def configuration(
    name: str, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], *,
    maximum_batch: int, threads: int, warm_up_length: int, parameters: Mapping[str, str], kind: str = "KIND_CPU",
) -> str:
    text = [
        "# Written by training/model_repository.py.\n",
        f"name: {quoted(name)}\nbackend: \"onnxruntime\"\nmax_batch_size: {maximum_batch}\n",
        tensor_list("input", inputs),
        tensor_list("output", outputs),
        f"instance_group [ {{ count: 1 kind: {kind} }} ]\n",
        # Only requests of one length meet in a batch; an idle server never waits for more.
        "dynamic_batching { max_queue_delay_microseconds: 0 }\n",
        "version_policy: { latest: { num_versions: 1 } }\n",
        warm_up(inputs, warm_up_length),
    ]
    every = {"intra_op_thread_count": str(threads), "inter_op_thread_count": "1", **parameters}
    for key, value in every.items():
        text.append(f"parameters {{ key: {quoted(key)} value: {{ string_value: {quoted(value)} }} }}\n")
    return "".join(text)


def write_model(
    name: str, model_bytes: bytes, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], *,
    repository: Path = MODEL_REPOSITORY, maximum_batch: int = 16, threads: int = 2, warm_up_length: int = 64,
    parameters: Mapping[str, str] | None = None, for_gpu: bool = False,
) -> str:
    """Writes the model and its configuration and returns its fit id.

    With `for_gpu` also `configs/gpu.pbtxt`, the same on a GPU, which `tritonserver --model-config-name=gpu` takes; that
    server runs models without such a file by their config.pbtxt.
    """
    if len(model_bytes) > MAXIMUM_FILE_BYTES:
        raise ValueError(f"{name}: {len(model_bytes)} bytes are more than {MAXIMUM_FILE_BYTES}")
    identity = fit_id(model_bytes)
    folder = repository / name
    (folder / VERSION).mkdir(parents=True, exist_ok=True)
    (folder / VERSION / "model.onnx").write_bytes(model_bytes)
    files = {"config.pbtxt": "KIND_CPU", **({"configs/gpu.pbtxt": "KIND_GPU"} if for_gpu else {})}
    for file_name, kind in files.items():
        text = configuration(
            name, inputs, outputs, maximum_batch=maximum_batch, threads=threads, warm_up_length=warm_up_length,
            parameters={"fit_id": identity, **(parameters or {})}, kind=kind)
        (folder / file_name).parent.mkdir(exist_ok=True)
        (folder / file_name).write_text(text, encoding="utf-8")
    return identity


def write_classifier(
    name: str, model_bytes: bytes, repository: Path = MODEL_REPOSITORY, *, for_gpu: bool = True,
) -> str:
    """A model that reads windows of tokens. One that is not for a GPU is too small for more than one thread."""
    return write_model(
        name, model_bytes, TOKENS, [TensorSpec("logits", "TYPE_FP32", (2,))], repository=repository, for_gpu=for_gpu,
        threads=2 if for_gpu else 1)


def write_sentence_encoder(model_bytes: bytes, repository: Path = MODEL_REPOSITORY) -> str:
    return write_model(
        "sentence_encoder", model_bytes, SENTENCES, [TensorSpec("embedding", "TYPE_FP32", (-1, 384))],
        repository=repository, for_gpu=True)
