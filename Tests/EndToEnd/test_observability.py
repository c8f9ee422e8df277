"""Metrics, as Prometheus reads them from the running pair; alerts, runbooks and the dashboard that rest on them."""

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator

import pytest
import yaml
from essays import CANARY, PERSONAL, POLISHED, words
from gateway_process import ROOT, Gateway, StartGateway, eventually, free_port, running
from prometheus_process import CONFIGURATION, Prometheus
from triton_process import TritonURLs
from wire import JSON, request

ALERTS = [
    rule for group in yaml.safe_load((CONFIGURATION / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "gateway.json").read_text())
# Longer than a few scrapes of one second.
QUERIES = {
    f"{panel['title']}, {target['refId']}": target["expr"].replace("$__rate_interval", "30s")
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", [])
}
METRIC = re.compile(r"\b(?:gateway|process|nv)_[a-z0-9_]+")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def promtool(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, text=True, timeout=60, check=False)


def exposition(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as reply:
        return reply.read().decode()


def names_in(text: str) -> set[str]:
    """Every name that a query may use: a histogram has three."""
    names: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M):
        names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return names


@pytest.fixture(scope="module")
def watched(triton: TritonURLs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Prometheus]]:
    """A gateway that is watched from before its first essay: series must not begin with their first event."""
    folder = tmp_path_factory.mktemp("prometheus")
    with running(folder / "gateway.log", triton.http_url) as gateway:
        gateway.wait_until("ready")
        address = triton.metrics_url.removeprefix("http://").removesuffix("/metrics")
        prometheus = Prometheus(folder, {"gateway": f"127.0.0.1:{gateway.port}", "triton": address})
        try:
            prometheus.wait_until_scraped()
            assert [gateway.analyze(text).status for text in (PERSONAL, POLISHED, words(20))] == [200] * 3
            assert [gateway.post(b"{").status, gateway.get("/nowhere").status] == [400, 404]
            analyzed = 'sum(gateway_http_requests_total{route="/v1/analyze"}) == 4'
            eventually(lambda: prometheus.query(analyzed), 20, "the requests have been scraped")
            # Triton's own figures are of its last second.
            eventually(lambda: prometheus.query("count(nv_inference_count > 0) >= 4"), 20, "and Triton's inferences")
            yield gateway, prometheus
        finally:
            prometheus.stop()


# --- read back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('gateway_http_requests_total{route="/v1/analyze",status="200",code="ok"}', 3),
        ('gateway_http_requests_total{status="400",code="malformed_json"}', 1),
        ('gateway_http_requests_total{route="none",status="404",code="not_found"}', 1),
        ('gateway_http_request_duration_seconds_count{route="/v1/analyze"}', 4),
        ("sum(gateway_verdicts_total)", 3),
        ('gateway_abstentions_total{reason="too_short"}', 1),
        ("gateway_probability_ai_count", 3),
        ('gateway_probability_ai_bucket{le="+Inf"}', 3),
        ("gateway_feature_words_count", 3),
        ('gateway_feature_words_bucket{le="50"}', 1),
        ("count(gateway_model_ready == 1)", 5),
        ("gateway_ready", 1),
        ("gateway_degraded_answers_total", 0),
        ('count(gateway_model_calls_total{version="1",outcome="ok"} == 3)', 5),
        ("count(count by (stage) (gateway_stage_duration_seconds_count == 3))", 8),
        ("gateway_analyses_in_flight", 0),
        ("gateway_analyses_limit", 32),
    ],
)
def test_what_happened_is_what_prometheus_tells(
    watched: tuple[Gateway, Prometheus], expression: str, expected: float
) -> None:
    assert watched[1].value(expression) == expected


def test_the_metrics_agree_with_the_reply_and_with_the_kernel(watched: tuple[Gateway, Prometheus]) -> None:
    gateway, prometheus = watched
    before = prometheus.value("gateway_words_total")
    reply = gateway.analyze(PERSONAL).json
    grown = eventually(lambda: prometheus.value(f"gateway_words_total - {before} > 0"), 20, "words are counted")
    assert grown == reply["words"]
    assert prometheus.value('process_cpu_seconds_total{job="gateway"}') <= gateway.cpu_seconds()
    resident = prometheus.value('process_resident_memory_bytes{job="gateway"}')
    assert resident is not None and 1e7 < resident < 4e9


