"""Two versions of a model in one Triton: pinned, split, shadowed, changed by SIGHUP; and Triton's repository commands."""

import hashlib
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from essays import CANARY, PERSONAL, POLISHED
from gateway_process import ROOT, Gateway, StartGateway, eventually, run_gateway
from triton_process import Triton, TritonURLs
from wire import JSON

# Version 2 of the one model is version 1 of the other: a real model with the same tensors and other logits.
MODEL, OTHER = "bert_classifier", "bert_bilstm"

Rollout = Callable[..., Path]


def fit_id(model: str) -> str:
    config = (ROOT / "triton_model_repo" / model / "config.pbtxt").read_text()
    return config.split('key: "fit_id" value: { string_value: "')[1].split('"')[0]


def add_second_version(triton: Triton, identity: str) -> None:
    """As docs/operations.md says: the folder, the configuration, `gateway models load`."""
    triton.changed.add(MODEL)
    folder = triton.repository / MODEL
    (folder / "2").mkdir(exist_ok=True)
    if not (folder / "2" / "model.onnx").exists():
        (folder / "2" / "model.onnx").symlink_to(triton.source / OTHER / "1" / "model.onnx")
    config = (triton.source / MODEL / "config.pbtxt").read_text()
    policy = "version_policy: { latest: { num_versions: 1 } }"
    assert policy in config
    config = config.replace(policy, "version_policy: { specific: { versions: [ 1, 2 ] } }")
    (folder / "config.pbtxt").write_text(
        config + f'parameters {{ key: "fit_id.2" value: {{ string_value: "{identity}" }} }}\n'
    )
    run = run_gateway("models", "load", MODEL, "--triton", triton.grpc_url, timeout=120)
    assert run.returncode == 0, run.stderr


@pytest.fixture
def two_versions(private_triton: Triton) -> Triton:
    add_second_version(private_triton, fit_id(OTHER))
    return private_triton


@pytest.fixture
def rollout(tmp_path: Path) -> Rollout:
    """Writes a rollout file with the sets `stable`, the built-in scoring file, and `candidate`, fitted for version 2."""
    scoring = json.loads((ROOT / "Sources/Gateway/Resources/scoring.json").read_text())
    # With the other model come its fit and the pooling of its windows.
    scoring["models"][MODEL] = scoring["models"][OTHER]
    scoring["version"] = "candidate"
    (tmp_path / "scoring-2.json").write_text(json.dumps(scoring))
    sets = {"stable": {}, "candidate": {"scoring": "scoring-2.json", "versions": {MODEL: 2}}}

    def write(serve: object, shadow: str | None = None) -> Path:
        file = tmp_path / "rollout.json"
        file.write_text(json.dumps({"sets": sets, "serve": serve} | ({"shadow": shadow} if shadow else {})))
        return file

    return write


def versions(reply: dict) -> dict[str, str]:
    return {model["name"]: model["version"] for model in reply["models"]}


def logits(reply: dict) -> dict[str, float]:
    return {model["name"]: model["logit"] for model in reply["models"]}


def log_lines(gateway: Gateway, message: str) -> list[dict]:
    lines = [json.loads(line) for line in gateway.log_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == message]


def start(start_gateway: StartGateway, url: str, file: Path) -> Gateway:
    settings = {"ROLLOUT_FILE": str(file), "LOG_FORMAT": "json", "HEALTH_POLL_INTERVAL_MS": "200"}
    gateway = start_gateway(url, settings)
    gateway.wait_until("ready")
    return gateway


# --- pinned -----------------------------------------------------------------------------------------------------------


def test_a_second_version_beside_the_first_changes_nothing_until_a_set_names_it(
    two_versions: Triton, start_gateway: StartGateway
) -> None:
    gateway = start_gateway(two_versions.http_url)
    gateway.wait_until("ready")
    assert versions(gateway.analyze(PERSONAL).json)[MODEL] == "1"
    model = {model["name"]: model for model in gateway.get("/v1/models").json["models"]}[MODEL]
    assert (model["version"], model["versions"], model["fit_id"]) == ("1", ["1", "2"], fit_id(MODEL))


