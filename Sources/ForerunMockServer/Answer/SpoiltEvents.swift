import ForerunCore

/// A stream with the fault that befalls its events; other faults leave it as it is.
struct SpoiltEvents: Sendable {
    private(set) var events: [StreamEvent]
    private let answering: Answering

    init(_ answering: Answering) {
        self.answering = answering
        events = answering.spelling.events
        guard let fault = answering.fault else { return }
        switch fault.kind {
        case .half: events = Array(answers.prefix((answers.count + 1) / 2))
        case .halfJSON:
            var cut = events[middle]
            cut.bytes = Array(cut.bytes.prefix(cut.bytes.count / 2))
            events = events.prefix(middle) + [cut]
        case .noEnd: events.removeAll { $0.kind == .end }
        case .garbage: events.insert(StreamEvent(lines: "data: <html>502 Bad Gateway</html>\n\n"), at: middle)
        case .errorEvent, .failedEvent: events = events.prefix(fault.after ?? 1) + [failure(fault)]
        case .unknownEvents:
            for index in events.indices { add(#""forerun_future":{"list":[1,null]},"#, at: index) }
            events.insert(unknown, at: middle)
            events.insert(unknown, at: 0)
        case .crlf:
            for index in events.indices {
                events[index].bytes =
                    Array(": a comment\r\n".utf8) + events[index].bytes.flatMap { $0 == 0x0a ? [0x0d, 0x0a] : [$0] }
            }
        case .longLine:
            let padding = String(repeating: "x", count: fault.bytes ?? 10_000_000)
            add(#""padding":"\#(padding)","#, at: middle)
        case .invalidUTF8: spoilText()
        default: break
        }
    }

    /// The error that a stream reports.
    static func refusal(_ fault: Fault) -> Refusal {
        .scripted(fault.status ?? 529, code: fault.code, message: fault.message)
    }

    /// What no UTF-8 text contains: a byte that never occurs, and a sequence that breaks off.
    static let invalidBytes: [UInt8] = [0xff, 0xc3, 0x28]

    /// Where a text begins in the JSON of an answer, whole or streamed.
    static func textPrefix(_ dialect: Dialect, isStreaming: Bool) -> [UInt8] {
        switch dialect {
        case .chat: Array(#""content":""#.utf8)
        case .responses: Array((isStreaming ? #""delta":""# : #""text":""#).utf8)
        case .messages, .completions: Array(#""text":""#.utf8)
        }
    }

    /// Events of the answer itself.
    private var answers: [StreamEvent] { events.filter { $0.kind == .content || $0.kind == .finish } }

    private var middle: Int { answers.count / 2 }

    private func failure(_ fault: Fault) -> StreamEvent {
        let refusal = Self.refusal(fault)
        if fault.kind == .failedEvent, let responses = answering.spelling as? ResponsesSpelling {
            return responses.failed(refusal)
        }
        return answering.spelling.failure(refusal)
    }

    private var unknown: StreamEvent {
        switch answering.question.dialect {
        case .chat, .completions:
            // As Azure's first chunk.
            StreamEvent(
                #"{"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#
            )
        case .responses, .messages:
            StreamEvent(typed: ["type": "forerun.future", "sequence_number": 0, "items": [["a": .null]]])
        }
    }

    /// Adds a field at the start of an event's object.
    private mutating func add(_ field: String, at index: Int) {
        guard let brace = events[index].bytes.firstIndex(of: UInt8(ascii: "{")) else { return }
        events[index].bytes.insert(contentsOf: Array(field.utf8), at: brace + 1)
    }

    private mutating func spoilText() {
        let prefix = Self.textPrefix(answering.question.dialect, isStreaming: true)
        for index in events.indices where events[index].tokens > 0 {
            guard let place = events[index].bytes.firstRange(of: prefix) else { continue }
            events[index].bytes.insert(contentsOf: Self.invalidBytes, at: place.upperBound)
            return
        }
    }
}
