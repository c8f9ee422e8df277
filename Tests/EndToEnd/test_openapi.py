"""The OpenAPI document: valid, true of what the gateway answers, and a reference for people made of it."""

import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from essays import GERMAN, MARKED_UP, PERSONAL, POLISHED, long_essay, words
from gateway_process import ROOT, Gateway, StartGateway, free_port, run_gateway
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from triton_process import Triton, TritonURLs
from wire import JSON, Reply, request, text_body


@pytest.fixture(scope="module")
def document(gateway: Gateway) -> dict[str, Any]:
    return gateway.get("/openapi.json").json


def check(document: dict[str, Any], method: str, path: str, reply: Reply) -> None:
    """The reply has a status, a media type, headers, fields and an error code that the document names for the route."""
    operation = document["paths"][path][method.lower()]
    assert str(reply.status) in operation["responses"], f"{method} {path} answered {reply.status}: {reply.body[:500]!r}"
    response = operation["responses"][str(reply.status)]
    media_type = reply.headers["content-type"].split(";")[0]
    assert media_type in response["content"], f"{method} {path}: {media_type}"
    content = response["content"][media_type]
    read = {"application/json": json.loads, "application/yaml": yaml.safe_load}.get(media_type, bytes.decode)
    validate(document, content["schema"], read(reply.body))
    for name, reference in response["headers"].items():
        header = document["components"]["headers"][reference["$ref"].rsplit("/", 1)[1]]
        value = reply.headers.get(name.lower())
        assert value or name != "X-Request-Id", f"{method} {path} has no {name}"
        if value:
            validate(document, header["schema"], int(value) if header["schema"]["type"] == "integer" else value)
    if "examples" in content:
        assert reply.code in content["examples"], f"{method} {path}: {reply.code} is not among its errors"


def validate(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    # References begin at the document's root.
    Draft202012Validator(schema | {"components": document["components"]}).validate(value)


# --- the document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi-action.json"])
def test_the_document_is_valid_openapi(gateway: Gateway, path: str) -> None:
    document = gateway.get(path).json
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_yaml_and_json_are_the_same_document(gateway: Gateway, document: dict[str, Any]) -> None:
    assert yaml.safe_load(gateway.get("/openapi.yaml").body) == document


def test_the_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            bodies = list(operation["responses"].values())
            bodies += [operation["requestBody"]] if "requestBody" in operation else []
            for content in (content for body in bodies for content in body.get("content", {}).values()):
                examples = [content["example"]] if "example" in content else []
                examples += [example["value"] for example in content.get("examples", {}).values()]
                assert examples, f"{method} {path}"
                for example in examples:
                    validate(document, content["schema"], example)


def test_the_public_url_is_the_documents_server(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"GATEWAY_PUBLIC_URL": "https://essays.example.org/"})
    for path in ("/openapi.json", "/openapi-action.json"):
        assert [server["url"] for server in gateway.get(path).json["servers"]] == ["https://essays.example.org"]


# --- the replies ------------------------------------------------------------------------------------------------------


def test_every_page_and_document_answers_as_described(gateway: Gateway, document: dict[str, Any]) -> None:
    asked = 0
    for path, item in document["paths"].items():
        if "get" in item and not any(parameter["required"] for parameter in item["get"].get("parameters", [])):
            check(document, "GET", path, gateway.get(path))
            asked += 1
    assert asked >= 9


@pytest.mark.parametrize("path", ["/v1/analyze", "/serve/bert_infer_demo"])
@pytest.mark.parametrize(
    "text", [PERSONAL, POLISHED, MARKED_UP, GERMAN, words(20), long_essay(20)],
    ids=["personal", "polished", "marked up", "German", "short", "long"],
)  # fmt: skip
def test_a_verdict_has_the_described_fields(gateway: Gateway, document: dict[str, Any], path: str, text: str) -> None:
    reply = gateway.post(text_body(text), path=path)
    assert reply.status == 200
    check(document, "POST", path, reply)


def test_an_answer_without_a_model_has_the_described_fields(
    private_triton: Triton, start_gateway: StartGateway, document: dict[str, Any]
) -> None:
    private_triton.unload("sentence_encoder")
    gateway = start_gateway(private_triton.http_url)
    gateway.wait_until("degraded")
    reply = gateway.analyze(PERSONAL)
    assert reply.json["degraded"] and reply.json["missing_models"]
    check(document, "POST", "/v1/analyze", reply)
    for path in ("/health/ready", "/v1/models"):
        check(document, "GET", path, gateway.get(path))


def test_without_triton_the_answers_are_as_described(start_gateway: StartGateway, document: dict[str, Any]) -> None:
    gateway = start_gateway(f"http://127.0.0.1:{free_port()}")
    for path in ("/health/ready", "/v1/models"):
        check(document, "GET", path, gateway.get(path))
    reply = gateway.analyze(PERSONAL)
    assert reply.status == 503
    check(document, "POST", "/v1/analyze", reply)