@pytest.mark.parametrize("wire", ["http_url", "grpc_url"])
def test_a_pinned_set_answers_from_its_versions(
    two_versions: Triton, rollout: Rollout, start_gateway: StartGateway, wire: str
) -> None:
    gateway = start(start_gateway, getattr(two_versions, wire), rollout("candidate"))
    reply = gateway.analyze(PERSONAL).json
    assert versions(reply) == {"bert_bilstm": "1", "bert_classifier": "2", "ngram_classifier": "1", "ebm": "1"}
    assert reply["scoring_version"] == "candidate"
    assert logits(reply)[MODEL] == logits(reply)[OTHER], "version 2 is the other model"


def test_a_version_that_the_scoring_file_was_not_fitted_for_is_never_called(
    private_triton: Triton, rollout: Rollout, start_gateway: StartGateway
) -> None:
    add_second_version(private_triton, "0123456789abcdef")
    gateway = start_gateway(private_triton.http_url, {"ROLLOUT_FILE": str(rollout("candidate"))})
    body = gateway.wait_until("not_ready")
    eventually(lambda: "0123456789abcdef" in gateway.readiness().body.decode(), 10, "readiness says which fit the server has")
    assert {model["name"] for model in body["models"]} >= {MODEL}
    assert gateway.analyze(PERSONAL).status == 503


# --- split ------------------------------------------------------------------------------------------------------------