def test_each_series_that_can_be_known_in_advance_begins_at_zero(watched: tuple[Gateway, Prometheus]) -> None:
    """A rate over a series that begins with its first event would not see that event."""
    for expression, count in (
        ("gateway_verdicts_total", 3), ("gateway_abstentions_total", 6), ("gateway_missing_models_total", 5),
        ("gateway_admission_refusals_total", 1), ("gateway_slow_bodies_total", 1),
    ):  # fmt: skip
        assert watched[1].value(f"count({expression})") == count, expression


def test_promtool_finds_nothing_wrong_with_the_exposition(watched: tuple[Gateway, Prometheus]) -> None:
    reply = watched[0].get("/metrics")
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    check = promtool("check", "metrics", stdin=reply.body.decode())
    assert (check.returncode, check.stdout + check.stderr) == (0, "")


# --- the dashboard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", QUERIES)
def test_each_query_of_the_dashboard_gives_series(watched: tuple[Gateway, Prometheus], title: str) -> None:
    expression = QUERIES[title]
    assert eventually(lambda: watched[1].query(expression), 10, f"{title}: {expression}")


def test_each_metric_of_the_dashboard_and_the_alerts_exists(
    watched: tuple[Gateway, Prometheus], triton: TritonURLs
) -> None:
    existing = names_in(watched[0].get("/metrics").body.decode()) | names_in(exposition(triton.metrics_url))
    used = {name for query in [*QUERIES.values(), *(rule["expr"] for rule in ALERTS)] for name in METRIC.findall(query)}
    assert len(used) > 40
    assert used - existing == set()


# --- alerts -----------------------------------------------------------------------------------------------------------


def test_promtool_takes_configuration_and_rules_and_the_rules_do_as_their_tests_say() -> None:
    for arguments in (
        ("check", "config", str(CONFIGURATION / "prometheus.yml")),
        ("test", "rules", str(CONFIGURATION / "tests" / "alerts_test.yml")),
    ):
        run = promtool(*arguments)
        assert run.returncode == 0, run.stdout + run.stderr


