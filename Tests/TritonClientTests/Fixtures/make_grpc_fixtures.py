"""Writes grpc_messages.json: requests with the message that tritonclient makes of them, and replies as its generated
classes write them, with what they say. Run it with the test environment:
.venv/bin/python Tests/TritonClientTests/Fixtures/make_grpc_fixtures.py

The replies set every field that Triton's protocol has at the top level, so that a wrong number in kserve.proto shows.
"""
import json
import pathlib

import numpy as np
from tritonclient.grpc import InferInput, InferRequestedOutput, model_config_pb2, service_pb2
from tritonclient.grpc._utils import _get_inference_request
from tritonclient.utils import np_to_triton_dtype, serialize_byte_tensor


def tensor(name, array):
    datatype = np_to_triton_dtype(array.dtype)
    data = serialize_byte_tensor(array).item() if datatype == "BYTES" else array.tobytes()
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "hex": data.hex()}


def request(case, inputs, outputs=(), request_id="", version=""):
    wire = []
    for name, array in inputs:
        item = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        item.set_data_from_numpy(array)
        wire.append(item)
    message = _get_inference_request(
        model_name="m", inputs=wire, model_version=version, request_id=request_id,
        outputs=[InferRequestedOutput(name) for name in outputs] or None,
        sequence_id=0, sequence_start=False, sequence_end=False, priority=0, timeout=None, parameters=None)
    return {
        "case": case, "id": request_id, "version": version or None, "inputs": [tensor(*item) for item in inputs],
        "outputs": list(outputs), "hex": message.SerializeToString(deterministic=True).hex(),
    }


def reply(case, outputs, request_id="", parameters=False):
    message = service_pb2.ModelInferResponse(model_name="m", model_version="1", id=request_id)
    tensors = [tensor(name, array) for name, array in outputs]
    for item in tensors:
        entry = message.outputs.add(name=item["name"], datatype=item["datatype"], shape=item["shape"])
        if parameters:
            entry.parameters["binary_data_size"].int64_param = 4
        message.raw_output_contents.append(bytes.fromhex(item["hex"]))
    if parameters:
        message.parameters["sequence_id"].uint64_param = 2**64 - 1
        message.parameters["triton_final_response"].bool_param = True
        message.parameters["note"].string_param = "é"
        message.parameters["score"].double_param = 0.5
    return {"case": case, "id": request_id, "outputs": tensors,
            "hex": message.SerializeToString(deterministic=True).hex()}


def hexed(message):
    return message.SerializeToString(deterministic=True).hex()


def metadata():
    server = service_pb2.ServerMetadataResponse(name="triton", version="2.51.0", extensions=["classification", "trace"])
    shape = service_pb2.ModelMetadataResponse.TensorMetadata
    model = service_pb2.ModelMetadataResponse(
        name="m", versions=["1", "3"], platform="onnxruntime_onnx",
        inputs=[shape(name="input_ids", datatype="INT64", shape=[-1, 128]),
                shape(name="flag", datatype="BOOL", shape=[])],
        outputs=[shape(name="logits", datatype="FP32", shape=[-1, 2])])
    config = model_config_pb2.ModelConfig(
        name="m", platform="onnxruntime_onnx", backend="onnxruntime", runtime="r", max_batch_size=16,
        default_model_filename="model.onnx",
        input=[model_config_pb2.ModelInput(name="input_ids", data_type=model_config_pb2.TYPE_INT64, dims=[-1])],
        output=[model_config_pb2.ModelOutput(name="logits", data_type=model_config_pb2.TYPE_FP32, dims=[2])],
        instance_group=[model_config_pb2.ModelInstanceGroup(name="m_0", count=1)],
        dynamic_batching=model_config_pb2.ModelDynamicBatching(preferred_batch_size=[4, 8]))
    config.version_policy.latest.num_versions = 1
    config.cc_model_filenames["7.5"] = "x"
    config.metric_tags["a"] = "b"
    config.parameters["intercept"].string_value = "-0.8169970392674392"
    config.parameters["empty"].string_value = ""
    config.parameters["names"].string_value = "flesch,é"
    return {
        "model_request": hexed(service_pb2.ModelMetadataRequest(name="m", version="2")),
        "model_request_without_version": hexed(service_pb2.ModelConfigRequest(name="m")),
        "model_ready_request": hexed(service_pb2.ModelReadyRequest(name="m", version="2")),
        "repository_load_request": hexed(service_pb2.RepositoryModelLoadRequest(model_name="m")),
        "repository_unload_request": hexed(service_pb2.RepositoryModelUnloadRequest(model_name="m")),
        "repository_index": hexed(service_pb2.RepositoryIndexResponse(models=[
            service_pb2.RepositoryIndexResponse.ModelIndex(name="m", version="2", state="UNAVAILABLE", reason="unloaded"),
            service_pb2.RepositoryIndexResponse.ModelIndex(name="n")])),
        "live": hexed(service_pb2.ServerLiveResponse(live=True)),
        "ready": hexed(service_pb2.ServerReadyResponse(ready=True)),
        "model_ready": hexed(service_pb2.ModelReadyResponse(ready=True)),
        "server": hexed(server),
        "model": hexed(model),
        "config": hexed(service_pb2.ModelConfigResponse(config=config)),
    }


def main():
    ids = np.arange(8, dtype=np.int64).reshape(2, 4)
    mask = np.ones((2, 4), dtype=np.int64)
    text = np.array([b"one", b"", "zwei \u00e9".encode()], dtype=np.object_)
    special = np.array([[np.nan, np.inf, -0.0, 5e-324]], dtype=np.float64)
    widths = [np.bool_, np.uint8, np.uint16, np.uint32, np.uint64, np.int8, np.int16, np.int32, np.int64, np.float16,
              np.float32, np.float64]
    # The length of 16,800 bytes takes three bytes on the wire, those of the others one and two.
    long = np.arange(2100, dtype=np.float64).reshape(1, 2100)
    document = {
        "requests": [
            request("token ids, one output", [("input_ids", ids), ("attention_mask", mask)], ["logits"], "essay-1"),
            request("a version", [("input_ids", ids)], ["logits"], version="12"),
            request("no outputs named", [("features", special)]),
            request("two outputs", [("features", special)], ["logit", "scores"], "r"),
            request("strings", [("TEXT", text)], ["OUT"]),
            request("no rows", [("features", np.zeros((0, 3)))], ["logit"]),
            request("no dimensions", [("x", np.array(7, dtype=np.int64))], ["y"]),
            request("names beyond ASCII", [("a\"b\\c\u00e9\U0001F600\x01", ids)], ["\u4e2d"], "id \u00df"),
            request("every width", [(np_to_triton_dtype(np.dtype(w)), np.array([0, 1, 1], dtype=w)) for w in widths], ["x"]),
            request("long", [("features", long), ("x", long[:, :20])], ["y"]),
        ],
        "replies": [
            reply("one output", [("logits", np.array([[0.5, -1.25]], dtype=np.float32))], "essay-1"),
            reply("two outputs", [("logit", np.array([[1]], dtype=np.float32)),
                                  ("scores", np.arange(6, dtype=np.float32).reshape(2, 3))]),
            reply("strings", [("OUT", text)]),
            reply("no rows", [("embedding", np.zeros((0, 384), dtype=np.float32))]),
            reply("with parameters", [("x", ids)], parameters=True),
        ],
        "metadata": metadata(),
    }
    path = pathlib.Path(__file__).with_name("grpc_messages.json")
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
