"""The container files, as far as they can be checked without a Docker engine."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# What `docker compose up` takes without a word, and what the profiles of the file's first lines add or replace.
ALWAYS = {"gateway", "prometheus", "grafana"}
STARTS = {
    "up": (["cpu"], ALWAYS | {"triton"}),
    "gpu": (["gpu"], ALWAYS | {"triton-gpu"}),
    "tunnel": (["cpu", "tunnel"], ALWAYS | {"triton", "tunnel"}),
    "keys": (["keys"], ALWAYS | {"keys"}),
}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """As docker-compose understands the file. It prints the services of every profile."""
    result = subprocess.run(["docker-compose", "config"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return yaml.safe_load(result.stdout)["services"]


@pytest.mark.parametrize("name", STARTS)
def test_compose_accepts_the_profile_and_it_starts_what_it_says(services, name):
    profiles, expected = STARTS[name]
    arguments = [argument for profile in profiles for argument in ("--profile", profile)]
    result = subprocess.run(
        ["docker-compose", *arguments, "config", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    started = {
        service for service, text in services.items()
        if not text.get("profiles") or set(text["profiles"]) & set(profiles)
    }  # fmt: skip
    assert started == expected


def test_without_a_profile_triton_runs_on_the_cpu():
    assert "COMPOSE_PROFILES=cpu" in (ROOT / ".env").read_text().splitlines()


def test_every_service_is_confined(services):
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["user"].split(":")[0]) > 0, name
        assert service["mem_limit"] and service["pids_limit"], name
        assert service["ulimits"]["core"] == 0, name
        assert "/tmp" in service["tmpfs"], name
        assert name == "keys" or service["healthcheck"]["test"], name


def test_images_are_pinned_by_version(services):
    for name, service in services.items():
        assert re.fullmatch(r"[a-z./-]+:(v?\d+\.\d+(\.\d+)?(-py3)?|local)", service["image"]), name


def test_ports_are_open_to_this_machine_only_and_triton_has_none(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"gateway", "prometheus", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    for name in ("triton", "triton-gpu"):
        assert services[name]["networks"] == {"inference": {"aliases": ["triton"]}}


def test_mounted_folders_are_there_and_cannot_be_written(services):
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source, _, mode = volume.split(":")
            if source.startswith("/"):
                assert Path(source).is_dir(), f"{name}: {source}"
                assert mode == "ro", name


def test_the_gpu_profile_asks_for_a_gpu_and_for_configurations_that_exist(services):
    triton = services["triton-gpu"]
    assert triton["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]
    assert set(triton["command"]) - set(services["triton"]["command"]) == {"--model-config-name=gpu"}
    configurations = list((ROOT / "triton_model_repo").glob("*/configs/gpu.pbtxt"))
    assert {path.parts[-3] for path in configurations} >= {"bert_bilstm", "bert_classifier", "sentence_encoder"}
    for path in configurations:
        assert "KIND_GPU" in path.read_text()


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "deploy/kubernetes/triton.Dockerfile"])
def test_hadolint_has_nothing_to_say(dockerfile):
    hadolint = Path(sys.executable).parent / "hadolint"
    result = subprocess.run([hadolint, ROOT / dockerfile], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_image_runs_as_nobody_and_starts_the_gateway():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 65532", dockerfile, re.M)
    assert json.loads(re.search(r"^ENTRYPOINT (.*)$", dockerfile, re.M)[1]) == ["/usr/local/bin/gateway"]


def test_every_repository_file_is_small_enough_for_a_clone():
    models = list((ROOT / "triton_model_repo").glob("*/1/model.onnx"))
    assert len(models) == 5
    for path in models:
        assert path.stat().st_size < 30_000_000, path
