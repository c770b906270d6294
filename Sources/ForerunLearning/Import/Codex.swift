import ForerunCore

/// Rollouts of codex: lines `{timestamp, type, payload}`; the oldest ones are bare payloads.
///
/// What was said and done are the response items; event messages repeat them and are used for their token counts only.
/// Commands are not looked into here: ``CanonicalOperation`` does.
struct Codex: TranscriptParser {
    static let format = "codex"

    private var builder: RunBuilder
    private var hasMeta = false
    /// Grows with every output and message: what the model says between two of them is one turn.
    private var generation = 0
    private var repeated: Set<String> = []
    private var repeatedCount = 0

    init(_ file: SourceFile) {
        builder = RunBuilder(Self.format, id: file.id, path: file.path)
        builder.heading.agent = Self.format
    }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        guard piece.member == nil else { return .no }
        switch value["type"]?.stringValue {
        case "session_meta", "response_item", "turn_context", "compacted", "event_msg":
            return value["payload"]?.objectValue != nil ? .yes : .no
        case "function_call", "function_call_output", "local_shell_call", "custom_tool_call":
            // Bare items; a list of messages for OpenAI's Responses has them too.
            return .perhaps
        case nil:
            if value["record_type"]?.stringValue == "state" { return .yes }
            let isHead = value["id"] != nil && value["timestamp"] != nil && value["instructions"] != nil
            return isHead && value["messages"] == nil ? .yes : .no
        default: return .no
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        let time = Timestamp.seconds(value["timestamp"])
        guard let payload = value["payload"] else { return readBare(value, piece, &sink) }
        switch value["type"]?.stringValue {
        case "session_meta": meta(payload)
        case "turn_context":
            builder.heading.model = payload["model"]?.stringValue ?? builder.heading.model
            builder.heading.workingDirectory = builder.heading.workingDirectory ?? payload["cwd"]?.stringValue
        case "response_item": item(payload, time, piece.line, &sink)
        case "event_msg":
            if payload["type"]?.stringValue == "token_count" { usage(payload["info"]?["last_token_usage"]) }
        case "compacted":
            // The history that replaces the old one repeats parts of it.
            generation += 1
            builder.message(payload["message"]?.stringValue ?? "", at: time)
        case nil: sink.problem(.unknownShape, line: piece.line, "no type")
        default: break
        }
    }

    /// Lines of the oldest files.
    private mutating func readBare(_ value: JSON, _ piece: Piece, _ sink: inout ImportSink) {
        if value["type"] != nil {
            item(value, nil, piece.line, &sink)
        } else if value["id"] != nil, value["record_type"] == nil {
            meta(value)
        } else if value["record_type"] == nil {
            sink.problem(.unknownShape, line: piece.line, "no type")
        }
    }

    private mutating func meta(_ meta: JSON) {
        // A forked session repeats its parent's lines, head included, behind its own head.
        guard !hasMeta, let id = meta["id"]?.stringValue else { return }
        hasMeta = true
        builder.heading.id = id
        builder.heading.parent = meta["forked_from_id"]?.stringValue
        builder.heading.workingDirectory = meta["cwd"]?.stringValue
    }

    private mutating func item(_ item: JSON, _ time: Double?, _ line: Int, _ sink: inout ImportSink) {
        let type = item["type"]?.stringValue ?? ""
        switch type {
        case "message": message(item, time)
        case "function_call", "custom_tool_call", "local_shell_call", "web_search_call":
            let id = item["call_id"]?.stringValue ?? item["id"]?.stringValue ?? ""
            if !id.isEmpty, sink.isRepeated(Self.format, id) {
                repeated.insert(id)
                repeatedCount += 1
                return
            }
            guard let call = call(type, item) else {
                return sink.problem(.unknownShape, line: line, "\(type) without a name")
            }
            builder.turn(key: String(generation), at: time)
            builder.call(call, id: id, at: time)
        case "function_call_output", "custom_tool_call_output", "local_shell_call_output":
            generation += 1
            let id = item["call_id"]?.stringValue ?? item["id"]?.stringValue ?? ""
            guard !repeated.contains(id) else { return }
            let result = CodexOutput(item["output"])
            if !builder.output(result.output, for: id, at: time, seconds: result.seconds) {
                sink.problem(.strayOutput, line: line, id)
            }
        default:
            if type.hasSuffix("_call") || type.hasSuffix("_output") {
                sink.problem(.unknownShape, line: line, "response item \(type)")
            }
        }
    }

    private mutating func message(_ item: JSON, _ time: Double?) {
        let text = MessageContent.text(item["content"])
        switch item["role"]?.stringValue {
        case "assistant": builder.turn(text, key: String(generation), at: time)
        case "user":
            // What the program says about itself in the user's name.
            let isContext = ["<environment_context>", "<user_instructions>", "# AGENTS.md instructions"].contains {
                text.hasPrefix($0)
            }
            guard !isContext else { return }
            generation += 1
            builder.message(text, at: time)
        default: break
        }
    }

    private func call(_ type: String, _ item: JSON) -> Call? {
        switch type {
        case "custom_tool_call": item["name"]?.stringValue.map { Call($0, ["input": item["input"] ?? ""]) }
        case "local_shell_call": Call("shell", MessageContent.call("", item["action"]).arguments)
        case "web_search_call": Call("web_search", MessageContent.call("", item["action"]).arguments)
        default: item["name"]?.stringValue.map { MessageContent.call($0, item["arguments"]) }
        }
    }

    private mutating func usage(_ usage: JSON?) {
        guard let usage, let input = usage["input_tokens"]?.intValue else { return }
        builder.usage(
            Usage(
                input: input, cached: usage["cached_input_tokens"]?.intValue ?? 0,
                output: usage["output_tokens"]?.intValue ?? 0,
                reasoning: usage["reasoning_output_tokens"]?.intValue ?? 0))
    }

    mutating func finish(into sink: inout ImportSink) {
        if repeatedCount > 0 { sink.problem(.repeated, line: nil, "session \(builder.run.id)", count: repeatedCount) }
        sink.emit(builder)
    }
}

/// What a tool of codex returned, with what its text says about status and time.
struct CodexOutput {
    let output: Output
    let seconds: Double?

    /// - Parameter value: a text; the text of `{output, metadata{exit_code, duration_seconds}}` in older files; blocks; an
    ///   object with `content` and `success`.
    init(_ value: JSON?) {
        let text = value?["content"].map { MessageContent.output($0) } ?? MessageContent.output(value)
        var isError = value?["success"]?.boolValue.map { !$0 } ?? OutputStatus.isError(text)
        var seconds = OutputStatus.number(after: "Wall time: ", in: text.utf8.prefix(400))
        if text.hasPrefix("{\"output\""), let parsed = LenientJSON.parse(text), let metadata = parsed["metadata"] {
            isError = metadata["exit_code"]?.intValue.map { $0 != 0 } ?? isError
            seconds = metadata["duration_seconds"]?.doubleValue ?? seconds
        }
        output = Output(text, isError: isError ?? false)
        self.seconds = seconds
    }
}
