#!/usr/bin/env python3
"""Writes deploy/grafana/dashboards/gateway.json from the panels below; with --check only says whether it is current."""

import json
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "deploy" / "grafana" / "dashboards" / "gateway.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
RATE = "$__rate_interval"


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Events a second; `by` and `where` as PromQL has them."""
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{{{where}}}[{RATE}]))"


def quantile(q: float, metric: str, by: str = "", where: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, {rate(metric + '_bucket', labels, where)})"


def mean(metric: str, by: str = "") -> str:
    return f"{rate(metric + '_sum', by)} / {rate(metric + '_count', by)}"


def quotient(numerator: str, denominator: str, by: str) -> str:
    return f"{rate(numerator, by)} / {rate(denominator, by)}"


ANALYZE = 'route="/v1/analyze"'
FAILED = 'status=~"5.."'
OURS = 'job="gateway"'

# (row, [(title, what it shows, kind, unit, [(query, legend)])])
ROWS: list[tuple[str, list[tuple[str, str, str, str, list[tuple[str, str]]]]]] = [
    ("At a glance", [
        ("Ready", "1: verdicts are possible.", "stat", "none", [("min(gateway_ready)", "")]),
        ("Essays a second", "Analysed, whatever the verdict.", "stat", "reqps", [(rate("gateway_verdicts_total"), "")]),
        ("Failed on our side", "Share of requests answered 5xx.", "stat", "percentunit", [
            (f"({rate('gateway_http_requests_total', '', FAILED)} or vector(0)) / {rate('gateway_http_requests_total')}", ""),
        ]),
        ("95 % are answered within", "POST /v1/analyze.", "stat", "s", [
            (quantile(0.95, "gateway_http_request_duration_seconds", "", ANALYZE), ""),
        ]),
        ("Answered without some model", "Share of degraded answers.", "stat", "percentunit", [
            (f"{rate('gateway_degraded_answers_total')} / {rate('gateway_verdicts_total')}", ""),
        ]),
        ("In force", "The fit of the ensemble.", "stat", "none", [("gateway_build_info", "{{scoring_version}}")]),
    ]),
    ("Requests", [
        ("Requests by outcome", "By error code; ok where there is none.", "timeseries", "reqps", [
            (rate("gateway_http_requests_total", "code"), "{{code}}"),
        ]),
        ("Time to the answer", "POST /v1/analyze.", "timeseries", "s", [
            (quantile(q, "gateway_http_request_duration_seconds", "", ANALYZE), f"p{int(q * 100)}") for q in (0.5, 0.95, 0.99)
        ]),
        ("Room", "What is in use of what may be.", "timeseries", "percentunit", [
            ("gateway_analyses_in_flight / gateway_analyses_limit", "analyses"),
            ("gateway_connections / gateway_connections_limit", "connections"),
        ]),
        ("Turned away", "Essays refused for want of room; bodies that came too slowly.", "timeseries", "reqps", [
            (rate("gateway_admission_refusals_total"), "refused"),
            (rate("gateway_slow_bodies_total"), "slow body"),
        ]),
    ]),
    ("The way of an essay", [
        ("Stages, p95", "first_wave and second_wave wait for Triton.", "timeseries", "s", [
            (quantile(0.95, "gateway_stage_duration_seconds", "stage"), "{{stage}}"),
        ]),
        ("Stages, mean", "Where an essay's time goes.", "bars", "s", [
            (mean("gateway_stage_duration_seconds", "stage"), "{{stage}}"),
        ]),
        ("Calls to Triton, p95", "As the gateway sees them.", "timeseries", "s", [
            (quantile(0.95, "gateway_model_call_duration_seconds", "model, version"), "{{model}} v{{version}}"),
        ]),
        ("Calls to Triton by outcome", "By model and version.", "timeseries", "reqps", [
            (rate("gateway_model_calls_total", "model, version, outcome"), "{{model}} v{{version}} {{outcome}}"),
        ]),
        ("Models ready", "1 where the last check found the model fit for use.", "timeseries", "none", [
            ("min by (model) (gateway_model_ready)", "{{model}}"),
        ]),
        ("Missing models", "Answers given without this model.", "timeseries", "reqps", [
            (rate("gateway_missing_models_total", "model"), "{{model}}"),
        ]),
    ]),
    ("Triton", [
        ("Inferences", "Rows a second, by model and version.", "timeseries", "reqps", [
            (rate("nv_inference_count", "model, version"), "{{model}} v{{version}}"),
        ]),
        ("Failures", "Requests that Triton itself failed.", "timeseries", "reqps", [
            (rate("nv_inference_request_failure", "model, version"), "{{model}} v{{version}}"),
        ]),
        ("Rows an execution", "How well Triton batches.", "timeseries", "none", [
            (quotient("nv_inference_count", "nv_inference_exec_count", "model"), "{{model}}"),
        ]),
        ("Waiting in Triton's queue", "Mean of a request.", "timeseries", "µs", [
            (quotient("nv_inference_queue_duration_us", "nv_inference_request_success", "model"), "{{model}}"),
        ]),
        ("Computing", "Mean of a request.", "timeseries", "µs", [
            (quotient("nv_inference_compute_infer_duration_us", "nv_inference_request_success", "model"), "{{model}}"),
        ]),
        ("Pending requests", "In Triton's queues now.", "timeseries", "none", [
            ("sum by (model) (nv_inference_pending_request_count)", "{{model}}"),
        ]),
        ("CPU of Triton's machine", "Of all cores.", "timeseries", "percentunit", [("nv_cpu_utilization", "CPU")]),
        ("Memory of Triton's machine", "In use, and all there is.", "timeseries", "bytes", [
            ("nv_cpu_memory_used_bytes", "used"), ("nv_cpu_memory_total_bytes", "all"),
        ]),
    ]),
    ("Answers", [
        ("Verdicts", "Essays a second.", "timeseries", "reqps", [(rate("gateway_verdicts_total", "verdict"), "{{verdict}}")]),
        ("Reasons for uncertain", "An essay may have several.", "timeseries", "reqps", [
            (rate("gateway_abstentions_total", "reason"), "{{reason}}"),
        ]),
        ("Probability", "How the answers' probabilities are distributed.", "heatmap", "none", [
            (f"sum by (le) (increase(gateway_probability_ai_bucket[{RATE}]))", "{{le}}"),
        ]),
        ("Words and tokens", "A second.", "timeseries", "none", [
            (rate("gateway_words_total"), "words"), (rate("gateway_tokens_total"), "tokens"),
        ]),
    ]),
    ("Have the essays changed?", [
        (title, "Quartiles of the essays analysed.", "timeseries", "none", [
            (quantile(q, metric), label) for q, label in ((0.25, "lower quartile"), (0.5, "median"), (0.75, "upper quartile"))
        ])
        for title, metric in (
            ("Words", "gateway_feature_words"),
            ("Words a sentence", "gateway_feature_average_sentence_length"),
            ("Reading ease", "gateway_feature_flesch_reading_ease"),
            ("Word entropy", "gateway_feature_word_entropy"),
            ("Different words over words", "gateway_feature_type_token_ratio"),
            ("Probability", "gateway_probability_ai"),
        )
    ]),
    ("The gateway's process", [
        ("CPU", "Cores in use.", "timeseries", "none", [
            (f"rate(process_cpu_seconds_total{{{OURS}}}[{RATE}])", "{{instance}}"),
        ]),
        ("CPU an essay", "Seconds of all the process's CPU over the essays analysed.", "timeseries", "s", [
            (f"{rate('process_cpu_seconds_total', '', OURS)} / {rate('gateway_verdicts_total')}", "CPU"),
        ]),
        ("Memory", "Resident.", "timeseries", "bytes", [
            (f"process_resident_memory_bytes{{{OURS}}}", "{{instance}}"),
        ]),
        ("File descriptors", "Open, of those that may be.", "timeseries", "percentunit", [
            (f"process_open_fds{{{OURS}}} / process_max_fds{{{OURS}}}", "{{instance}}"),
        ]),
        ("Connections opened", "A second. Many, with few open, are clients that do not keep theirs.", "timeseries", "reqps", [
            (rate("gateway_connections_opened_total"), "opened"),
        ]),
        ("Up since", "When the process started.", "stat", "dateTimeFromNow", [
            (f"process_start_time_seconds{{{OURS}}} * 1000", "{{instance}}"),
        ]),
    ]),
]  # fmt: skip

KINDS = {"stat": "stat", "timeseries": "timeseries", "bars": "bargauge", "heatmap": "heatmap"}


def panel(number: int, place: dict[str, int], title: str, about: str, kind: str, unit: str, queries) -> dict:
    result = {
        "id": number, "type": KINDS[kind], "title": title, "description": about, "datasource": SOURCE, "gridPos": place,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0} if kind == "timeseries" else {"unit": unit}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + index), "datasource": SOURCE, "expr": query, "legendFormat": legend,
                **({"format": "heatmap"} if kind == "heatmap" else {}),
            }
            for index, (query, legend) in enumerate(queries)
        ],
    }  # fmt: skip
    if kind == "heatmap":
        result["options"] = {"calculate": False, "yAxis": {"unit": unit}}
    if kind == "stat" and unit == "none" and title == "In force":
        result["options"] = {"textMode": "name"}
    return result


def dashboard() -> dict:
    panels, number, top = [], 0, 0
    for row, members in ROWS:
        number += 1
        panels.append({
            "id": number, "type": "row", "title": row, "collapsed": False, "panels": [],
            "gridPos": {"x": 0, "y": top, "w": 24, "h": 1},
        })  # fmt: skip
        top += 1
        width, height = (4, 4) if members[0][2] == "stat" else (8, 8)
        for index, member in enumerate(members):
            number += 1
            per_row = 24 // width
            place = {
                "x": index % per_row * width, "y": top + index // per_row * height, "w": width, "h": height,
            }  # fmt: skip
            panels.append(panel(number, place, *member))
        top += -(-len(members) // (24 // width)) * height
    return {
        "uid": "essay-gateway", "title": "Essay gateway", "tags": ["essay-gateway"], "schemaVersion": 39, "version": 1,
        "editable": False, "refresh": "10s", "time": {"from": "now-1h", "to": "now"}, "timezone": "browser",
        "templating": {"list": []}, "annotations": {"list": []}, "panels": panels,
    }  # fmt: skip


def main() -> None:
    text = json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        if not FILE.exists() or FILE.read_text() != text:
            sys.exit("deploy/grafana/dashboards/gateway.json is stale: run scripts/generate-dashboard.py")
    else:
        FILE.write_text(text)


if __name__ == "__main__":
    main()
