import ForerunCore

/// Sessions of pi: a head line, then entries that form a tree in one file. The latest entry tells which branch counts.
struct Pi: TranscriptParser {
    static let format = "pi"

    private struct Entry {
        let message: JSON?
        let time: Double?
        let line: Int
    }

    private var builder: RunBuilder
    private var tree = EntryTree()
    private var entries: [Entry] = []
    private var latest: String?

    init(_ file: SourceFile) {
        builder = RunBuilder(Self.format, id: file.id, path: file.path)
        builder.heading.agent = Self.format
    }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        guard piece.member == nil else { return .no }
        switch value["type"]?.stringValue {
        case "session": return value["id"] != nil && value["cwd"] != nil ? .yes : .no
        case "message":
            // The head may be damaged.
            let role = value["message"]?["role"]?.stringValue
            return role == "toolResult" || (role != nil && value["parentId"] != nil) ? .perhaps : .no
        default: return .no
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        guard let type = value["type"]?.stringValue else {
            return sink.problem(.unknownShape, line: piece.line, "no type")
        }
        if type == "session" {
            if let id = value["id"]?.stringValue { builder.heading.id = id }
            builder.heading.parent = value["parentSession"]?.stringValue.map { SourceFile(path: $0).stem }
            builder.heading.workingDirectory = value["cwd"]?.stringValue
            return
        }
        // The first version had no ids: each entry follows the one before.
        let id = value["id"]?.stringValue ?? "line \(piece.line)"
        let parent = value["id"] == nil ? latest : value["parentId"]?.stringValue
        guard tree.add(id, parent: parent) != nil else {
            return sink.problem(.unknownShape, line: piece.line, "the id \(id) comes twice")
        }
        latest = id
        var message: JSON?
        if type == "message" {
            message = value["message"]
            if message?["role"]?.stringValue == nil {
                sink.problem(.unknownShape, line: piece.line, "a message without a role")
            }
        }
        entries.append(Entry(message: message, time: Timestamp.seconds(value["timestamp"]), line: piece.line))
    }

    mutating func finish(into sink: inout ImportSink) {
        let kept = tree.kept { entries[$0].message != nil }
        var givenUp = 0
        var repeated: Set<String> = []
        for (index, entry) in entries.enumerated() {
            guard let message = entry.message else { continue }
            guard kept[index] else {
                givenUp += Self.calls(message).count
                continue
            }
            switch message["role"]?.stringValue {
            case "user": builder.message(MessageContent.text(message["content"]), at: entry.time)
            case "assistant": answer(message, entry, &repeated, &sink)
            case "toolResult":
                let id = message["toolCallId"]?.stringValue ?? ""
                guard !repeated.contains(id) else { continue }
                let output = Output(
                    MessageContent.output(message["content"]), isError: message["isError"]?.boolValue ?? false)
                if !builder.output(output, for: id, at: entry.time) {
                    sink.problem(.strayOutput, line: entry.line, id)
                }
            default: break
            }
        }
        if givenUp > 0 { sink.problem(.givenUp, line: nil, "session \(builder.run.id)", count: givenUp) }
        if !repeated.isEmpty { sink.problem(.repeated, line: nil, "session \(builder.run.id)", count: repeated.count) }
        sink.emit(builder)
    }

    private static func calls(_ message: JSON) -> [JSON] {
        (message["content"]?.arrayValue ?? []).filter { $0["type"]?.stringValue == "toolCall" }
    }

    private mutating func answer(
        _ message: JSON, _ entry: Entry, _ repeated: inout Set<String>, _ sink: inout ImportSink
    ) {
        if let model = message["model"]?.stringValue { builder.heading.model = model }
        builder.turn(MessageContent.text(message["content"]), at: entry.time, usage: usage(message["usage"]))
        for block in Self.calls(message) {
            guard let id = block["id"]?.stringValue, let name = block["name"]?.stringValue else {
                sink.problem(.unknownShape, line: entry.line, "a call without id or name")
                continue
            }
            // A forked session's file begins with its parent's entries.
            if sink.isRepeated(Self.format, id) {
                repeated.insert(id)
            } else {
                builder.call(MessageContent.call(name, block["arguments"]), id: id, at: entry.time)
            }
        }
    }

    private func usage(_ usage: JSON?) -> Usage? {
        guard let usage, let input = usage["input"]?.intValue else { return nil }
        let cached = usage["cacheRead"]?.intValue ?? 0
        return Usage(
            input: input + cached + (usage["cacheWrite"]?.intValue ?? 0), cached: cached,
            output: usage["output"]?.intValue ?? 0)
    }
}
