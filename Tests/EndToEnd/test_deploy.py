"""The container files, as far as they can be checked without a Docker engine."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = [["docker-compose.yml"], ["docker-compose.yml", "docker-compose.gpu.yml"]]


def compose(files):
    arguments = [argument for name in files for argument in ("-f", name)]
    result = subprocess.run(["docker-compose", *arguments, "config"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return yaml.safe_load(result.stdout)


@pytest.mark.parametrize("files", FILES, ids=["cpu", "gpu"])
def test_compose_accepts_the_files(files):
    assert set(compose(files)["services"]) == {"gateway", "triton"}


@pytest.mark.parametrize("files", FILES, ids=["cpu", "gpu"])
def test_only_the_gateway_is_reachable_and_nothing_can_be_written(files):
    services = compose(files)["services"]
    assert "ports" not in services["triton"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert ":latest" not in service["image"] or name == "gateway"


def test_the_gpu_file_asks_for_a_gpu_and_for_configurations_that_exist():
    triton = compose(FILES[1])["services"]["triton"]
    assert "--model-config-name=gpu" in triton["command"]
    configurations = list((ROOT / "triton_model_repo").glob("*/configs/gpu.pbtxt"))
    assert {path.parts[-3] for path in configurations} >= {"bert_bilstm", "bert_classifier", "sentence_encoder"}
    for path in configurations:
        assert "KIND_GPU" in path.read_text()


def test_the_image_runs_as_nobody_and_starts_the_gateway():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 65532", dockerfile, re.M)
    assert json.loads(re.search(r"^ENTRYPOINT (.*)$", dockerfile, re.M)[1]) == ["/usr/local/bin/gateway"]


def test_every_repository_file_is_small_enough_for_a_clone():
    models = list((ROOT / "triton_model_repo").glob("*/1/model.onnx"))
    assert len(models) == 4
    for path in models:
        assert path.stat().st_size < 30_000_000, path
