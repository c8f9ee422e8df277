"""`gateway analyze` over many files: folders and patterns, results in a file, an interrupted run that is continued."""

import csv
import io
import json
import signal
import subprocess
from pathlib import Path

import pytest
from essays import PERSONAL, POLISHED, long_essay
from gateway_process import binary, environment, eventually, run_gateway
from triton_process import TritonURLs


@pytest.fixture
def essays(tmp_path: Path) -> Path:
    folder = tmp_path / "essays"
    (folder / "class b").mkdir(parents=True)
    (folder / "ada, 1.txt").write_text(PERSONAL)
    (folder / 'ben "b".md').write_text(POLISHED)
    (folder / "class b" / "cy.txt").write_text(PERSONAL)
    (folder / "class b" / "empty.txt").write_text("")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text())))


def test_a_folder_becomes_a_table(triton: TritonURLs, essays: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.csv"
    run = run_gateway("analyze", str(essays), "--output", str(output), "--triton", triton.http_url)
    assert run.returncode == 1, "one essay is empty"
    told = rows(output)
    names = ["ada, 1.txt", 'ben "b".md', "class b/cy.txt", "class b/empty.txt"]
    assert [row["id"] for row in told] == [f"{essays}/{name}" for name in names]
    assert [row["error_code"] for row in told] == ["", "", "", "empty_text"]
    for row in told[:3]:
        assert row["verdict"] in ("human", "ai", "uncertain") and 0 <= float(row["probability_ai"]) <= 1
        assert row["bert_bilstm_version"] == "1" and float(row["ebm_logit"]) and row["degraded"] == "false"
    summary = run.stderr.decode()
    assert summary.startswith("4 texts: 3 analysed") and "1 failed (1 empty_text)" in summary and run.stdout == b""

    (essays / "class b" / "empty.txt").write_text(POLISHED)
    run = run_gateway("analyze", str(essays), "--output", str(output), "--triton", triton.http_url)
    assert run.returncode == 0 and "1 texts: 1 analysed" in run.stderr.decode() and "3 answered before" in run.stderr.decode()
    assert rows(output)[:3] == told[:3] and rows(output)[3]["verdict"] and len(rows(output)) == 4


def test_patterns_and_formats(triton: TritonURLs, essays: Path, tmp_path: Path) -> None:
    run = run_gateway("analyze", f"{essays}/**/*.txt", "--format", "csv", "--triton", triton.http_url)
    assert len(list(csv.DictReader(io.StringIO(run.stdout.decode())))) == 3
    for arguments in (["--output", "x.dat"], ["--output", "x.csv", "--format", "text"], ["--overwrite"]):
        assert run_gateway("analyze", str(essays), *arguments).returncode == 64
    run = run_gateway("analyze", f"{essays}/*.pdf", "--triton", triton.http_url)
    assert run.returncode == 1 and b"no file has such a name" in run.stderr


def test_an_interrupted_run_is_continued(triton: TritonURLs, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    sent = b"".join(
        json.dumps({"id": number, "text": f"Essay {number}. {long_essay(4)}"}).encode() + b"\n" for number in range(30)
    )
    command = ["analyze", "--jsonl", "--output", str(output), "--triton", triton.grpc_url]
    first = subprocess.Popen(
        [binary(), *command], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    )  # fmt: skip
    assert first.stdin is not None
    first.stdin.write(sent)
    first.stdin.close()
    eventually(lambda: output.exists() and output.read_bytes().count(b"\n") >= 4, 60, "four results")
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    before = [json.loads(line) for line in output.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    assert 4 <= len(before) < 30
    with output.open("ab") as file:
        file.write(b'{"id": 29, "verdi')  # as if it had been cut off in mid-line

    run = run_gateway(*command, stdin=sent, timeout=120)
    assert run.returncode == 0, run.stderr
    told = [json.loads(line) for line in output.read_text().splitlines()]
    assert [result["id"] for result in told] == list(range(30))
    assert told[: len(before)] == before, "what was answered is not asked for again"
    assert f"{30 - len(before)} texts" in run.stderr.decode()


def test_a_file_of_something_else_is_left_alone(triton: TritonURLs, essays: Path, tmp_path: Path) -> None:
    diary = tmp_path / "diary.jsonl"
    diary.write_text("Dear diary\n")
    run = run_gateway("analyze", str(essays), "--output", str(diary), "--triton", triton.http_url)
    assert run.returncode == 1 and b"--overwrite" in run.stderr and diary.read_text() == "Dear diary\n"


def test_features_take_files_too(essays: Path) -> None:
    run = run_gateway("features", str(essays / "ada, 1.txt"), f"{essays}/*.md")
    assert run.returncode == 0, run.stderr
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert [result["id"] for result in told] == [f"{essays}/ada, 1.txt", f'{essays}/ben "b".md']
    assert told[0]["features"] != told[1]["features"]
