"""The Model Context Protocol at /mcp, spoken by the protocol's official Python client over a real gateway and Triton."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from essays import PERSONAL, POLISHED, words
from fault_proxy import FaultProxy, stall
from gateway_process import Gateway, StartGateway, eventually, run_gateway
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from triton_process import TritonURLs
from wire import JSON, head

# With the handshake of 2025 and without one, as of 2026.
ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28"}


def with_client(gateway: Gateway, mode: str, body: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(f"http://127.0.0.1:{gateway.port}/mcp", mode=mode) as client:
            return await body(client)

    return asyncio.run(run())


def message(method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


@pytest.mark.parametrize("mode", ERAS)
def test_the_official_client_connects_and_lists_the_tools(gateway: Gateway, mode: str) -> None:
    async def body(client: Client) -> Any:
        return client.protocol_version, client.server_info, client.instructions, await client.list_tools()

    version, server, instructions, listed = with_client(gateway, mode, body)
    assert version == ERAS[mode]
    assert server.name == "essay-gateway" and "never accuse" in instructions
    assert [tool.name for tool in listed.tools] == ["analyze_essay", "explain_feature", "list_models"]


@pytest.mark.parametrize("mode", ERAS)
def test_an_essay_gets_the_verdict_of_the_http_route(gateway: Gateway, mode: str) -> None:
    """The client checks structured content against the tool's own schema."""
    expected = gateway.analyze(POLISHED).json
    result = with_client(gateway, mode, lambda client: client.call_tool("analyze_essay", {"text": POLISHED}))
    assert not result.is_error
    verdict = result.structured_content
    for field in ("verdict", "probability_ai", "reasons", "thresholds", "false_positives", "passages", "explanation", "words"):
        assert verdict[field] == expected[field], field
    told = result.content[0].text
    assert told.startswith(f"Verdict: {expected['verdict']}.")
    assert f"{expected['false_positives']['humans_scoring_this_high']} (" in told
    assert expected["explanation"]["terms"][0]["sentence"] in told
    assert not any(sentence.strip() in told for sentence in POLISHED.split(".") if sentence.strip())


def test_too_few_words_are_an_answer_and_no_text_is_an_error(gateway: Gateway) -> None:
    async def body(client: Client) -> Any:
        return [await client.call_tool("analyze_essay", arguments) for arguments in ({"text": words(20)}, {"text": " "}, {})]

    short, empty, missing = with_client(gateway, "auto", body)
    assert short.structured_content["verdict"] == "uncertain"
    assert "too_short" in [reason["code"] for reason in short.structured_content["reasons"]]
    assert empty.is_error and empty.content[0].text.startswith("empty_text: ")
    assert missing.is_error and missing.content[0].text.startswith("missing_text: ")


def test_features_are_explained_with_what_is_usual(gateway: Gateway) -> None:
    term = next(
        feature for term in gateway.analyze(PERSONAL).json["explanation"]["terms"] for feature in term["features"]
    )

    async def body(client: Client) -> Any:
        return await client.call_tool("explain_feature", {"name": term["name"], "value": term["value"]})

    told = with_client(gateway, "auto", body).structured_content
    for field in ("name", "value", "human_median", "ai_median", "human_percentile", "ai_percentile"):
        assert told[field] == term[field], field
    definition = next(entry for entry in gateway.get("/v1/features").json["features"] if entry["name"] == term["name"])
    assert {field: told[field] for field in ("unit", "definition", "formula")}.items() <= definition.items()


def test_the_models_are_listed(gateway: Gateway) -> None:
    result = with_client(gateway, "legacy", lambda client: client.call_tool("list_models", {}))
    assert result.structured_content["status"] == "ready"
    assert {model["name"]: model["status"] for model in result.structured_content["models"]} == {
        "bert_bilstm": "ready", "bert_classifier": "ready", "ngram_classifier": "ready", "sentence_encoder": "ready",
        "ebm": "ready",
    }  # fmt: skip


