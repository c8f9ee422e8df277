"""The command line: what scripts rely on. Results on standard output, what is wrong on standard error and as exit status."""

import json
import os
import pty
import subprocess
import time
from pathlib import Path

import pytest
from essays import MARKED_UP, PERSONAL, POLISHED, long_essay, words
from gateway_process import Gateway, binary, environment, run_gateway
from triton_process import TritonURLs


def lines(*objects: object) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in objects)


def results(output: bytes) -> list[dict]:
    assert output == b"" or output.endswith(b"\n")
    return [json.loads(line) for line in output.splitlines()]


# --- analyze FILES ----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "personal.txt").write_text(PERSONAL, encoding="utf-8")
    (tmp_path / "marked up.md").write_text(MARKED_UP, encoding="utf-8")
    return [str(tmp_path / "personal.txt"), str(tmp_path / "marked up.md")]


def test_files_get_a_summary_each(triton: TritonURLs, files: list[str]) -> None:
    run = run_gateway("analyze", "--triton", triton.http_url, *files)
    assert run.returncode == 0, run.stderr
    headlines = [line for line in run.stdout.decode().splitlines() if not line.startswith("  ")]
    for name, line in zip(files, headlines, strict=True):
        assert line.startswith(f"{name}: ") and line.split(": ")[1].split(",")[0] in ("human", "ai", "uncertain")
        assert "probability of AI" in line
    assert run.stderr == b"", "no progress bar where there is no terminal"


def test_files_give_json_when_asked(triton: TritonURLs, files: list[str], gateway: Gateway) -> None:
    run = run_gateway("analyze", "--json", "--triton", triton.grpc_url, *files)
    assert run.returncode == 0, run.stderr
    told = results(run.stdout)
    assert [result["id"] for result in told] == files
    for result, text in zip(told, (PERSONAL, MARKED_UP), strict=True):
        served = gateway.analyze(text).json
        assert {**result, "request_id": "", "timings": {}, "models": []}.keys() == {**served, "id": ""}.keys()
        for field in ("verdict", "probability_ai", "features", "passages", "hygiene", "explanation"):
            assert result[field] == served[field], field


def test_standard_input_is_read_where_no_file_is_named(triton: TritonURLs) -> None:
    run = run_gateway("analyze", "--json", "--triton", triton.http_url, stdin=PERSONAL.encode())
    assert run.returncode == 0, run.stderr
    (result,) = results(run.stdout)
    assert result["words"] == len(PERSONAL.split())


def test_files_that_cannot_be_read_are_reported_and_the_others_analysed(
    triton: TritonURLs, files: list[str], tmp_path: Path
) -> None:
    latin, missing, empty = tmp_path / "latin1.txt", tmp_path / "missing.txt", tmp_path / "empty.txt"
    latin.write_bytes("un café très bon".encode("latin-1"))
    empty.write_bytes(b"")
    names = [str(latin), files[0], str(missing), str(empty), files[1]]

    run = run_gateway("analyze", "--triton", triton.http_url, *names)
    assert run.returncode == 1
    assert [line for line in run.stdout.decode().splitlines() if not line.startswith("  ")][0].startswith(files[0])
    complaints = run.stderr.decode().splitlines()
    assert [line.split(": ")[0] for line in complaints] == [names[0], names[2], names[3]]
    assert "UTF-8" in complaints[0] and "cannot be read" in complaints[1] and "empty" in complaints[2]

    run = run_gateway("analyze", "--json", "--triton", triton.http_url, *names)
    assert run.returncode == 1
    told = results(run.stdout)
    assert [result["id"] for result in told] == names
    codes = [result.get("error", {}).get("code") for result in told]
    assert codes == ["invalid_text", None, "not_found", "empty_text", None]


# --- analyze --jsonl --------------------------------------------------------------------------------------------------

