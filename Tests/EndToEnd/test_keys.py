"""API keys from the command line to the request: made, handed out, rotated and revoked while the gateway runs."""

import re
import signal
import stat
from pathlib import Path

import pytest
from essays import words
from gateway_process import Gateway, StartGateway, eventually, run_gateway
from triton_process import TritonURLs
from wire import head, text_body

NOWHERE = "http://127.0.0.1:1"


def keys(command: str, *arguments: str, file: Path) -> str:
    """`gateway keys`, which must succeed; its standard output."""
    run = run_gateway("keys", command, *arguments, "--file", str(file))
    assert run.returncode == 0, run.stderr
    return run.stdout.decode().strip()


def key_id(key: str) -> str:
    return key.split("_")[1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def status(gateway: Gateway, key: str) -> int:
    return gateway.get("/v1/models", bearer(key)).status


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_is_shown_once_and_kept_as_a_digest(file: Path) -> None:
    key = keys("create", "teacher", "--rate", "60/min", "--concurrency", "4", "--expires", "90d", file=file)
    assert re.fullmatch(r"aoh_[A-Za-z0-9]{8}_[A-Za-z0-9]{43}", key)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key not in file.read_text() and key.split("_")[2] not in file.read_text()
    heading, row = keys("list", file=file).splitlines()
    columns = dict(zip(heading.split("\t"), row.split("\t"), strict=True))
    assert columns["id"] == key_id(key) and columns["name"] == "teacher" and columns["state"] == "active"
    assert columns["rate_per_minute"] == "60" and columns["concurrency"] == "4"


# Arguments of `gateway keys`, and a word that the message must hold.
WRONG_COMMANDS = {
    "a name with a space": (["create", "a b"], "NAME"),
    "a rate in words": (["create", "a", "--rate", "often"], "--rate"),
    "no place at all": (["create", "a", "--concurrency", "0"], "--concurrency"),
    "an end in the past": (["create", "a", "--expires", "2020-01-01"], "--expires"),
    "an end that is no time": (["create", "a", "--expires", "soon"], "--expires"),
    "a key that is not there": (["revoke", "AAAAAAAA"], "no key"),
}


@pytest.mark.parametrize("name", WRONG_COMMANDS)
def test_a_wrong_command_says_what_is_wrong_and_changes_nothing(file: Path, name: str) -> None:
    keys("create", "teacher", file=file)
    before = file.read_bytes()
    arguments, word = WRONG_COMMANDS[name]
    run = run_gateway("keys", *arguments, "--file", str(file))
    assert run.returncode != 0 and word in run.stderr.decode()
    assert file.read_bytes() == before


def test_a_file_that_is_none_is_not_overwritten(file: Path) -> None:
    file.write_text('{"keys": [')
    run = run_gateway("keys", "create", "teacher", "--file", str(file))
    assert run.returncode != 0 and b"keys.json" in run.stderr
    assert file.read_text() == '{"keys": ['


def test_only_a_good_key_gets_a_verdict(start_gateway: StartGateway, triton: TritonURLs, file: Path) -> None:
    key = keys("create", "teacher", file=file)
    gateway = start_gateway(triton.http_url, {"AUTH_KEYS_FILE": str(file), "LOG_FORMAT": "json"})
    gateway.wait_until("ready")  # The health checks need no key.
    essay = words(80)
    refused = gateway.analyze(essay)
    assert (refused.status, refused.code) == (401, "unauthorized")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert gateway.analyze(essay, bearer(key[:-1] + ("a" if key[-1] != "a" else "b"))).status == 401
    assert gateway.post(text_body(essay), path=f"/v1/analyze?key={key}").status == 401
    answered = gateway.analyze(essay, bearer(key))
    assert answered.status == 200 and answered.json["verdict"] in {"ai", "human", "uncertain"}
    assert gateway.analyze(essay, {"X-API-Key": key}).status == 200
    log = gateway.log_text()
    assert f'"key":"{key_id(key)}"' in log
    assert key not in log and key.split("_")[2] not in log


def test_a_refusal_does_not_wait_for_the_body(start_gateway: StartGateway, file: Path) -> None:
    keys("create", "teacher", file=file)
    gateway = start_gateway(NOWHERE, {"AUTH_KEYS_FILE": str(file), "LIMITS_BODY_TIMEOUT_MS": "1000"})
    with gateway.connect(timeout=5) as connection:
        fields = {"Content-Type": "application/json", "Content-Length": "100000"}
        reply = connection.send(head("POST", "/v1/analyze", fields)).reply()
        assert reply.status == 401
        # The body never comes: closed in time, without a second reply to the one request.
        assert connection.is_closed_by_peer()


def test_a_key_that_is_used_up_is_told_when_to_come_back(start_gateway: StartGateway, file: Path) -> None:
    key, other = keys("create", "a", "--rate", "3/min", file=file), keys("create", "b", file=file)
    gateway = start_gateway(NOWHERE, {"AUTH_KEYS_FILE": str(file)})
    assert [status(gateway, key) for _ in range(3)] == [200] * 3
    refused = gateway.get("/v1/models", bearer(key))
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert status(gateway, other) == 200


def test_keys_are_rotated_under_a_running_gateway(start_gateway: StartGateway, file: Path) -> None:
    first = keys("create", "teacher", file=file)
    gateway = start_gateway(NOWHERE, {"AUTH_KEYS_FILE": str(file)})
    assert status(gateway, first) == 200

    second = keys("create", "teacher", file=file)
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: status(gateway, second) == 200, 10, "the second key is known")
    assert status(gateway, first) == 200

    keys("revoke", key_id(first), file=file)
    # No signal: the gateway looks by itself.
    eventually(lambda: status(gateway, first) == 401, 15, "the first key is revoked")
    assert status(gateway, second) == 200


def test_a_broken_file_leaves_the_keys_in_force(start_gateway: StartGateway, file: Path) -> None:
    key = keys("create", "teacher", file=file)
    gateway = start_gateway(NOWHERE, {"AUTH_KEYS_FILE": str(file)})
    whole = file.read_bytes()
    file.write_text("{")
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the keys file cannot be used" in gateway.log_text(), 10, "the broken file is logged")
    assert status(gateway, key) == 200
    file.write_bytes(whole)
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: "keys loaded" in gateway.log_text(), 10, "the mended file is logged")
    assert status(gateway, key) == 200


def test_with_keys_every_address_may_be_listened_on(start_gateway: StartGateway, file: Path) -> None:
    refused = run_gateway("serve", "--host", "0.0.0.0", "--check-config")
    told = refused.stderr.decode()
    assert refused.returncode != 0 and len(told.strip().splitlines()) == 1
    assert "gateway keys create" in told and "AUTH_KEYS_FILE" in told
    key = keys("create", "teacher", file=file)
    gateway = start_gateway(NOWHERE, {"AUTH_KEYS_FILE": str(file)}, "--host", "0.0.0.0")
    assert gateway.get("/v1/models").status == 401
    assert status(gateway, key) == 200
