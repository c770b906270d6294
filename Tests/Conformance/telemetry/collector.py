#!/usr/bin/env python3
"""A collector for OTLP/HTTP that believes nothing.

Takes traces and metrics, decodes them with the published definitions (binary) or with protobuf's own JSON mapping (JSON),
and checks what the specifications ask for. Prints `ready PORT` first; at the end of its standard input, a summary as one
line of JSON (`problems` is empty where all is well) and, with --tree, the spans as a tree.
"""
import argparse
import base64
import gzip
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

MESSAGES = {
    "/v1/traces": (trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse),
    "/v1/metrics": (metrics_service_pb2.ExportMetricsServiceRequest, metrics_service_pb2.ExportMetricsServiceResponse),
}

# Types of the conventions for generative AI, and of our own attributes.
TYPES = {
    "gen_ai.operation.name": str, "gen_ai.provider.name": str, "gen_ai.conversation.id": str, "gen_ai.agent.name": str,
    "gen_ai.agent.description": str, "gen_ai.request.model": str, "gen_ai.request.max_tokens": int,
    "gen_ai.request.temperature": float, "gen_ai.request.stream": bool, "gen_ai.response.finish_reasons": list,
    "gen_ai.response.time_to_first_chunk": float, "gen_ai.usage.input_tokens": int, "gen_ai.usage.output_tokens": int,
    "gen_ai.usage.cache_read.input_tokens": int, "gen_ai.usage.cache_creation.input_tokens": int,
    "gen_ai.usage.reasoning.output_tokens": int, "gen_ai.tool.name": str, "gen_ai.tool.type": str,
    "gen_ai.tool.description": str, "gen_ai.tool.call.id": str, "gen_ai.tool.call.arguments": str,
    "gen_ai.tool.call.result": str, "gen_ai.input.messages": str, "gen_ai.output.messages": str,
    "gen_ai.system_instructions": str, "gen_ai.tool.definitions": str, "gen_ai.token.type": str,
    "gen_ai.aggregated_usage.input_tokens": int, "gen_ai.aggregated_usage.output_tokens": int,
    "server.address": str, "server.port": int, "error.type": str, "http.response.status_code": int,
    "forerun.speculation.lane": str, "forerun.speculation.outcome": str, "forerun.speculation.saved_ms": float,
    "forerun.turn": int, "forerun.work": int,
}
REQUIRED = {
    "invoke_agent": ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.agent.name", "gen_ai.conversation.id"],
    "chat": ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "forerun.speculation.lane"],
    "execute_tool": ["gen_ai.operation.name", "gen_ai.tool.name", "forerun.speculation.lane"],
}
KINDS = {"invoke_agent": 1, "chat": 3, "execute_tool": 1}  # INTERNAL, CLIENT
CONTENT = ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions",
           "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"]
METRICS = {  # unit, bounds
    "gen_ai.client.token.usage": ("{token}", [4 ** n for n in range(14)]),
    "gen_ai.client.operation.duration": ("s", [0.01 * 2 ** n for n in range(14)]),
    "gen_ai.client.operation.time_to_first_chunk": ("s", None),
}