def test_each_alert_has_a_test_in_which_it_fires() -> None:
    tests = yaml.safe_load((CONFIGURATION / "tests" / "alerts_test.yml").read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == {rule["alert"] for rule in ALERTS}


def test_each_alert_links_to_its_own_entry_of_the_runbook() -> None:
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs" / "operations.md").read_text(), re.M)
    for rule in ALERTS:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert headings.count(rule["alert"]) == 1, f"docs/operations.md has no heading {rule['alert']}"


def test_prometheus_has_loaded_the_alerts_and_none_fires_while_all_is_well(
    watched: tuple[Gateway, Prometheus],
) -> None:
    def evaluated() -> list[dict] | None:
        rules = [rule for group in watched[1].api("rules")["groups"] for rule in group["rules"]]
        return rules if all(rule["health"] == "ok" for rule in rules) else None

    rules = eventually(evaluated, 20, "every rule has been evaluated")
    assert {rule["name"]: rule["state"] for rule in rules} == {rule["alert"]: "inactive" for rule in ALERTS}


# --- where they listen, and what they do not tell ---------------------------------------------------------------------


def test_metrics_can_listen_on_a_port_of_their_own(triton: TritonURLs, start_gateway: StartGateway) -> None:
    port = free_port()
    gateway = start_gateway(triton.http_url, {"METRICS_PORT": str(port)})
    assert gateway.get("/metrics").status == 404
    reply = eventually(lambda: request(port, "GET", "/metrics"), 10, "metrics are given")
    assert reply.status == 200 and b"gateway_ready" in reply.body
    assert request(port, "POST", "/v1/analyze", b"{}", JSON).status == 404


def test_metrics_can_be_switched_off_by_the_file(
    triton: TritonURLs, start_gateway: StartGateway, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("settings") / "gateway.yaml"
    file.write_text("metrics:\n  enabled: false\n")
    assert start_gateway(triton.http_url, {}, "--config", str(file)).get("/metrics").status == 404


def test_a_missing_triton_is_seen(start_gateway: StartGateway) -> None:
    gateway = start_gateway("http://127.0.0.1:1")
    assert gateway.analyze(PERSONAL).status == 503
    text = gateway.get("/metrics").body.decode()
    assert "\ngateway_ready 0\n" in text and '\ngateway_model_ready{model="ebm"} 0\n' in text
    assert 'gateway_http_requests_total{route="/v1/analyze",status="503",code="not_ready"} 1' in text


@pytest.mark.parametrize("transport", ["http_url", "grpc_url"])
def test_a_trace_goes_through_to_triton_and_into_the_log(
    triton: TritonURLs, start_gateway: StartGateway, transport: str
) -> None:
    gateway = start_gateway(getattr(triton, transport), {"LOG_FORMAT": "json"})
    gateway.wait_until("ready")
    for header in (f"00-{TRACE}-00f067aa0ba902b7-01", f"00-{TRACE.upper()}-00f067aa0ba902b7-01"):
        reply = gateway.analyze(PERSONAL, {"traceparent": header})
        assert reply.status == 200 and "total;dur=" in reply.headers["server-timing"]
    lines = [json.loads(line) for line in gateway.log_text().splitlines()]
    lines = [line for line in lines if line["message"] == "request" and line["route"] == "/v1/analyze"]
    assert [line.get("trace_id") for line in lines] == [TRACE, None]
    assert all(int(line["words"]) > 200 and int(line["tokens"]) > 200 for line in lines)


def test_no_word_of_an_essay_is_in_logs_metrics_or_errors(triton: TritonURLs, start_gateway: StartGateway) -> None:
    """The marked words are put wherever a log line, a label or a message could take them from."""
    gateway = start_gateway(triton.http_url, {"LOG_LEVEL": "trace", "LOG_FORMAT": "json", "LIMITS_MAX_TOKENS": "500"})
    gateway.wait_until("ready")
    marked = f"{PERSONAL} {CANARY}."
    assert gateway.analyze(marked).status == 200
    assert gateway.analyze(CANARY).status == 200
    assert gateway.post(json.dumps({"text": marked}).encode(), path="/serve/bert_infer_demo").status == 200
    mark = CANARY.split()[0]
    batch = {"texts": [{"id": mark, "text": marked}, {"id": "long", "text": f"{CANARY} " * 400}, {"id": "none", "text": ""}]}
    answered = gateway.post(json.dumps(batch).encode(), path="/v1/analyze/batch")
    assert answered.status == 200 and [("error" in item) for item in answered.json["results"]] == [False, True, True]
    for arguments in ({"text": marked}, {"text": f"{CANARY} " * 400}, {"text": PERSONAL, CANARY: 1}):
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "analyze_essay", "arguments": arguments}}
        assert gateway.post(json.dumps(call).encode(), path="/mcp").status == 200
    failures = [
        gateway.analyze(f"{CANARY} " * 400),
        gateway.post(json.dumps({"text": PERSONAL, CANARY: 1}).encode()),
        gateway.post(json.dumps({"text": [CANARY]}).encode()),
        gateway.post(f'{{"text": "{CANARY}'.encode()),
        gateway.post(f'{{"text": "{CANARY}\\ud800"}}'.encode()),
        gateway.post(CANARY.encode()),
        gateway.post(b"{}", JSON | {"X-Request-Id": CANARY, "traceparent": CANARY}),
        gateway.post(b"{}", {"Content-Type": CANARY}),
        gateway.get(f"/{mark}"),
        gateway.get(f"/v1/models?text={mark}"),
        request(gateway.port, mark.upper(), "/v1/analyze"),
    ]
    assert [reply.status for reply in failures] == [422, 422, 422, 400, 400, 400, 422, 415, 404, 200, 400]
    told = [gateway.get("/metrics").body.decode(), gateway.log_text()]
    told += [f"{reply.headers} {reply.body.decode()}" for reply in failures]
    for text in told:
        assert not [word for word in CANARY.split() if word in text.lower()]