BAD_LINES: list[tuple[bytes, object, str]] = [
    (b'{"id": "cut", "text": "abc', None, "malformed_json"),
    (b"not JSON", None, "malformed_json"),
    (b'["an", "array"]', None, "malformed_json"),
    (b'{"id": "latin1", "text": "caf\xe9"}', None, "malformed_json"),
    (rb'{"id": "lone", "text": "\ud800"}', None, "malformed_json"),
    (b'{"id": "twice", "text": "a", "text": "b"}', None, "malformed_json"),
    (b'{"id": "no text"}', "no text", "missing_text"),
    (b'{"id": 17, "text": 4}', 17, "invalid_text"),
    (b'{"id": "null", "text": null}', "null", "invalid_text"),
]


def test_lines_come_back_in_order_with_errors_in_their_places(triton: TritonURLs) -> None:
    texts = [long_essay(6), words(60), PERSONAL, words(10), POLISHED]
    good = [json.dumps({"id": f"essay {n}", "text": text, "source": "mine"}).encode() for n, text in enumerate(texts)]
    sent: list[bytes] = []
    expected: list[tuple[object, str | None]] = []
    for number, (line, identity, code) in enumerate(BAD_LINES):
        sent += [line, good[number % len(good)]]
        expected += [(identity, code), (f"essay {number % len(good)}", None)]
    sent.insert(1, b"  ")  # a blank line has no result

    run = run_gateway("analyze", "--jsonl", "--concurrency", "4", "--triton", triton.http_url, stdin=b"\n".join(sent))
    assert run.returncode == 1
    told = results(run.stdout)
    assert [(result["id"], result.get("error", {}).get("code")) for result in told] == expected
    for result in told:
        if "error" in result:
            assert set(result) == {"id", "error"} and result["error"]["message"]
        else:
            assert result["verdict"] in ("human", "ai", "uncertain") and len(result["models"]) == 4


def test_lines_without_a_fault_end_with_status_0(triton: TritonURLs) -> None:
    sent = lines({"id": 1, "text": PERSONAL}, {"id": 2.5, "text": words(60)}, {"id": None, "text": words(60)}, {"text": words(60)})
    run = run_gateway("analyze", "--jsonl", "--triton", triton.grpc_url, stdin=sent)
    assert run.returncode == 0, run.stderr
    assert [result["id"] for result in results(run.stdout)] == [1, 2.5, None, None]
    assert run_gateway("analyze", "--jsonl", "--triton", triton.http_url).returncode == 0


def test_without_triton_every_line_says_so() -> None:
    run = run_gateway("analyze", "--jsonl", "--triton", "http://127.0.0.1:1", stdin=lines({"id": 1, "text": PERSONAL}, {"id": 2, "text": POLISHED}))
    assert run.returncode == 1
    assert [(result["id"], result["error"]["code"]) for result in results(run.stdout)] == [(1, "not_ready"), (2, "not_ready")]


def test_a_terminal_sees_progress(triton: TritonURLs) -> None:
    master, slave = pty.openpty()
    run = subprocess.run(
        [binary(), "analyze", "--jsonl", "--triton", triton.http_url],
        input=lines(*({"id": n, "text": words(60)} for n in range(3))), stdout=subprocess.PIPE, stderr=slave,
        env=environment(), timeout=60, check=False,
    )  # fmt: skip
    os.close(slave)
    shown = os.read(master, 1 << 16).decode()
    os.close(master)
    assert run.returncode == 0 and len(results(run.stdout)) == 3
    assert "essays" in shown and "/s" in shown and shown.count("\r") >= 1


# --- features, tokenize, clean ----------------------------------------------------------------------------------------


def test_features_are_the_ones_that_are_served(triton: TritonURLs, gateway: Gateway) -> None:
    sent = lines({"id": "p", "text": PERSONAL}, {"id": "m", "text": MARKED_UP})
    served = [gateway.analyze(text).json["features"] for text in (PERSONAL, MARKED_UP)]
    alone = run_gateway("features", "--jsonl", stdin=sent)
    assert alone.returncode == 0, alone.stderr
    for result, features in zip(results(alone.stdout), served, strict=True):
        assert set(result) == {"id", "features"}
        assert result["features"] == {n: v for n, v in features.items() if not n.startswith("semantic_flow_")}
    whole = run_gateway("features", "--jsonl", "--triton", triton.http_url, stdin=sent)
    assert whole.returncode == 0, whole.stderr
    assert [result["features"] for result in results(whole.stdout)] == served


