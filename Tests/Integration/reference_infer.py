"""Sends one request with NVIDIA's tritonclient and prints what came back, for the integration tests to compare with.

Standard input: {"protocol": "http" | "grpc", "address": "host:port", "model", "inputs": [{"name", "datatype", "shape",
"hex"}], "outputs": [names]}. Standard output: {"outputs": [{"name", "datatype", "shape", "hex"}]}.
"""
import json
import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import triton_to_np_dtype


def main():
    request = json.load(sys.stdin)
    client_module = {"http": tritonclient.http, "grpc": tritonclient.grpc}[request["protocol"]]
    inputs = []
    for item in request["inputs"]:
        array = np.frombuffer(bytes.fromhex(item["hex"]), dtype=triton_to_np_dtype(item["datatype"]))
        tensor = client_module.InferInput(item["name"], item["shape"], item["datatype"])
        tensor.set_data_from_numpy(array.reshape(item["shape"]))
        inputs.append(tensor)
    outputs = [client_module.InferRequestedOutput(name) for name in request["outputs"]]
    client = client_module.InferenceServerClient(request["address"])
    result = client.infer(request["model"], inputs, outputs=outputs)
    answer = []
    for name in request["outputs"]:
        array = result.as_numpy(name)
        header = result.get_output(name)
        datatype = header["datatype"] if isinstance(header, dict) else header.datatype
        answer.append({"name": name, "datatype": datatype, "shape": list(array.shape), "hex": array.tobytes().hex()})
    client.close()
    json.dump({"outputs": answer}, sys.stdout)


if __name__ == "__main__":
    main()
