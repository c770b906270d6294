import ForerunCore

/// Lines of whole recorded trajectories: `{source, id, domain, model, group, tools, events}`.
///
/// A line is a run. The calls of one generation carry its number; generations, messages and outputs are events.
struct Traces: TranscriptParser {
    static let format = "trace"

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        guard piece.member == nil, value["id"]?.stringValue != nil, value["source"] != nil, value["domain"] != nil,
            value["events"]?.arrayValue != nil
        else { return .no }
        return .yes
    }

    private let file: SourceFile
    init(_ file: SourceFile) { self.file = file }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        guard let id = value["id"]?.stringValue, let events = value["events"]?.arrayValue else {
            return sink.problem(.unknownShape, line: piece.line, "a trajectory without id or events")
        }
        var builder = RunBuilder(Self.format, id: id, path: file.path)
        builder.heading.agent = value["domain"]?.stringValue
        builder.heading.model = value["model"]?.stringValue
        builder.heading.group = value["group"]?.stringValue
        for tool in value["tools"]?.arrayValue ?? [] {
            guard let name = tool["name"]?.stringValue else { continue }
            var schema = tool["parameters"] ?? ["type": "object"]
            if schema.objectValue == nil { schema = ["type": "object"] }
            builder.heading.tools.append(
                Tool(name: name, description: tool["description"]?.stringValue ?? "", parameters: schema))
            if let effect = tool["effect"]?.stringValue { builder.heading.statedEffects[name] = effect }
        }
        for event in events { add(event, to: &builder, piece.line, &sink) }
        sink.emit(builder)
    }

    mutating func finish(into sink: inout ImportSink) {}

    private func add(_ event: JSON, to builder: inout RunBuilder, _ line: Int, _ sink: inout ImportSink) {
        let turn = event["turn"]?.intValue.map { String($0) }
        let seconds = event["latency_s"]?.doubleValue
        switch event["type"]?.stringValue {
        case "user": builder.message(event["text"]?.stringValue ?? "")
        case "assistant":
            builder.turn(event["text"]?.stringValue ?? "", key: turn, seconds: seconds, usage: usage(event["usage"]))
        case "tool_call":
            guard let name = event["name"]?.stringValue else {
                return sink.problem(.unknownShape, line: line, "a call without a name")
            }
            builder.turn(key: turn)
            builder.call(MessageContent.call(name, event["arguments"]), id: event["call_id"]?.stringValue)
        case "tool_result":
            let text = MessageContent.output(event["result"])
            let output = Output(text, isError: OutputStatus.isError(text) ?? false)
            if !builder.output(output, for: event["call_id"]?.stringValue, seconds: seconds) {
                sink.problem(.strayOutput, line: line, event["call_id"]?.stringValue ?? "")
            }
        case let other: sink.problem(.unknownShape, line: line, "event \(other ?? "without a type")")
        }
    }

    private func usage(_ usage: JSON?) -> Usage? {
        guard let usage, let input = usage["input"]?.intValue else { return nil }
        let cached = usage["cache_read"]?.intValue ?? 0
        return Usage(input: input + cached, cached: cached, output: usage["output"]?.intValue ?? 0)
    }
}