def test_tokens_are_of_the_text_as_given() -> None:
    text = "**Caf\u00e9** \u200bna\u00efve"
    run = run_gateway("tokenize", "--jsonl", stdin=lines({"id": "t", "text": text}))
    assert run.returncode == 0, run.stderr
    (result,) = results(run.stdout)
    assert set(result) == {"id", "ids", "offsets", "windows"}
    assert result["windows"] == [[1, 7]]
    assert (result["ids"][0], result["ids"][-1]) == (101, 102)
    assert result["offsets"][0] == result["offsets"][-1] == [0, 0]
    data = text.encode()
    pieces = [data[start:end].decode() for start, end in result["offsets"][1:-1]]
    assert pieces == ["*", "*", "Caf\u00e9", "*", "*", "na\u00efve"]


def test_no_token_is_cut_away() -> None:
    run = run_gateway("tokenize", "--jsonl", "--window-overlap", "16", stdin=lines({"id": 1, "text": "a " * 5000}))
    (result,) = results(run.stdout)
    assert len(result["ids"]) == 5002
    windows = result["windows"]
    assert (windows[0][0], windows[-1][1]) == (1, 5001)
    assert all(start < end <= start + 254 for start, end in windows)
    assert all(left[1] - right[0] == 16 for left, right in zip(windows, windows[1:]))


def test_cleaning_can_be_looked_at() -> None:
    run = run_gateway("clean", "--jsonl", stdin=lines({"id": 1, "text": "# Title\n\nSome *fine* te\u200bxt &amp; more."}))
    assert run.returncode == 0, run.stderr
    (result,) = results(run.stdout)
    assert set(result) == {"id", "text", "hygiene"}
    assert "Some fine text & more." in result["text"] and "#" not in result["text"]
    assert result["hygiene"]["html_entities"] == 1 and result["hygiene"]["zero_width_characters"] == 1


@pytest.mark.parametrize("command", ["features", "tokenize", "clean"])
def test_lines_that_cannot_be_processed_have_their_place_everywhere(command: str) -> None:
    sent = [line for line, _, _ in BAD_LINES]
    run = run_gateway(command, "--jsonl", stdin=b"\n".join([*sent, lines({"id": "good", "text": PERSONAL})]))
    assert run.returncode == 1
    told = results(run.stdout)
    assert [(r["id"], r["error"]["code"]) for r in told[:-1]] == [(identity, code) for _, identity, code in BAD_LINES]
    assert told[-1]["id"] == "good" and "error" not in told[-1]


@pytest.mark.parametrize("command", ["features", "tokenize", "clean"])
def test_a_line_of_hostile_text_does_not_stop_the_others(command: str) -> None:
    texts = ["", "\u0301" * 50_000, "a\u0301\u0323" * 50_000, "\U0001f1e9" * 100_000, "[" * 100_000, "\x01\x7f\ufffe\U0010ffff"]
    begin = time.monotonic()
    run = run_gateway(command, "--jsonl", stdin=lines(*({"id": n, "text": text} for n, text in enumerate(texts))))
    assert [result["id"] for result in results(run.stdout)] == list(range(len(texts)))
    assert time.monotonic() - begin < 10


# --- usage and settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["analyse"], ["serve", "--prot", "1"], ["analyze", "--jsonl", "a.txt"], ["features"], ["tokenize"], ["analyze", "--concurrency", "0"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_status_64_and_said(arguments: list[str]) -> None:
    run = run_gateway(*arguments, timeout=5)
    assert run.returncode == 64 and b"Error: " in run.stderr and run.stdout == b""


def test_help_names_the_commands() -> None:
    run = run_gateway("--help")
    assert run.returncode == 0
    for command in ("serve", "analyze", "features", "tokenize", "clean"):
        assert command in run.stdout.decode()
