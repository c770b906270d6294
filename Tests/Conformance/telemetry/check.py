#!/usr/bin/env python3
"""Runs an agent with one setting of the variables after another, and has collector.py judge what arrives."""
import json
import os
import pathlib
import subprocess
import sys

forerun, mock, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
here = pathlib.Path(__file__).parent
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CASES = {
    "binary": {},
    "binary, gzip": {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
    "JSON": {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
    "JSON, gzip, headers": {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                            "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b"},
    "with content": {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"},
    "with content, JSON": {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
                           "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
    "part of a trace": {"TRACEPARENT": CALLER, "TRACESTATE": "vendor=1"},
    "small batches, deltas": {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2", "OTEL_BSP_SCHEDULE_DELAY": "10",
                              "OTEL_METRIC_EXPORT_INTERVAL": "100",
                              "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta"},
    "in turn": {"mode": "off"},
}


def run(name, variables):
    captures = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT" in variables
    collector = subprocess.Popen(
        [sys.executable, str(here / "collector.py"), *(["--captures"] if captures else [])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = collector.stdout.readline().split()[1]
    workspace = work / f"workspace-{name.replace(' ', '-')}"
    workspace.mkdir()
    (workspace / "a.txt").write_text("one\ntwo\n")
    variables = dict(variables)
    mode = variables.pop("mode", "full")
    result = subprocess.run(
        [forerun, "run", "coder", "Do it.", "--json", "--workspace", str(workspace), "--mode", mode,
         "--actor", "mock/actor", "--speculator", "mock/guesser", "--set", f"endpoints.mock.baseURL={mock}",
         "--set", "endpoints.mock.concurrency=8", "--set", "permissions={run_command: allow}"],
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", **variables},
        capture_output=True, text=True, timeout=120)
    judged = json.loads(collector.communicate()[0])
    problems = judged["problems"]
    if result.returncode:
        problems.append(f"forerun ended with {result.returncode}: {result.stderr}")
    if "could not be exported" in result.stdout:
        problems.append("something could not be exported")
    log = [json.loads(line) for line in result.stdout.splitlines()]
    counted = {"invoke_agent": 1}
    for event in log:
        kind = {"answer.asked": "chat", "call.started": "execute_tool"}.get(event["type"])
        if kind:
            counted[kind] = counted.get(kind, 0) + 1
    spans = judged["spans"]
    # Requests to speculators have no event that says when they began.
    guesses = len({event["work"] for event in log if event["type"] == "cost" and event["outcome"] == "guesses"})
    if spans.get("execute_tool") != counted.get("execute_tool") or spans.get("invoke_agent") != 1:
        problems.append(f"spans {spans}, events {counted}")
    if not counted["chat"] + guesses <= spans.get("chat", 0):
        problems.append(f"{spans.get('chat')} chat spans, {counted['chat']} requests and {guesses} guesses")
    if judged["traces"] != 1:
        problems.append(f"{judged['traces']} traces")
    if "x-tenant" in variables.get("OTEL_EXPORTER_OTLP_HEADERS", "") and "x-tenant" not in judged["fields"]:
        problems.append("a header field is missing")
    for metric in ("gen_ai.client.token.usage", "gen_ai.client.operation.duration", "forerun.run.duration"):
        if metric not in judged["metrics"]:
            problems.append(f"no metric {metric}")
    print(f"telemetry: {name}: {'ok' if not problems else 'FAILED'} ({sum(spans.values())} spans, "
          f"{sum(judged['requests'].values())} requests)")
    for problem in problems:
        print(f"  {problem}")
    return not problems


results = [run(name, variables) for name, variables in CASES.items()]
print(f"{results.count(True)} passed, {results.count(False)} failed")
sys.exit(0 if all(results) else 1)
