"""Settings: from the command line over the environment over a file, and what happens to a wrong one."""

import json
import time
from pathlib import Path

import pytest
from essays import words
from gateway_process import Gateway, StartGateway, run_gateway
from triton_process import TritonURLs

# (environment, file, arguments, the key that must be named)
WRONG_SETTINGS: dict[str, tuple[dict[str, str], str | None, list[str], str]] = {
    "a port in words": ({"GATEWAY_PORT": "eighty"}, None, [], "gateway.port"),
    "a port too high": ({}, None, ["--port", "65536"], "gateway.port"),
    "a negative limit": ({"LIMITS_MAX_BODY_BYTES": "-1"}, None, [], "limits.max_body_bytes"),
    "a time-out of zero": ({"LIMITS_DEADLINE_MS": "0"}, None, [], "limits.deadline_ms"),
    "a fraction": ({"LIMITS_MAX_TOKENS": "1e3"}, None, [], "limits.max_tokens"),
    "an unknown scheme": ({"TRITON_URL": "ftp://127.0.0.1"}, None, [], "triton.url"),
    "a URL without scheme": ({}, None, ["--triton", "127.0.0.1:8000"], "triton.url"),
    "a URL with a port in words": ({}, None, ["--triton", "http://127.0.0.1:http"], "triton.url"),
    "an authority's file that is not there": (
        {"TRITON_CA_FILE": "/nowhere.pem"}, None, ["--triton", "grpcs://127.0.0.1:8001"], "triton",
    ),
    "a log level": ({"LOG_LEVEL": "loud"}, None, [], "log.level"),
    "a log format": ({"LOG_FORMAT": "xml"}, None, [], "log.format"),
    "a scoring file that is not there": ({"SCORING_FILE": "/nowhere.json"}, None, [], "scoring.file"),
    "all addresses without keys": ({}, None, ["--host", "0.0.0.0"], "auth.keys_file"),
    "a keys file that is not there": ({"AUTH_KEYS_FILE": "/nowhere.json"}, None, [], "auth.keys_file"),
    "a flag in other words": ({"AUTH_OPEN_METRICS": "yes"}, None, [], "auth.open_metrics"),
    "a certificate without its key": ({"TLS_CERTIFICATE": "/nowhere.pem"}, None, [], "tls.key"),
    "a certificate that is not there": ({"TLS_CERTIFICATE": "/no.pem", "TLS_KEY": "/no.pem"}, None, [], "tls.certificate"),
    "every site's pages": ({"CORS_ORIGINS": "*"}, None, [], "cors.origins"),
    "an unknown key": ({}, "limits:\n  max_token: 100\n", [], "limits.max_token"),
    "an unknown section": ({}, "limit:\n  max_tokens: 100\n", [], "limit.max_tokens"),
    "a number in the file that is none": ({}, "limits:\n  max_tokens: many\n", [], "limits.max_tokens"),
    "a number in the file that is too low": ({}, "limits:\n  max_tokens: 3\n", [], "limits.max_tokens"),
    "a list for a number": ({}, "limits:\n  max_tokens: [1, 2]\n", [], "limits.max_tokens"),
    "a file that is no mapping": ({}, "- a\n- b\n", [], "--config"),
    "a file that is no YAML": ({}, "a: [b\n", [], "--config"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_wrong_setting_ends_the_program_with_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    env, file, arguments, key = WRONG_SETTINGS[name]
    if file is not None:
        (tmp_path / "gateway.yaml").write_text(file)
        arguments = [*arguments, "--config", str(tmp_path / "gateway.yaml")]
    begin = time.monotonic()
    run = run_gateway("serve", *arguments, env=env, timeout=5)
    assert run.returncode not in (0, None)
    assert time.monotonic() - begin < 2
    told = run.stderr.decode().strip()
    assert key in told and len(told.splitlines()) == 1, told
    assert run.stdout == b""


def test_a_file_that_is_not_there_is_named() -> None:
    run = run_gateway("serve", "--config", "/nowhere/gateway.yaml", timeout=5)
    assert run.returncode != 0 and b"/nowhere/gateway.yaml" in run.stderr


def test_a_port_that_is_taken_ends_the_program(gateway: Gateway) -> None:
    run = run_gateway("serve", "--port", str(gateway.port), timeout=10)
    assert run.returncode not in (0, None) and b"in use" in run.stderr.lower()


def test_a_configuration_can_be_checked_without_serving(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("triton:\n  url: grpc://triton:8001\nlimits:\n  max_tokens: 1000\nlog:\n  format: json\n")
    bad.write_text("triton:\n  urls: grpc://triton:8001\n")
    run = run_gateway("serve", "--check-config", "--config", str(good), timeout=5)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    assert run_gateway("serve", "--check-config", "--config", str(bad), timeout=5).returncode != 0


SOURCES = {"the file": {}, "the environment over the file": {"LIMITS_MAX_BODY_BYTES": "2000"}}


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("source", SOURCES)
def test_settings_come_from_the_file_and_the_environment_goes_over_it(
    start_gateway: StartGateway, tmp_path: Path, source: str, suffix: str
) -> None:
    file = tmp_path / f"gateway{suffix}"
    yaml = "limits:\n  max_body_bytes: 1000\n  max_tokens: 64\n"
    file.write_text(yaml if suffix == ".yaml" else json.dumps({"limits": {"max_body_bytes": 1000, "max_tokens": 64}}))
    gateway = start_gateway("http://127.0.0.1:1", SOURCES[source], "--config", str(file))
    expected = int(SOURCES[source].get("LIMITS_MAX_BODY_BYTES", 1000))
    assert gateway.post(b" " * expected).status == 400
    reply = gateway.post(b" " * (expected + 1))
    assert reply.status == 413 and str(expected) in reply.json["error"]["message"]


def test_the_command_line_goes_over_the_environment_and_that_over_the_file(triton: TritonURLs, tmp_path: Path) -> None:
    """Told by which of three Tritons the gateway reaches: two of them are not there."""
    file = tmp_path / "gateway.yaml"

    def reaches_triton(in_file: str, in_environment: str | None, in_arguments: str | None) -> bool:
        file.write_text(f"triton:\n  url: {in_file}\n")
        env = {} if in_environment is None else {"TRITON_URL": in_environment}
        arguments = [] if in_arguments is None else ["--triton", in_arguments]
        line = json.dumps({"id": 1, "text": words(60)}).encode()
        run = run_gateway("analyze", "--jsonl", "--config", str(file), *arguments, stdin=line, env=env)
        return run.returncode == 0

    nowhere = "http://127.0.0.1:1"
    assert reaches_triton(triton.http_url, None, None)
    assert not reaches_triton(triton.http_url, nowhere, None)
    assert reaches_triton(nowhere, triton.grpc_url, None)
    assert not reaches_triton(nowhere, triton.grpc_url, nowhere)
    assert reaches_triton(nowhere, nowhere, triton.http_url)
