"""Writes infer_bodies.json: requests with the body that tritonclient makes of them, and replies with the tensors that
tritonclient reads from them. Run it with the test environment: .venv/bin/python Tests/TritonClientTests/Fixtures/make_fixtures.py
"""
import json
import pathlib

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import np_to_triton_dtype, serialize_byte_tensor


def tensor(name, array):
    datatype = np_to_triton_dtype(array.dtype)
    data = serialize_byte_tensor(array).item() if datatype == "BYTES" else array.tobytes()
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "hex": data.hex()}


def request(case, inputs, outputs=(), request_id=""):
    wire = []
    for name, array in inputs:
        item = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        item.set_data_from_numpy(array)
        wire.append(item)
    body, json_length = InferenceServerClient.generate_request_body(
        wire, outputs=[InferRequestedOutput(name, binary_data=True) for name in outputs], request_id=request_id)
    return {
        "case": case, "id": request_id, "inputs": [tensor(*item) for item in inputs], "outputs": list(outputs),
        "json_length": json_length, "body_hex": body.hex(),
    }


def reply(case, outputs, header_extra=None):
    """The JSON is laid out as Triton 2.51 does it; what the bytes mean is tritonclient's reading."""
    tensors = [tensor(name, array) for name, array in outputs]
    header = {"model_name": "m", "model_version": "1", **(header_extra or {}), "outputs": [
        {"name": t["name"], "datatype": t["datatype"], "shape": t["shape"],
         "parameters": {"binary_data_size": len(t["hex"]) // 2}} for t in tensors]}
    text = json.dumps(header, separators=(",", ":")).encode()
    body = text + b"".join(bytes.fromhex(t["hex"]) for t in tensors)
    result = InferResult.from_response_body(body, header_length=len(text))
    return {
        "case": case, "id": header.get("id", ""), "json_length": len(text), "body_hex": body.hex(),
        # as_numpy gives an empty array another type than the header names.
        "outputs": [{**tensor(name, result.as_numpy(name)), "datatype": result.get_output(name)["datatype"]}
                    for name, _ in outputs],
    }


def main():
    ids = np.arange(8, dtype=np.int64).reshape(2, 4)
    mask = np.ones((2, 4), dtype=np.int64)
    text = np.array([b"one", b"", "zwei \u00e9".encode()], dtype=np.object_)
    special = np.array([[np.nan, np.inf, -0.0, 5e-324]], dtype=np.float64)
    widths = [np.bool_, np.uint8, np.uint16, np.uint32, np.uint64, np.int8, np.int16, np.int32, np.int64, np.float16,
              np.float32, np.float64]
    document = {
        "requests": [
            request("token ids, one output", [("input_ids", ids), ("attention_mask", mask)], ["logits"], "essay-1"),
            request("no outputs named", [("features", special)]),
            request("two outputs", [("features", special)], ["logit", "scores"], "r"),
            request("strings", [("TEXT", text)], ["OUT"]),
            request("no rows", [("features", np.zeros((0, 3)))], ["logit"]),
            request("names to be escaped", [("a\"b\\c/\t\n\u00e9\U0001F600\x01\x7f", ids)], ["\u4e2d"], "id \"\\ \u00df"),
            request("every width", [(np_to_triton_dtype(np.dtype(w)), np.array([0, 1, 1], dtype=w)) for w in widths], ["x"]),
        ],
        "replies": [
            reply("one output", [("logits", np.array([[0.5, -1.25]], dtype=np.float32))], {"id": "essay-1"}),
            reply("two outputs", [("logit", np.array([[1]], dtype=np.float32)),
                                  ("scores", np.arange(6, dtype=np.float32).reshape(2, 3))]),
            reply("strings", [("OUT", text)]),
            reply("no rows", [("embedding", np.zeros((0, 384), dtype=np.float32))]),
            reply("parameters that we do not know", [("x", ids)], {"parameters": {"sequence_id": 0, "other": [1.5e3]}}),
        ],
    }
    path = pathlib.Path(__file__).with_name("infer_bodies.json")
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
