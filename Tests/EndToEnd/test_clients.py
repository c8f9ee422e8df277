"""docs/clients.md, block by block, against a live gateway: what does not run there is not in the document."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from gateway_process import ROOT, Gateway

DOCUMENT = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")


@dataclass
class Block:
    language: str
    section: str
    code: str


def blocks(*languages: str) -> list[Block]:
    found, section = [], ""
    for heading, language, code in re.findall(r"^## ([^\n]+)$|^```(\w+)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL):
        section = heading or section
        if language in languages:
            found.append(Block(language, section, code))
    return found


def run(block: Block, gateway: Gateway, command: list[str]) -> str:
    address = {"GATEWAY_URL": f"http://127.0.0.1:{gateway.port}", "GATEWAY_KEY": "none"}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | address, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{block.code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("block", blocks("sh"), ids=lambda block: block.section)
def test_shell(gateway: Gateway, block: Block) -> None:
    output = run(block, gateway, ["sh", "-eu", "-c", block.code])
    expected = {
        '/v1/analyze"': '"verdict":', "/v1/analyze/batch": '"analyzed":2', "/v1/models": '"ensembles":',
        "/serve/": '{"bert_predictions":[', "/mcp": '"result":', "export": "",
    }  # fmt: skip
    matching = [words for part, words in expected.items() if part in block.code]
    assert len(matching) == 1, f"nothing is known of this block: {block.code}"
    assert matching[0] in output


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.section)
def test_python(gateway: Gateway, block: Block) -> None:
    output = run(block, gateway, [sys.executable, "-c", block.code])
    assert re.search(r"^(human|ai|uncertain)\b", output, re.MULTILINE), output


def test_swift(gateway: Gateway, tmp_path: Path) -> None:
    (block,) = blocks("swift")
    source, program = tmp_path / "main.swift", tmp_path / "client"
    source.write_text(block.code, encoding="utf-8")
    built = subprocess.run(
        ["swiftc", "-swift-version", "6", "-o", program, source], capture_output=True, text=True, timeout=120, check=False
    )
    assert built.returncode == 0, built.stderr
    assert re.match(r"(human|ai|uncertain) [01]", run(block, gateway, [str(program)]))


def test_configuration_files_are_json() -> None:
    for block in blocks("json"):
        assert json.loads(block.code)["mcpServers"]["essays"]["url"].endswith("/mcp")
