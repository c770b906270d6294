import ForerunCore

/// Messages of goose, as its database, its export and its old JSON lines have them.
struct GooseMessages {
    static let format = "goose"

    private(set) var builder: RunBuilder

    init(id: String, path: String) {
        builder = RunBuilder(Self.format, id: id, path: path)
        builder.heading.agent = Self.format
    }

    /// Fields of the session: `id`, `working_dir`, `parent_session_id`, `model_config`.
    mutating func head(_ head: JSON) {
        builder.heading.id = head["id"]?.stringValue ?? builder.run.id
        builder.heading.workingDirectory = head["working_dir"]?.stringValue ?? builder.run.workingDirectory
        builder.heading.parent = head["parent_session_id"]?.stringValue ?? builder.run.parent
        builder.heading.model = head["model_config"]?["model_name"]?.stringValue ?? builder.run.model
    }

    /// Adds a message: `role`, when it was `created` (seconds), its `content`.
    mutating func add(role: String?, created: JSON?, content: JSON?, line: Int?, to sink: inout ImportSink) {
        let time = Timestamp.seconds(created)
        let isAssistant = role == "assistant"
        var text: [String] = []
        var calls: [(id: String?, call: Call)] = []
        for block in content?.arrayValue ?? [] {
            switch block["type"]?.stringValue {
            case "text": text.append(block["text"]?.stringValue ?? "")
            case "toolRequest", "frontendToolRequest":
                let id = block["id"]?.stringValue
                let request = block["toolCall"]
                if let value = request?["value"] ?? request, let name = value["name"]?.stringValue {
                    calls.append((id, MessageContent.call(name, value["arguments"])))
                } else if let error = request?["error"] {
                    // The model wrote no valid call.
                    calls.append((id, Call("", malformed: MessageContent.output(error))))
                } else {
                    sink.problem(.unknownShape, line: line, "a request without a call")
                }
            case "toolResponse":
                let id = block["id"]?.stringValue
                if !builder.output(Self.output(block["toolResult"]), for: id, at: time) {
                    sink.problem(.strayOutput, line: line, id ?? "")
                }
            default: break
            }
        }
        if isAssistant {
            guard !text.isEmpty || !calls.isEmpty else { return }
            builder.turn(text.joined(separator: "\n"), at: time)
            for (id, call) in calls { builder.call(call, id: id, at: time) }
        } else {
            builder.message(text.joined(separator: "\n"), at: time)
        }
    }

    /// What the model is shown of a result: not the parts that are for the user's eyes only.
    private static func output(_ result: JSON?) -> Output {
        let hasFailed = result?["status"]?.stringValue == "error"
        if hasFailed, let error = result?["error"] { return Output(MessageContent.output(error), isError: true) }
        let value = result?["value"] ?? result
        var contents = value?["content"] ?? value
        if let blocks = contents?.arrayValue {
            contents = .array(
                blocks.filter { block in
                    guard let audience = block["annotations"]?["audience"]?.arrayValue, !audience.isEmpty else {
                        return true
                    }
                    return audience.contains("assistant")
                })
        }
        return Output(MessageContent.output(contents), isError: hasFailed || value?["isError"]?.boolValue == true)
    }
}

/// Sessions of goose before its database (a head line, then a message a line), and its JSON export.
struct GooseLines: TranscriptParser {
    private var messages: GooseMessages

    init(_ file: SourceFile) {
        messages = GooseMessages(id: file.stem, path: file.path)
    }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        switch piece.member {
        case nil:
            if value["working_dir"] != nil, value["message_count"] != nil || value["description"] != nil { return .yes }
            if value["working_dir"] != nil, value["conversation"] != nil { return .yes }
            return hasToolBlocks(value) ? .yes : .no
        case "conversation", "messages": return hasToolBlocks(value) ? .yes : .no
        case "working_dir": return .perhaps
        default: return .no
        }
    }

    private static func hasToolBlocks(_ message: JSON) -> Bool {
        (message["content"]?.arrayValue ?? []).contains {
            let type = $0["type"]?.stringValue
            return type == "toolRequest" || type == "toolResponse"
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch piece.member {
        case nil:
            if value["role"] != nil {
                add(value, piece.line, &sink)
            } else if value["working_dir"] != nil {
                messages.head(value)
                for message in (value["conversation"] ?? value["messages"])?.arrayValue ?? [] {
                    add(message, piece.line, &sink)
                }
            } else {
                sink.problem(.unknownShape, line: piece.line, "neither a head nor a message")
            }
        case "conversation", "messages": add(value, piece.line, &sink)
        case let name?: messages.head([name: value])
        }
    }

    private mutating func add(_ message: JSON, _ line: Int, _ sink: inout ImportSink) {
        guard let role = message["role"]?.stringValue else {
            return sink.problem(.unknownShape, line: line, "a message without a role")
        }
        messages.add(role: role, created: message["created"], content: message["content"], line: line, to: &sink)
    }

    mutating func finish(into sink: inout ImportSink) { sink.emit(messages.builder) }
}
