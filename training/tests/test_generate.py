"""Mad-lib generation against a local server that speaks the chat protocol."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer, Reply, completion, essay

from training.generate.__main__ import main
from training.generate.store import read_lines

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-a-key-that-nobody-may-see"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("CLEARML_", "OPENAI_")):
            monkeypatch.delenv(name)


def arguments(server: ChatServer, folder: Path, *more: str) -> list[str]:
    return ["--base-url", server.url, "--output", str(folder), "--models", "small", "large", "--prompts", "6",
            "--requests-per-minute", "1e6", "--first-wait", "0.001", *more]


def essays(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "essays.jsonl").read_text().splitlines()]


def test_every_prompt_goes_to_every_model_and_what_comes_back_is_a_row_of_training_data(
    server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert main(arguments(server, tmp_path)) == 0
    rows = essays(tmp_path)
    assert len(rows) == len({row["id"] for row in rows}) == len(server.requests) == 12
    for row in rows:
        assert (row["label"], row["source"], row["finish_reason"]) == ("ai", "generated", "stop")
        assert row["prompt"] in row["text"] and row["text"].endswith(row["generator"])
        assert set(row["slots"]) == {
            "genre", "topic", "words", "grade", "persona", "tone", "template", "evasion"}
        for slot in ("genre", "topic", "words", "grade", "persona", "tone", "evasion"):
            assert row["slots"][slot].lower() in row["prompt"].lower(), slot
        (sent,) = (body for body in server.requests
                   if body["model"] == row["generator"] and body["messages"][-1]["content"] == row["prompt"])
        assert {name: sent[name] for name in row["parameters"]} == row["parameters"]
        assert set(row["parameters"]) == {"temperature", "top_p", "max_tokens", "seed"}
        roles = [message["role"] for message in sent["messages"]]
        assert roles == (["system", "user"] if row["system"] else ["user"])
    by_model = {model: {row["prompt"] for row in rows if row["generator"] == model} for model in ("small", "large")}
    assert by_model["small"] == by_model["large"] and len(by_model["small"]) == 6
    assert set(server.paths) == {"/v1/chat/completions"}
    assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    output = capsys.readouterr()
    assert not any(KEY in text for text in (output.out, output.err, *(p.read_text() for p in tmp_path.iterdir())))


def test_what_is_there_is_not_asked_for_again_and_more_prompts_are_more(server: ChatServer, tmp_path: Path) -> None:
    assert main(arguments(server, tmp_path)) == 0
    before = (tmp_path / "essays.jsonl").read_bytes()
    assert main(arguments(server, tmp_path)) == 0
    assert len(server.requests) == 12 and (tmp_path / "essays.jsonl").read_bytes() == before
    assert main(arguments(server, tmp_path, "--prompts", "8", "--seed", "0")) == 0
    assert len(server.requests) == 16 and (tmp_path / "essays.jsonl").read_bytes().startswith(before)


def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    answered, go = threading.Event(), threading.Event()

    def behaviour(number: int, body: dict) -> Reply:
        if number >= 5:
            answered.set()
            go.wait()
        return essay(body)

    server = ChatServer(behaviour)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "training.generate", *arguments(server, tmp_path, "--concurrency", "1")], cwd=ROOT,
            stderr=subprocess.DEVNULL)
        assert answered.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(essays(tmp_path)) == 5
        with (tmp_path / "essays.jsonl").open("a") as file:
            file.write('{"id": "generated-0123", "text": "half a li')
        saved = {(row["prompt"], row["generator"]) for row in read_lines(tmp_path / "essays.jsonl")}
        server.requests.clear()
        server.behaviour = lambda number, body: essay(body)
        go.set()
        assert main(arguments(server, tmp_path)) == 0
    finally:
        server.close()
    assert len(server.requests) == 7
    assert not saved & {(body["messages"][-1]["content"], body["model"]) for body in server.requests}
    rows = read_lines(tmp_path / "essays.jsonl")
    assert len(rows) == len({row["id"] for row in rows}) == 12


TROUBLE = {
    "busy": Reply(429, b"{}", {"Retry-After": "0"}),
    "busy, without saying how long": Reply(429, b"slow down"),
    "broken": Reply(500, b"{}"),
    "away": Reply(503, b"<html>", {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    "overloaded, oddly put": Reply(529, b"", {"Retry-After": "soon"}),
    "not JSON": Reply(200, b"<html>it works</html>"),
    "not UTF-8": Reply(200, b"\xff\xfe{"),
    "no choices": Reply(200, b'{"choices": []}'),
    "another shape": Reply(200, b'{"choices": "none"}'),
    "a list": Reply(200, b"[1]"),
    "no text": completion(None),
    "white space": completion(" \n"),
    "a number": completion(7),
    "a short body": Reply(200, b"{", {"Content-Length": "100", "Connection": "close"}),
}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE.keys())
def test_after_trouble_it_tries_again(tmp_path: Path, trouble: Reply) -> None:
    server = ChatServer(lambda number, body: trouble if number < 3 else essay(body))
    try:
        assert main(arguments(server, tmp_path, "--timeout", "20")) == 0
    finally:
        server.close()
    assert len(server.requests) == 15 and len(essays(tmp_path)) == 12


def test_a_reply_that_does_not_come_is_asked_for_again(tmp_path: Path) -> None:
    done = threading.Event()

    def behaviour(number: int, body: dict) -> Reply:
        if number == 0:
            done.wait()
        return essay(body)

    server = ChatServer(behaviour)
    try:
        assert main(arguments(server, tmp_path, "--timeout", "1", "--concurrency", "1")) == 0
    finally:
        done.set()
        server.close()
    assert len(server.requests) == 13 and len(essays(tmp_path)) == 12


def test_what_fails_to_the_end_is_told_and_left_for_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture,
) -> None:
    server = ChatServer(lambda number, body: Reply(500) if body["model"] == "large" else essay(body))
    try:
        assert main(arguments(server, tmp_path, "--attempts", "2")) == 1
        assert "6 without an essay: large: status 500 (2 attempts)" in capsys.readouterr().err
        assert {row["generator"] for row in essays(tmp_path)} == {"small"} and len(server.requests) == 18
        server.behaviour = lambda number, body: essay(body)
        assert main(arguments(server, tmp_path)) == 0
        assert len(essays(tmp_path)) == 12
    finally:
        server.close()


@pytest.mark.parametrize(
    ("reply", "words"),
    [(Reply(401), "--key-env"), (Reply(403), "--key-env"), (Reply(404), "--models"),
     (Reply(429, b"", {"Retry-After": "86400"}), "86400 s of patience")])
def test_what_cannot_get_better_stops_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture, reply: Reply, words: str,
) -> None:
    server = ChatServer(lambda number, body: reply)
    try:
        assert main(arguments(server, tmp_path, "--concurrency", "2")) == 1
    finally:
        server.close()
    assert len(server.requests) <= 2
    assert words in capsys.readouterr().err


def test_a_request_that_the_server_does_not_like_is_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    server = ChatServer(lambda number, body: Reply(400, b"use max_completion_tokens"))
    try:
        assert main(arguments(server, tmp_path)) == 1
    finally:
        server.close()
    assert len(server.requests) == 12 and "use max_completion_tokens" in capsys.readouterr().err


def test_refusals_and_scraps_are_not_essays(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    declined = "I\u2019m sorry, but I can't help with that. " * 20
    replies = {"small": completion(declined), "large": completion("Too short.")}
    server = ChatServer(lambda number, body: replies[body["model"]])
    try:
        assert main(arguments(server, tmp_path)) == 1
    finally:
        server.close()
    told = capsys.readouterr().err
    assert "6 without an essay: small: the model declined" in told
    assert "6 without an essay: large: 2 words, fewer than 50" in told
    assert essays(tmp_path) == []


def test_no_more_requests_at_once_than_allowed(tmp_path: Path) -> None:
    together = threading.Barrier(3)

    def behaviour(number: int, body: dict) -> Reply:
        together.wait(30)  # broken, and an error, unless three are there at once
        return essay(body)

    server = ChatServer(behaviour)
    try:
        assert main(arguments(server, tmp_path, "--concurrency", "3")) == 0
    finally:
        server.close()
    assert server.most == 3


def test_more_rounds_need_something_to_learn_from(server: ChatServer, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments(server, tmp_path, "--rounds", "2"))
    assert end.value.code == 2 and server.requests == []


GATEWAY = """
import json, sys
assert sys.argv[1:] == ["analyze", "--jsonl", "--triton", "http://127.0.0.1:1"], sys.argv
for line in sys.stdin:
    essay = json.loads(line)
    fooled = "blunt" in essay["text"].lower()
    print(json.dumps({"id": essay["id"], "verdict": "human" if fooled else "ai",
                      "probability_ai": 0.1 if fooled else 0.995, "scoring_version": "7", "features": {}}))
