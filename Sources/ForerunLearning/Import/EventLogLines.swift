import ForerunCore
import FoundationEssentials

/// Our own event logs: what was committed, not what was guessed.
struct EventLogLines: TranscriptParser {
    static let format = "forerun"
    /// The version of the log that is understood here.
    private static let version = 2

    private var builder: RunBuilder
    /// Where large outputs lie: beside the log.
    private let outputs: String

    init(_ file: SourceFile) {
        // `<run>/events.jsonl`
        let parts = file.path.split(separator: "/")
        let id = file.stem == "events" && parts.count > 1 ? String(parts[parts.count - 2]) : file.id
        builder = RunBuilder(Self.format, id: id, path: file.path)
        outputs = (file.path.lastIndex(of: "/").map { String(file.path[..<$0]) } ?? ".") + "/outputs"
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
        if let problem = value.numberOutOfRange {
            return sink.problem(.unknownShape, line: piece.line, "a line in which \(problem)")
        }
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
        case "run.resumed":
            let turns = value["turns"]?.intValue ?? 0
            let calls = Set(value["calls"]?.arrayValue?.compactMap(\.intValue) ?? [])
            builder.cut(turns: turns, calls: calls) { "\(turns - 1).\($0)" }
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
            let text = largeOutput(value) ?? value["output"]?.stringValue
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

    /// The whole of an output whose beginning only is in the line; `nil` where it is not to be had.
    private func largeOutput(_ value: JSON) -> String? {
        guard let name = value["outputFile"]?.stringValue, name.utf8.count == 64,
            name.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
            let data = try? Data(contentsOf: URL(filePath: "\(outputs)/\(name)"))
        else { return nil }
        return String(decoding: data, as: UTF8.self)
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
