"""`backend: "onnxruntime"` for the local Triton: ONNX Runtime behind Triton's Python backend.

The stock Triton image carries a C++ backend of that name; the `tritonserver` in the nvidia-pytriton wheel does not.
Triton loads this file for every model whose config.pbtxt says `backend: "onnxruntime"`, so one model repository serves
both. Of the C++ backend's parameters it honours `intra_op_thread_count` and `inter_op_thread_count`.
"""

import json
import os

import numpy
import onnxruntime
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """One model version: a session over `<repository>/<version>/model.onnx`, run on the whole dynamic batch at once."""

    def initialize(self, args):
        config = json.loads(args["model_config"])
        parameters = {key: value["string_value"] for key, value in config.get("parameters", {}).items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(parameters.get("intra_op_thread_count", 0))
        options.inter_op_num_threads = int(parameters.get("inter_op_thread_count", 0))
        # A waiting request must not burn the cores that tokenize and extract features on the same machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        file_name = config.get("default_model_filename") or "model.onnx"
        path = os.path.join(args["model_repository"], args["model_version"], file_name)
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input_names = [entry["name"] for entry in config["input"]]
        self.output_names = [entry["name"] for entry in config["output"]]
        for configured, available in (
            (self.input_names, {tensor.name for tensor in self.session.get_inputs()}),
            (self.output_names, {tensor.name for tensor in self.session.get_outputs()}),
        ):
            missing = sorted(set(configured) - available)
            if missing:
                raise pb_utils.TritonModelException(f"{path} has no tensor {missing}; it has {sorted(available)}")

    def execute(self, requests):
        # Triton batches only requests of equal shapes, so the inputs concatenate along the batch dimension.
        try:
            parts = {
                name: [pb_utils.get_input_tensor_by_name(request, name).as_numpy() for request in requests]
                for name in self.input_names
            }
            feeds = {name: numpy.concatenate(arrays, axis=0) for name, arrays in parts.items()}
            results = self.session.run(self.output_names, feeds)
        except Exception as error:  # whatever ONNX Runtime throws, each caller is told; the server lives on
            failure = pb_utils.TritonError(f"onnxruntime: {error}")
            return [pb_utils.InferenceResponse(error=failure) for _ in requests]
        responses, start = [], 0
        for rows in (len(array) for array in parts[self.input_names[0]]):
            tensors = [
                pb_utils.Tensor(name, numpy.ascontiguousarray(result[start : start + rows]))
                for name, result in zip(self.output_names, results)
            ]
            responses.append(pb_utils.InferenceResponse(output_tensors=tensors))
            start += rows
        return responses

    def finalize(self):
        self.session = None
