import ForerunCore

/// Our own event logs: what was committed, not what was guessed.
struct EventLogLines: TranscriptParser {
    static let format = "forerun"
    /// The version of the log that is understood here.
    private static let version = 1

    private var builder: RunBuilder

    init(_ file: SourceFile) {
        // `<run>/events.jsonl`
        let parts = file.path.split(separator: "/")
        let id = file.stem == "events" && parts.count > 1 ? String(parts[parts.count - 2]) : file.id
        builder = RunBuilder(Self.format, id: id, path: file.path)
    }

    static func recognises(_ piece: Piece) -> Recognition {
        guard piece.member == nil else { return .no }
        switch piece.value["type"]?.stringValue {
        case "run.started": return piece.value["workspace"] != nil || piece.value["agent"] != nil ? .yes : .no
        case "turn.taken", "call.taken", "branch.forked", "answer.asked": return .yes
        default: return .no
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch value["type"]?.stringValue {
        case "run.started":
            if let version = value["version"]?.intValue, version > Self.version {
                sink.problem(.unknownVersion, line: piece.line, "event log of version \(version)")
            }
            if let id = value["id"]?.stringValue, id != "unrecorded" { builder.heading.id = id }
            builder.heading.agent = value["agent"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            builder.heading.workingDirectory = value["workspace"]?.stringValue
            builder.message(value["task"]?.stringValue ?? "")
        case "message.joined": builder.message(value["text"]?.stringValue ?? "")
        case "turn.taken": turn(value, piece.line, &sink)
        case "call.taken": output(value, piece.line, &sink)
        case nil: sink.problem(.unknownShape, line: piece.line, "no type")
        default: break
        }
    }

    private mutating func turn(_ value: JSON, _ line: Int, _ sink: inout ImportSink) {
        guard let number = value["turn"]?.intValue, let calls = value["calls"]?.arrayValue else {
            return sink.problem(.unknownShape, line: line, "a turn without number or calls")
        }
        builder.turn(
            value["text"]?.stringValue ?? "", seconds: value["seconds"]?.doubleValue, usage: usage(value["usage"]))
        for (index, json) in calls.enumerated() {
            guard let call = call(json) else {
                sink.problem(.unknownShape, line: line, "a call without a name")
                continue
            }
            builder.call(call, id: "\(number).\(index)")
        }
    }

    private mutating func output(_ value: JSON, _ line: Int, _ sink: inout ImportSink) {
        guard let turn = value["turn"]?.intValue, let index = value["index"]?.intValue,
            let text = value["output"]?.stringValue
        else { return sink.problem(.unknownShape, line: line, "an output without place or text") }
        let output = Output(
            text, isError: value["isError"]?.boolValue ?? false, endsEpisode: value["ends"]?.boolValue ?? false)
        if let name = value["call"]?["name"]?.stringValue, let effect = value["effect"]?.stringValue {
            builder.heading.statedEffects[name] = effect
        }
        if !builder.output(output, for: "\(turn).\(index)", seconds: value["seconds"]?.doubleValue) {
            sink.problem(.strayOutput, line: line, "call \(index) of turn \(turn)")
        }
    }

    private func call(_ json: JSON) -> Call? {
        guard let name = json["name"]?.stringValue else { return nil }
        if let malformed = json["malformed"]?.stringValue { return Call(name, malformed: malformed) }
        return MessageContent.call(name, json["arguments"])
    }

    private func usage(_ usage: JSON?) -> Usage? {
        guard let usage, let input = usage["input"]?.intValue else { return nil }
        return Usage(
            input: input, cached: usage["cached"]?.intValue ?? 0, output: usage["output"]?.intValue ?? 0,
            reasoning: usage["reasoning"]?.intValue ?? 0)
    }

    mutating func finish(into sink: inout ImportSink) { sink.emit(builder) }
}