def place(text: str) -> float:
    """Where a cleaned text lies, in percent."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64 * 100


def test_a_split_sends_each_text_where_its_hash_lies(
    two_versions: Triton, rollout: Rollout, start_gateway: StartGateway
) -> None:
    texts = [f"This is essay number {number}. {PERSONAL.strip()}" for number in range(400)]
    cleaned = run_gateway("clean", "--jsonl", stdin=b"".join(json.dumps({"text": t}).encode() + b"\n" for t in texts))
    expected = ["candidate" if place(json.loads(line)["text"]) < 30 else "stable" for line in cleaned.stdout.splitlines()]
    # Five standard deviations of a share of 30 % of 400 texts are 46.
    assert abs(expected.count("candidate") - 120) <= 46

    gateway = start(start_gateway, two_versions.http_url, rollout({"stable": 70, "candidate": 30}))
    asked = texts[:24]
    body = json.dumps({"texts": asked}).encode()
    results = gateway.post(body, JSON, "/v1/analyze/batch").json["results"]
    told = ["candidate" if result["summary"]["scoring_version"] == "candidate" else "stable" for result in results]
    assert told == expected[:24] and set(told) == {"candidate", "stable"}
    assert [versions(result["summary"])[MODEL] for result in results] == [
        "2" if name == "candidate" else "1" for name in told
    ]

    for text, name in zip(asked[:4], expected):
        gateway.analyze(text)
        line = log_lines(gateway, "request")[-1]
        assert f"{MODEL}={2 if name == 'candidate' else 1}" in line["model_versions"]
    answers = [line for line in gateway.get("/metrics").body.decode().splitlines() if "scoring_set_answers_total{" in line]
    assert sum(float(line.split()[-1]) for line in answers if 'set="candidate"' in line) == (told + told[:4]).count("candidate")


# --- shadow -----------------------------------------------------------------------------------------------------------


def test_a_shadow_is_compared_and_not_returned(
    two_versions: Triton, rollout: Rollout, start_gateway: StartGateway, gateway: Gateway
) -> None:
    shadowed = start(start_gateway, two_versions.http_url, rollout("stable", shadow="candidate"))
    for text in (f"{PERSONAL} {CANARY}.", POLISHED):
        served, alone = shadowed.analyze(text).json, gateway.analyze(text).json
        assert versions(served)[MODEL] == "1" and served["verdict"] == alone["verdict"]
        assert served["probability_ai"] == pytest.approx(alone["probability_ai"], abs=1e-4)

    def counted(name: str) -> float:
        lines = shadowed.get("/metrics").body.decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines
                   if line.startswith(f"gateway_shadow_{name}") and 'set="candidate"' in line and "failed" not in line)

    eventually(lambda: counted("analyses_total") == 2, 20, "both texts are compared")
    assert counted("probability_difference_count") == 2
    # Which of them the two differ about is in no log.
    assert log_lines(shadowed, "shadow") == []
    assert CANARY.split()[0] not in shadowed.log_text().lower()


# --- SIGHUP -----------------------------------------------------------------------------------------------------------


def test_sighup_rolls_out_and_back_and_refuses_what_is_not_ready(
    two_versions: Triton, rollout: Rollout, start_gateway: StartGateway
) -> None:
    gateway = start(start_gateway, two_versions.grpc_url, rollout("stable"))

    def reload(message: str) -> None:
        before = len(log_lines(gateway, message))
        gateway.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(log_lines(gateway, message)) > before, 15, message)

    refused = "rollout not reloaded, the old one stays in force"
    rollout("candidate")
    reload("rollout reloaded")
    assert versions(gateway.analyze(PERSONAL).json)[MODEL] == "2"
    rollout("nobody")
    reload(refused)
    assert versions(gateway.analyze(PERSONAL).json)[MODEL] == "2"
    file = rollout("stable")
    reload("rollout reloaded")
    assert versions(gateway.analyze(PERSONAL).json)[MODEL] == "1"
    tree = json.loads(file.read_text())
    tree["sets"]["stable"] = {"versions": {MODEL: 3}}
    file.write_text(json.dumps(tree))
    reload(refused)
    assert "version 3 is not loaded" in log_lines(gateway, refused)[-1]["problem"]
    assert versions(gateway.analyze(PERSONAL).json)[MODEL] == "1"


# --- gateway models ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", ["http_url", "grpc_url"])
def test_models_are_listed_unloaded_and_loaded(private_triton: Triton, wire: str) -> None:
    url = getattr(private_triton, wire)
    private_triton.changed.add("ebm")

    def states() -> dict[str, str]:
        run = run_gateway("models", "list", "--json", "--triton", url)
        assert run.returncode == 0, run.stderr
        return {f"{model['name']}/{model['version']}": model["state"] for model in json.loads(run.stdout)}

    assert states()["ebm/1"] == "READY"
    assert run_gateway("models", "unload", "ebm", "--triton", url).returncode == 0
    eventually(lambda: states().get("ebm/1") == "UNAVAILABLE", 20, "ebm is unloaded")
    table = run_gateway("models", "list", "--triton", url).stdout.decode().splitlines()
    (line,) = [line for line in table if line.startswith("ebm ")]
    assert line.split()[1:3] == ["1", "UNAVAILABLE"] and "unloaded" in line
    assert run_gateway("models", "load", "ebm", "--triton", url).returncode == 0
    assert states()["ebm/1"] == "READY"
    run = run_gateway("models", "load", "no_such_model", "--triton", url)
    assert run.returncode == 1 and b"no_such_model" in run.stderr


def test_a_server_in_another_mode_says_what_to_do(tmp_path: Path) -> None:
    server = Triton(tmp_path)
    server.settings["TRITON_MODEL_CONTROL"] = "none"
    for model in ("bert_bilstm", "bert_classifier", "ngram_classifier", "sentence_encoder"):
        shutil.rmtree(server.repository / model)
    server.start()
    try:
        for url in (server.http_url, server.grpc_url):
            for command in ("load", "unload"):
                run = run_gateway("models", command, "ebm", "--triton", url)
                assert run.returncode == 1 and b"--model-control-mode=explicit" in run.stderr
            assert b"READY" in run_gateway("models", "list", "--triton", url).stdout
    finally:
        server.shut_down()


def test_without_a_server_the_commands_say_so(triton: TritonURLs) -> None:
    run = run_gateway("models", "list", "--triton", "http://127.0.0.1:1")
    assert run.returncode == 1 and b"cannot be reached" in run.stderr
    assert run_gateway("models", "list", "--triton", triton.http_url).returncode == 0