@pytest.mark.parametrize("mode", ERAS)
def test_unknown_tools_are_errors_of_the_protocol(gateway: Gateway, mode: str) -> None:
    async def body(client: Client) -> None:
        with pytest.raises(MCPError, match="no such tool; there are analyze_essay"):
            await client.call_tool("sing", {})

    with_client(gateway, mode, body)


def test_only_posts_are_taken(gateway: Gateway) -> None:
    assert gateway.get("/mcp", {"Accept": "text/event-stream"}).status == 405
    assert gateway.post(message("ping"), JSON | {"Origin": "https://evil.example"}, "/mcp").status == 403


def test_a_key_opens_the_route_and_nothing_else_does(
    triton: TritonURLs, start_gateway: StartGateway, tmp_path: Path
) -> None:
    file = tmp_path / "keys.json"
    key = run_gateway("keys", "create", "assistant", "--file", str(file)).stdout.decode().strip()
    gateway = start_gateway(triton.http_url, {"AUTH_KEYS_FILE": str(file)})
    gateway.wait_until("ready")
    assert gateway.post(message("tools/list"), path="/mcp").status == 401

    async def run() -> Any:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=45) as http:
            async with Client(streamable_http_client(f"http://127.0.0.1:{gateway.port}/mcp", http_client=http)) as client:
                return await client.call_tool("analyze_essay", {"text": PERSONAL})

    assert asyncio.run(run()).structured_content["verdict"] in ("human", "ai", "uncertain")


def test_failures_are_logged_by_their_code_and_never_with_text(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LOG_FORMAT": "json"})
    gateway.wait_until("ready")
    call = message("tools/call", name="analyze_essay", arguments={"text": " \n "})
    reply = gateway.post(call, path="/mcp")
    assert reply.status == 200 and reply.json["result"]["isError"] is True
    gateway.post(message("sing"), path="/mcp")
    lines = [json.loads(line) for line in gateway.log_text().splitlines() if line.startswith("{")]
    codes = [line["code"] for line in lines if line.get("route") == "/mcp"]
    assert codes == ["empty_text", "not_found"]


def test_a_client_that_leaves_ends_its_analysis(triton: TritonURLs, start_gateway: StartGateway) -> None:
    with FaultProxy(triton.http_url) as proxy:
        gateway = start_gateway(proxy.own_url)
        gateway.wait_until("ready")
        proxy.fault = stall
        body = message("tools/call", name="analyze_essay", arguments={"text": PERSONAL})
        connection = gateway.connect().send(head("POST", "/mcp", JSON | {"Content-Length": str(len(body))}) + body)
        eventually(lambda: len(proxy.infer_paths()) == 4, 5, "the first wave's calls are under way")
        connection.socket.close()
        eventually(lambda: len(proxy.abandoned) == 4, 2, "the calls are given up")
        proxy.fault = None
        assert gateway.analyze(POLISHED).status == 200


def test_the_admission_counts_essays_of_both_routes(triton: TritonURLs, start_gateway: StartGateway) -> None:
    with FaultProxy(triton.http_url) as proxy:
        gateway = start_gateway(proxy.own_url, {"LIMITS_MAX_IN_FLIGHT": "1"})
        gateway.wait_until("ready")
        proxy.fault = stall
        body = message("tools/call", name="analyze_essay", arguments={"text": PERSONAL})
        with gateway.connect().send(head("POST", "/mcp", JSON | {"Content-Length": str(len(body))}) + body):
            eventually(lambda: len(proxy.infer_paths()) == 4, 5, "the first wave's calls are under way")
            assert gateway.analyze(POLISHED).code == "overloaded"
            refused = gateway.post(body, path="/mcp").json["result"]
            assert refused["isError"] and refused["content"][0]["text"].startswith("overloaded: ")
        proxy.fault = None
