import ForerunCore

/// Plain lists of messages: an array, `{"messages": […]}`, lines of those, or a message a line.
struct MessageList: TranscriptParser {
    static let format = "messages"

    private let file: SourceFile
    /// The list that is spread over the pieces.
    private var open: ChatMessages

    init(_ file: SourceFile) {
        self.file = file
        open = ChatMessages(Self.format, id: file.id, path: file.path)
    }

    static func recognises(_ piece: Piece) -> Recognition {
        switch piece.member {
        case nil:
            let value = piece.value
            let isList = [value, value["messages"] ?? nil].contains {
                $0.arrayValue?.contains(where: ChatMessages.isMessage) == true
            }
            return isList || ChatMessages.isMessage(value) ? .perhaps : .no
        case "messages", "input": return ChatMessages.isMessage(piece.value) ? .perhaps : .no
        default: return .no
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch piece.member {
        case nil:
            if ChatMessages.isMessage(value) {
                open.add(value, line: piece.line, to: &sink)
            } else if let messages = value.arrayValue ?? value["messages"]?.arrayValue {
                whole(messages, value, piece.line, &sink)
            } else {
                sink.problem(.unknownShape, line: piece.line, "neither a message nor a list of them")
            }
        case "messages", "input": open.add(value, line: piece.line, to: &sink)
        case "tools": open.heading.tools += ChatMessages.tools([value])
        case "model": open.heading.model = value.stringValue
        default: break
        }
    }

    /// A list that is one piece.
    private func whole(_ messages: [JSON], _ value: JSON, _ line: Int, _ sink: inout ImportSink) {
        var list = ChatMessages(Self.format, id: "\(file.id)/\(line)", path: file.path)
        list.heading.tools = ChatMessages.tools(value["tools"])
        list.heading.model = value["model"]?.stringValue
        for message in messages { list.add(message, line: line, to: &sink) }
        list.finish(into: &sink)
    }

    mutating func finish(into sink: inout ImportSink) { open.finish(into: &sink) }
}