"""


def test_hard_cases_are_kept_apart_and_their_slots_drawn_more_often(
    server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    (tmp_path / "gateway.py").write_text(GATEWAY)
    monkeypatch.setenv("GATEWAY_BIN", f"{sys.executable} {tmp_path / 'gateway.py'}")
    folder = tmp_path / "essays"
    mined = arguments(server, folder, "--prompts", "80", "--rounds", "3", "--triton", "http://127.0.0.1:1")
    assert main(mined) == 0
    rows, hard = essays(folder), read_lines(folder / "hard.jsonl")
    assert {row["id"] for row in hard} == {row["id"] for row in rows if "blunt" in row["text"].lower()}
    assert all((row["verdict"], row["probability_ai"], row["scoring_version"]) == ("human", 0.1, "7") for row in hard)
    assert len(read_lines(folder / "scored.jsonl")) == len(rows) == 480
    blunt = [sum(row["slots"]["tone"] == "blunt" for row in rows if row["round"] == turn) for turn in range(3)]
    assert blunt[2] > 2 * blunt[0] > 0
    assert "times as often with tone: blunt" in capsys.readouterr().out

    # Again: nothing is asked for, nothing analysed, nothing changed.
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setenv("GATEWAY_BIN", "/bin/false")
    assert main(mined) == 0
    assert len(server.requests) == 480 and {path.name: path.read_bytes() for path in folder.iterdir()} == before