def hex_ids_to_base64(value, key=""):
    """OTLP writes ids in hexadecimal digits, protobuf's mapping reads bytes in base 64."""
    if isinstance(value, dict):
        return {k: hex_ids_to_base64(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [hex_ids_to_base64(v) for v in value]
    if key in ("traceId", "spanId", "parentSpanId"):
        if not re.fullmatch(r"([0-9a-f]{2})+", value):
            raise ValueError(f"{key} is not in hexadecimal digits: {value!r}")
        return base64.b64encode(bytes.fromhex(value)).decode()
    return value


def check_json_shape(value, key=""):
    """64-bit numbers are strings, names are in lowerCamelCase."""
    if isinstance(value, dict):
        for k, v in value.items():
            if not re.fullmatch(r"[a-z][A-Za-z0-9]*", k):
                raise ValueError(f"the name {k!r} is not in lowerCamelCase")
            check_json_shape(v, k)
    elif isinstance(value, list):
        for v in value:
            check_json_shape(v, key)
    elif key.endswith("UnixNano") or key in ("intValue", "asInt", "count", "bucketCounts"):
        if not isinstance(value, str):
            raise ValueError(f"{key} is a 64-bit number and no string: {value!r}")


def value_of(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value_of(v) for v in any_value.array_value.values]
    return getattr(any_value, kind) if kind else None


class Judge:
    def __init__(self, captures):
        self.lock = threading.Lock()
        self.captures = captures
        self.problems, self.spans, self.metrics, self.resources = [], {}, {}, []
        self.requests = {"/v1/traces": 0, "/v1/metrics": 0}
        self.fields = set()

    def problem(self, text):
        self.problems.append(text)

    def attributes(self, items, where):
        result = {}
        for item in items:
            if not item.key or item.key in result:
                self.problem(f"{where}: the key {item.key!r} is empty or there twice")
            value = value_of(item.value)
            if value is None:
                self.problem(f"{where}: {item.key} has no value")
            wanted = TYPES.get(item.key)
            if wanted and not (type(value) is wanted):
                self.problem(f"{where}: {item.key} is {value!r}, no {wanted.__name__}")
            result[item.key] = value
        return result

    def unknown(self, message, where):
        """Fields that the definitions do not have would be lost in silence."""
        from google.protobuf.unknown_fields import UnknownFieldSet
        if len(UnknownFieldSet(message)):
            self.problem(f"{where} has unknown fields")
        for descriptor, value in message.ListFields():
            if descriptor.type == descriptor.TYPE_MESSAGE:
                for item in value if isinstance(value, (list,)) or hasattr(value, "add") else [value]:
                    self.unknown(item, f"{where}.{descriptor.name}")

    def resource(self, resource):
        attributes = self.attributes(resource.attributes, "resource")
        for key in ("service.name", "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version"):
            if not attributes.get(key):
                self.problem(f"the resource has no {key}")
        if attributes not in self.resources:
            self.resources.append(attributes)

    def take(self, path, message, headers):
        with self.lock:
            self.requests[path] += 1
            self.fields |= {name.lower() for name in headers}
            self.unknown(message, path)
            if path == "/v1/traces":
                for group in message.resource_spans:
                    self.resource(group.resource)
                    for scope in group.scope_spans:
                        if not scope.scope.name:
                            self.problem("the scope has no name")
                        for span in scope.spans:
                            self.span(span)
            else:
                for group in message.resource_metrics:
                    self.resource(group.resource)
                    for scope in group.scope_metrics:
                        for metric in scope.metrics:
                            self.metric(metric)

    def span(self, span):
        where = f"span {span.name!r}"
        if len(span.trace_id) != 16 or not any(span.trace_id):
            self.problem(f"{where}: trace id {span.trace_id.hex()!r}")
        if len(span.span_id) != 8 or not any(span.span_id):
            self.problem(f"{where}: span id {span.span_id.hex()!r}")
        if len(span.parent_span_id) not in (0, 8):
            self.problem(f"{where}: parent id {span.parent_span_id.hex()!r}")
        key = (span.trace_id, span.span_id)
        if key in self.spans:
            self.problem(f"{where}: its id was there before")
        if not 0 < span.start_time_unix_nano <= span.end_time_unix_nano:
            self.problem(f"{where}: ends before it begins")
        attributes = self.attributes(span.attributes, where)
        operation = attributes.get("gen_ai.operation.name")
        if operation not in REQUIRED:
            self.problem(f"{where}: operation {operation!r}")
        for name in REQUIRED.get(operation, []):
            if name not in attributes:
                self.problem(f"{where}: {name} is missing")
        if span.kind != KINDS.get(operation):
            self.problem(f"{where}: kind {span.kind}")
        subject = {"invoke_agent": "gen_ai.agent.name", "chat": "gen_ai.request.model",
                   "execute_tool": "gen_ai.tool.name"}.get(operation)
        if span.name != f"{operation} {attributes.get(subject)}":
            self.problem(f"{where}: should be named after {operation} and {subject}")
        outcome = attributes.get("forerun.speculation.outcome")
        if outcome not in (None, "hit", "wasted", "cancelled", "failed"):
            self.problem(f"{where}: outcome {outcome!r}")
        if ("error.type" in attributes) != (span.status.code == 2):
            self.problem(f"{where}: error.type {attributes.get('error.type')!r} with status {span.status.code}")
        if span.flags & 0xFF != 1 or not span.flags & 0x100:
            self.problem(f"{where}: flags {span.flags:#x}")
        for event in span.events:
            self.attributes(event.attributes, f"{where}, event {event.name}")
            if not event.name or not span.start_time_unix_nano <= event.time_unix_nano <= span.end_time_unix_nano:
                self.problem(f"{where}: event {event.name!r} lies outside")
        for name in CONTENT:
            if name in attributes:
                if not self.captures:
                    self.problem(f"{where}: {name}, which nobody asked for")
                elif name not in ("gen_ai.tool.call.result",):
                    try:
                        json.loads(attributes[name])
                    except ValueError:
                        if not attributes[name].endswith("…"):
                            self.problem(f"{where}: {name} is no JSON")
        self.spans[key] = (span, attributes)

    def metric(self, metric):
        where = f"metric {metric.name}"
        kind = metric.WhichOneof("data")
        if not metric.name or not metric.unit or kind not in ("sum", "histogram"):
            self.problem(f"{where}: {kind}, unit {metric.unit!r}")
            return
        data = getattr(metric, kind)
        if data.aggregation_temporality not in (1, 2):
            self.problem(f"{where}: temporality {data.aggregation_temporality}")
        unit, bounds = METRICS.get(metric.name, (metric.unit, None))
        if unit != metric.unit:
            self.problem(f"{where}: unit {metric.unit!r}")
        seen = set()
        for point in data.data_points:
            attributes = self.attributes(point.attributes, where)
            identity = json.dumps(attributes, sort_keys=True)
            if identity in seen:
                self.problem(f"{where}: the attributes {identity} twice")
            seen.add(identity)
            if not 0 < point.start_time_unix_nano <= point.time_unix_nano:
                self.problem(f"{where}: times")
            if kind == "histogram":
                if len(point.bucket_counts) != len(point.explicit_bounds) + 1 or sum(point.bucket_counts) != point.count:
                    self.problem(f"{where}: buckets")
                if list(point.explicit_bounds) != sorted(set(point.explicit_bounds)):
                    self.problem(f"{where}: bounds")
                if bounds and any(abs(a - b) > 1e-9 * b for a, b in zip(point.explicit_bounds, bounds, strict=True)):
                    self.problem(f"{where}: bounds {list(point.explicit_bounds)}")
                if point.count and not point.min <= point.sum / point.count * (1 + 1e-9) <= point.max * (1 + 2e-9):
                    self.problem(f"{where}: sum {point.sum}")
                value = point.count
            else:
                value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
                if data.is_monotonic and value < 0:
                    self.problem(f"{where}: a counter of {value}")
            self.metrics.setdefault(metric.name, {})[identity] = value

    def finish(self):
        for (trace, _), (span, attributes) in self.spans.items():
            parent = span.parent_span_id
            remote = span.flags & 0x200
            if attributes.get("gen_ai.operation.name") == "invoke_agent":
                if bool(parent) != bool(remote):
                    self.problem(f"span {span.name!r}: parent {parent.hex()!r}, flags {span.flags:#x}")
            elif (trace, parent) not in self.spans:
                self.problem(f"span {span.name!r}: its parent never came")
            else:
                above = self.spans[(trace, parent)][0]
                if not (above.start_time_unix_nano <= span.start_time_unix_nano
                        and span.end_time_unix_nano <= above.end_time_unix_nano):
                    self.problem(f"span {span.name!r} lies outside of its parent")
        operations = {}
        for _, attributes in self.spans.values():
            name = attributes.get("gen_ai.operation.name")
            operations[name] = operations.get(name, 0) + 1
        return {"problems": self.problems, "requests": self.requests, "spans": operations,
                "traces": len({trace for trace, _ in self.spans}), "metrics": self.metrics,
                "resources": self.resources, "fields": sorted(self.fields)}

    def tree(self):
        children = {}
        for (trace, identity), (span, attributes) in self.spans.items():
            top = attributes.get("gen_ai.operation.name") == "invoke_agent"
            children.setdefault(None if top else (trace, span.parent_span_id), []).append((span, attributes))
        lines = []

        def show(parent, depth):
            for span, attributes in sorted(children.get(parent, []), key=lambda item: item[0].start_time_unix_nano):
                start = (span.start_time_unix_nano - origin) / 1e9
                took = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
                words = [f"{key.rsplit('.', 1)[1]}={attributes[key]}" for key in (
                    "forerun.speculation.lane", "forerun.speculation.outcome", "forerun.speculation.saved_ms",
                    "forerun.speculation.source", "forerun.turn", "gen_ai.usage.output_tokens", "error.type")
                    if key in attributes]
                lines.append(f"{'  ' * depth}{span.name:<{34 - 2 * depth}} {start:7.2f} s {took:6.2f} s  {' '.join(words)}")
                show((span.trace_id, span.span_id), depth + 1)

        for root in children.get(None, []):
            origin = root[0].start_time_unix_nano
            break
        show(None, 0)
        return "\n".join(lines)


def handler(judge, received):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            kind = self.headers.get("Content-Type")
            received.append(len(body))
            try:
                request, response = MESSAGES[self.path]
                if kind == "application/json":
                    value = json.loads(body)
                    check_json_shape(value)
                    message = json_format.ParseDict(hex_ids_to_base64(value), request())
                    answer = json_format.MessageToJson(response()).encode()
                elif kind == "application/x-protobuf":
                    message = request.FromString(body)
                    answer = response().SerializeToString()
                else:
                    raise ValueError(f"content type {kind!r}")
                judge.take(self.path, message, self.headers.keys())
                status = 200
            except Exception as error:  # whatever is wrong is a finding
                with judge.lock:
                    judge.problem(f"{self.path}: {type(error).__name__}: {error}")
                status, answer = 400, b""
            self.send_response(status)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", action="store_true", help="content was asked for")
    parser.add_argument("--tree", action="store_true", help="print the spans as a tree")
    arguments = parser.parse_args()
    judge = Judge(arguments.captures)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(judge, []))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready {server.server_address[1]}", flush=True)
    sys.stdin.read()
    server.shutdown()
    print(json.dumps(judge.finish()), flush=True)
    if arguments.tree:
        print(judge.tree())


if __name__ == "__main__":
    main()