@pytest.mark.parametrize("path", ["/v1/analyze", "/serve/bert_infer_demo"])
@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"", JSON), (b"{", JSON), (b"{}", JSON), (b'{"text": 1}', JSON), (b'{"text": " "}', JSON), (text_body("a"), {}),
     (b'{"text": "a", "b": 1}', JSON), (text_body("a " * 40_000), JSON), (b" " * 1_100_000, JSON)],
    ids=["empty", "malformed", "no text", "a number", "blank", "no type", "two fields", "too long", "too large"],
)  # fmt: skip
def test_a_refusal_is_as_described(
    gateway: Gateway, document: dict[str, Any], path: str, body: bytes, headers: dict[str, str]
) -> None:
    check(document, "POST", path, gateway.post(body, headers, path=path))


def test_what_belongs_to_no_route_is_an_error_of_the_described_form(gateway: Gateway, document: dict[str, Any]) -> None:
    replies = [gateway.get("/nowhere"), request(gateway.port, "DELETE", "/v1/analyze")]
    assert [reply.code for reply in replies] == ["not_found", "method_not_allowed"]
    for reply in replies:
        validate(document, {"$ref": "#/components/schemas/Error"}, reply.json)


def test_a_term_of_the_model_is_told_as_described(gateway: Gateway, document: dict[str, Any]) -> None:
    terms = gateway.get("/v1/explain/global").json["terms"]
    assert terms
    pair = next(term["name"] for term in terms if "&" in term["name"])
    for name in (terms[0]["name"], pair, "no-such-feature"):
        check(document, "GET", "/v1/explain/global", gateway.get(f"/v1/explain/global?feature={quote(name)}"))


def test_the_protocol_of_assistants_answers_as_described(gateway: Gateway, document: dict[str, Any]) -> None:
    def message(**fields: Any) -> bytes:
        return json.dumps({"jsonrpc": "2.0", **fields}).encode()

    foreign = JSON | {"Origin": "https://evil.example"}
    bodies = [message(id=1, method="tools/list"), message(id="a", method="no/such"), b"[]", b"{", message(method="x")]
    statuses = [gateway.post(body, path="/mcp") for body in bodies]
    assert [reply.status for reply in statuses] == [200, 200, 400, 400, 400]
    for reply in [*statuses, gateway.post(bodies[0], foreign, path="/mcp"), gateway.post(bodies[0], {}, path="/mcp")]:
        check(document, "POST", "/mcp", reply)
    assert gateway.post(message(method="notifications/initialized"), path="/mcp").status == 202


def test_a_missing_key_is_refused_as_described(
    triton: TritonURLs, start_gateway: StartGateway, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    assert run_gateway("keys", "create", "test", "--file", str(keys)).returncode == 0
    gateway = start_gateway(triton.http_url, {"AUTH_KEYS_FILE": str(keys)})
    document = gateway.get("/openapi.json").json
    check(document, "POST", "/v1/analyze", gateway.analyze(PERSONAL))
    for path, item in document["paths"].items():
        if "get" in item:
            reply = gateway.get(path)
            check(document, "GET", path, reply)
            assert (reply.status == 401) == bool(item["get"]["security"]), path


# --- the reference for people -----------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page loads, links to and names, and whether its elements are closed in order."""

    VOID = {"meta", "link", "br", "hr", "img", "input"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.addresses.append(value or "")
            assert not name.startswith("on") and name != "style", f"inline code: {name}"

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_reference_names_every_operation_field_and_error(gateway: Gateway, document: dict[str, Any]) -> None:
    page = Page(gateway.get("/docs").body.decode())
    for path, item in document["paths"].items():
        assert path in page.text
        for operation in item.values():
            assert operation["operationId"] in page.ids
    for schema in document["components"]["schemas"].values():
        for field in schema["properties"]:
            assert field in page.text
    for code in document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]:
        assert code in page.text


def test_the_reference_needs_no_script_and_nothing_from_elsewhere(gateway: Gateway) -> None:
    reply = gateway.get("/docs")
    page = Page(reply.body.decode())
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert not page.tags & {"script", "iframe", "img", "style", "object"}
    assert len(page.ids) == len(set(page.ids))
    for address in page.addresses:
        if address.startswith("#"):
            assert address[1:] in page.ids
        else:
            assert ":" not in address and gateway.get(f"/{address}").status == 200
    style = gateway.get("/docs.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert b"prefers-color-scheme: dark" in style.body and b"http" not in style.body and b"@import" not in style.body


# --- under fire -------------------------------------------------------------------------------------------------------


def test_requests_made_of_the_document_get_the_replies_that_it_names(gateway: Gateway, document: dict[str, Any]) -> None:
    """Half a minute of schemathesis; `make api-fuzz` takes ten."""
    settings = {"GATEWAY_URL": f"http://127.0.0.1:{gateway.port}", "SECONDS_TO_RUN": "30", "API_FUZZ_SEED": "20261127"}
    run = subprocess.run(
        [ROOT / "scripts" / "api-fuzz.sh"], env=os.environ | settings, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert "No issues found" in run.stdout
    # All of them, each with some request.
    counts = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", run.stdout)
    assert counts and len(set(counts.groups())) == 1 and int(counts[1]) > 25, run.stdout[-2_000:]
