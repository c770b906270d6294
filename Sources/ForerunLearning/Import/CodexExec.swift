import ForerunCore

/// What `codex exec --json` prints: items that begin and complete. It has neither times nor call ids of the model.
struct CodexExec: TranscriptParser {
    static let format = "codex-exec"

    private var builder: RunBuilder
    private var begun: Set<String> = []
    private var generation = 0

    init(_ file: SourceFile) {
        builder = RunBuilder(Self.format, id: file.id, path: file.path)
        builder.heading.agent = Codex.format
    }

    static func recognises(_ piece: Piece) -> Recognition {
        guard piece.member == nil, let type = piece.value["type"]?.stringValue else { return .no }
        let isItem = type.hasPrefix("item.") && piece.value["item"]?.objectValue != nil
        return isItem || (type == "thread.started" && piece.value["thread_id"] != nil) ? .yes : .no
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch value["type"]?.stringValue {
        case "thread.started":
            if let id = value["thread_id"]?.stringValue { builder.heading.id = id }
        case "turn.completed":
            if let usage = value["usage"], let input = usage["input_tokens"]?.intValue {
                builder.usage(
                    Usage(
                        input: input, cached: usage["cached_input_tokens"]?.intValue ?? 0,
                        output: usage["output_tokens"]?.intValue ?? 0))
            }
        case "item.started", "item.completed":
            guard let item = value["item"], let id = item["id"]?.stringValue else {
                return sink.problem(.unknownShape, line: piece.line, "an item without id")
            }
            take(item, id, isComplete: value["type"]?.stringValue == "item.completed", piece.line, &sink)
        case nil: sink.problem(.unknownShape, line: piece.line, "no type")
        default: break
        }
    }

    private mutating func take(
        _ item: JSON, _ id: String, isComplete: Bool, _ line: Int, _ sink: inout ImportSink
    ) {
        if item["type"]?.stringValue == "agent_message" {
            if isComplete { builder.turn(item["text"]?.stringValue ?? "", key: String(generation)) }
            return
        }
        guard let call = call(item) else { return }
        if begun.insert(id).inserted {
            builder.turn(key: String(generation))
            builder.call(call, id: id)
        }
        guard isComplete, let output = output(item) else { return }
        generation += 1
        if !builder.output(output, for: id) { sink.problem(.strayOutput, line: line, id) }
    }

    private func call(_ item: JSON) -> Call? {
        switch item["type"]?.stringValue {
        case "command_execution": Call("shell_command", ["command": item["command"] ?? ""])
        case "mcp_tool_call":
            MessageContent.call(
                "\(item["server"]?.stringValue ?? "")__\(item["tool"]?.stringValue ?? "")", item["arguments"])
        case "file_change": Call("apply_patch", ["changes": item["changes"] ?? []])
        case "web_search": Call("web_search", ["query": item["query"] ?? ""])
        default: nil
        }
    }

    private func output(_ item: JSON) -> Output? {
        let hasFailed = item["status"]?.stringValue == "failed"
        switch item["type"]?.stringValue {
        case "command_execution":
            let code = item["exit_code"]?.intValue
            return Output(
                item["aggregated_output"]?.stringValue ?? "", isError: code.map { $0 != 0 } ?? hasFailed)
        case "mcp_tool_call":
            let error = item["error"].flatMap { $0.isNull ? nil : $0 }
            let result = item["result"]
            return Output(
                MessageContent.output(error?["message"] ?? error ?? result?["content"] ?? result),
                isError: error != nil || hasFailed)
        case "file_change": return Output(item["status"]?.stringValue ?? "", isError: hasFailed)
        default: return nil
        }
    }

    mutating func finish(into sink: inout ImportSink) { sink.emit(builder) }
}
