import ForerunCore

/// Messages and parts of opencode, as its database, its old tree of files and its export have them.
///
/// Its tools have exact times. One message may hold several generations; each ends with `step-finish`.
struct OpenCodeMessages {
    static let format = "opencode"

    private(set) var builder: RunBuilder
    private var steps = 0

    init(id: String, path: String) {
        builder = RunBuilder(Self.format, id: id, path: path)
        builder.heading.agent = Self.format
    }

    /// Fields of the session, in the spelling of the tree and the export.
    mutating func head(_ head: JSON) {
        builder.heading.id = head["id"]?.stringValue ?? builder.run.id
        builder.heading.parent = head["parentID"]?.stringValue ?? builder.run.parent
        builder.heading.workingDirectory = head["directory"]?.stringValue ?? builder.run.workingDirectory
    }

    /// Adds a message with its parts, in their order.
    mutating func add(_ message: JSON, parts: [JSON], line: Int?, to sink: inout ImportSink) {
        let created = Timestamp.seconds(message["time"]?["created"])
        if message["role"]?.stringValue == "user" {
            let texts = parts.filter { $0["type"]?.stringValue == "text" && $0["synthetic"]?.boolValue != true }
            return builder.message(texts.compactMap { $0["text"]?.stringValue }.joined(separator: "\n"), at: created)
        }
        if let model = message["modelID"]?.stringValue { builder.heading.model = model }
        if builder.run.workingDirectory == nil {
            builder.heading.workingDirectory = message["path"]?["cwd"]?.stringValue
        }
        steps += 1
        for part in parts {
            switch part["type"]?.stringValue {
            case "step-start": steps += 1
            case "text":
                builder.turn(
                    part["text"]?.stringValue ?? "", key: String(steps), at: Timestamp.seconds(part["time"]?["end"]))
            case "tool": tool(part, line, &sink)
            case "step-finish": if let usage = usage(part["tokens"]) { builder.usage(usage) }
            default: break
            }
        }
        builder.pass(to: Timestamp.seconds(message["time"]?["completed"]))
    }

    private mutating func tool(_ part: JSON, _ line: Int?, _ sink: inout ImportSink) {
        guard let name = part["tool"]?.stringValue else {
            return sink.problem(.unknownShape, line: line, "a tool part without a tool")
        }
        let id = part["callID"]?.stringValue ?? part["id"]?.stringValue ?? ""
        let state = part["state"]
        let start = Timestamp.seconds(state?["time"]?["start"])
        let end = Timestamp.seconds(state?["time"]?["end"])
        builder.turn(key: String(steps), at: start)
        builder.call(MessageContent.call(name, state?["input"]), id: id, at: start)
        let output: Output
        switch state?["status"]?.stringValue {
        case "completed": output = Output(MessageContent.output(state?["output"]))
        case "error": output = Output(MessageContent.output(state?["error"]), isError: true)
        default: return
        }
        builder.output(output, for: id, at: end)
    }

    private func usage(_ tokens: JSON?) -> Usage? {
        guard let tokens, let input = tokens["input"]?.intValue else { return nil }
        let cached = tokens["cache"]?["read"]?.intValue ?? 0
        let reasoning = tokens["reasoning"]?.intValue ?? 0
        return Usage(
            input: input + cached + (tokens["cache"]?["write"]?.intValue ?? 0), cached: cached,
            output: (tokens["output"]?.intValue ?? 0) + reasoning, reasoning: reasoning)
    }
}

/// What `opencode export` prints: `{info, messages: [{info, parts}]}`.
struct OpenCodeExport: TranscriptParser {
    private var messages: OpenCodeMessages

    init(_ file: SourceFile) {
        messages = OpenCodeMessages(id: file.id, path: file.path)
    }

    static func recognises(_ piece: Piece) -> Recognition {
        switch piece.member {
        case nil: (piece.value["messages"]?.arrayValue ?? []).contains(where: isMessage) ? .yes : .no
        case "messages": isMessage(piece.value) ? .yes : .no
        default: .no
        }
    }

    private static func isMessage(_ value: JSON) -> Bool {
        value["info"]?["role"] != nil && value["parts"]?.arrayValue != nil
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        switch piece.member {
        case nil:
            if let info = piece.value["info"] { messages.head(info) }
            for message in piece.value["messages"]?.arrayValue ?? [] { add(message, piece.line, &sink) }
        case "info": messages.head(piece.value)
        case "messages": add(piece.value, piece.line, &sink)
        default: break
        }
    }

    private mutating func add(_ message: JSON, _ line: Int, _ sink: inout ImportSink) {
        guard let info = message["info"], let parts = message["parts"]?.arrayValue else {
            return sink.problem(.unknownShape, line: line, "a message without info or parts")
        }
        messages.add(info, parts: parts, line: line, to: &sink)
    }

    mutating func finish(into sink: inout ImportSink) { sink.emit(messages.builder) }
}
