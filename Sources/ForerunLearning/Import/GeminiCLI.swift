import ForerunCore
import OrderedCollections

/// Chats of gemini-cli: messages with their calls and results, updated by later lines; older files are one document.
///
/// A message with an id that was there replaces the earlier one. `$rewindTo` takes back a message and all after it (all,
/// where it is unknown). `$set` changes the head; the messages that it may bring are the context that the model is given
/// from then on, and replace or join the others, which stay: they did happen.
struct GeminiCLI: TranscriptParser {
    static let format = "gemini-cli"

    private let file: SourceFile
    private var id: String
    private var kind: String?
    private var directory: String?
    private var messages: OrderedDictionary<String, (JSON, line: Int)> = [:]
    private var givenUp = 0

    init(_ file: SourceFile) {
        self.file = file
        id = file.id
    }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        switch piece.member {
        case nil:
            if value["projectHash"] != nil, value["sessionId"] != nil { return .yes }
            if value["$rewindTo"] != nil || value["$set"] != nil { return .yes }
            return isMessage(value) ? .perhaps : .no
        case "projectHash": return .yes
        case "messages": return isMessage(value) ? .perhaps : .no
        default: return .no
        }
    }

    private static func isMessage(_ value: JSON) -> Bool {
        guard value["id"] != nil, value["timestamp"] != nil, let type = value["type"]?.stringValue else { return false }
        return type == "gemini" || (type == "user" && value["content"] != nil)
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch piece.member {
        case nil: break
        case "messages": return add(value, piece.line, &sink)
        case let name?: return head([name: value])
        }
        if let target = value["$rewindTo"]?.stringValue {
            let first = messages.index(forKey: target) ?? 0
            for (message, _) in messages.values[first...] { givenUp += message["toolCalls"]?.arrayValue?.count ?? 0 }
            messages.removeSubrange(first...)
        } else if let patch = value["$set"] {
            head(patch)
            for message in patch["messages"]?.arrayValue ?? [] { add(message, piece.line, &sink) }
        } else if value["id"] != nil {
            add(value, piece.line, &sink)
        } else if value["sessionId"] != nil {
            head(value)
            for message in value["messages"]?.arrayValue ?? [] { add(message, piece.line, &sink) }
        } else {
            sink.problem(.unknownShape, line: piece.line, "neither a message nor a change")
        }
    }

    private mutating func head(_ head: JSON) {
        id = head["sessionId"]?.stringValue ?? id
        kind = head["kind"]?.stringValue ?? kind
        directory = head["directories"]?.arrayValue?.first?.stringValue ?? directory
    }

    private mutating func add(_ message: JSON, _ line: Int, _ sink: inout ImportSink) {
        guard let id = message["id"]?.stringValue, message["type"]?.stringValue != nil else {
            return sink.problem(.unknownShape, line: line, "a message without id or type")
        }
        messages[id] = (message, line)
    }

    mutating func finish(into sink: inout ImportSink) {
        var builder = RunBuilder(Self.format, id: id, path: file.path)
        builder.heading.agent = Self.format
        builder.heading.workingDirectory = directory
        let parts = file.path.split(separator: "/")
        // Sub-agents lie in a directory named after the session that started them.
        if kind == "subagent" || (parts.count > 2 && parts[parts.count - 3] == "chats"), parts.count > 1 {
            builder.heading.parent = String(parts[parts.count - 2])
        }
        for (message, line) in messages.values {
            let time = Timestamp.seconds(message["timestamp"])
            switch message["type"]?.stringValue {
            case "user": builder.message(MessageContent.text(message["content"]), at: time)
            case "gemini": answer(message, time, line, &builder, &sink)
            default: break
            }
        }
        if givenUp > 0 { sink.problem(.givenUp, line: nil, "session \(id)", count: givenUp) }
        sink.emit(builder)
    }

    private func answer(
        _ message: JSON, _ time: Double?, _ line: Int, _ builder: inout RunBuilder, _ sink: inout ImportSink
    ) {
        if let model = message["model"]?.stringValue { builder.heading.model = model }
        builder.turn(MessageContent.text(message["content"]), at: time, usage: usage(message["tokens"]))
        let calls = message["toolCalls"]?.arrayValue ?? []
        for (index, call) in calls.enumerated() {
            guard let name = call["name"]?.stringValue else {
                sink.problem(.unknownShape, line: line, "a call without a name")
                continue
            }
            builder.call(MessageContent.call(name, call["args"]), id: String(index), at: time)
        }
        for (index, call) in calls.enumerated() where call["name"]?.stringValue != nil {
            let status = call["status"]?.stringValue
            let result = call["result"].flatMap { $0.isNull ? nil : $0 }
            guard result != nil || status == "error" || status == "cancelled" else { continue }
            let (text, isError) = Self.result(result)
            builder.output(
                Output(text, isError: isError || status == "error" || status == "cancelled"), for: String(index),
                at: Timestamp.seconds(call["timestamp"]))
        }
    }

    /// The result: parts with function responses, whose `output` or `error` the model is shown.
    private static func result(_ result: JSON?) -> (text: String, isError: Bool) {
        var texts: [String] = []
        var isError = false
        for part in result?.arrayValue ?? [] {
            if let response = part["functionResponse"]?["response"] {
                if let error = response["error"] {
                    isError = true
                    texts.append(MessageContent.output(error))
                } else {
                    texts.append(MessageContent.output(response["output"] ?? response))
                }
            } else if let text = part["text"]?.stringValue {
                texts.append(text)
            }
        }
        if result?.arrayValue == nil { texts.append(MessageContent.output(result)) }
        return (texts.joined(separator: "\n"), isError)
    }

    private func usage(_ tokens: JSON?) -> Usage? {
        guard let tokens, let input = tokens["input"]?.intValue else { return nil }
        let thoughts = tokens["thoughts"]?.intValue ?? 0
        return Usage(
            input: input, cached: tokens["cached"]?.intValue ?? 0,
            output: (tokens["output"]?.intValue ?? 0) + thoughts, reasoning: thoughts)
    }
}
