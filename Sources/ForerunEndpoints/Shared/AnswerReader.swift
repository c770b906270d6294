import ForerunCore
import ForerunTransport

/// Reads a response as it arrives: events, one object, or what is neither.
struct AnswerReader<Decoder: AnswerDecoder>: ResponseReader {
    private enum Form {
        case unknown
        case events
        /// One JSON text (the reply of a server that does not stream, or an error), or a page for people.
        case whole
    }

    private let emit: @Sendable (AnswerDelta) -> Void
    private let onResponse: (@Sendable (HTTPResponse) -> Void)?
    private var form = Form.unknown
    private var events = ServerSentEvents()
    private(set) var decoder: Decoder
    private var byteCount = 0
    private(set) var body: [UInt8] = []
    private(set) var failure: ModelFailure?

    /// - Parameter onResponse: told of the header as soon as it is there.
    init(
        _ decoder: Decoder, onResponse: (@Sendable (HTTPResponse) -> Void)? = nil,
        emit: @escaping @Sendable (AnswerDelta) -> Void
    ) {
        self.decoder = decoder
        self.onResponse = onResponse
        self.emit = emit
    }

    mutating func begin(_ response: HTTPResponse) {
        onResponse?(response)
        if !response.isSuccess { form = .whole }
    }

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        byteCount += bytes.count
        if byteCount > AnswerLimit.bytes {
            failure = ModelFailure(
                .malformed, "The server sent more than \(AnswerLimit.bytes >> 20) MiB for one answer")
            return false
        }
        if form == .unknown, let first = bytes.first(where: { $0 > 0x20 }) {
            form = [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "<")].contains(first) ? .whole : .events
        }
        if form == .events {
            withEvents { reader, events in events.feed(bytes) { reader.decode($0) } }
            return failure == nil && !decoder.isComplete
        }
        body += bytes
        return true
    }

    /// Ends the stream.
    ///
    /// - Parameter failure: what went wrong on the way; it does not matter where the answer is whole.
    mutating func finish(_ failure: ModelFailure?) throws(ModelFailure) -> Answer {
        // Half an object says nothing, and who cancels wants no answer.
        if let failure, form != .events || failure.kind == .cancelled { throw self.failure ?? failure }
        switch form {
        case .events:
            let known = self.failure
            withEvents { reader, events in events.finish { reader.decode($0) } }
            // The last event was cut off: half an object says nothing, and the answer may be whole without it.
            if known == nil, self.failure?.kind == .malformed { self.failure = nil }
        case .whole:
            if let page = ProviderError.page(body) { throw ModelFailure(.malformed, page) }
            let body = body
            body.withUnsafeBufferPointer { decode(ServerSentEvents.Event(name: nil, data: $0)) }
            // A reply of one piece is whole, with a finish reason or without.
            decoder.end(emit: emit)
        case .unknown:
            throw failure
                ?? ModelFailure(
                    .truncated, "The server sent nothing",
                    remedy: "Some servers say nothing where a request is longer than the model's context: see its log.")
        }
        if let failure = self.failure { throw failure }
        do throws(ModelFailure) {
            return try decoder.finish(emit: emit)
        } catch {
            throw failure ?? error
        }
    }

    /// Lends out the splitter, so that its events may change the rest of the reader.
    private mutating func withEvents(_ body: (inout AnswerReader, inout ServerSentEvents) -> Void) {
        var events = ServerSentEvents()
        swap(&events, &self.events)
        body(&self, &events)
        swap(&events, &self.events)
    }

    private mutating func decode(_ event: ServerSentEvents.Event) {
        guard failure == nil else { return }
        do throws(ModelFailure) {
            if event.name == "error" { throw EndpointFailure.inStream(Array(event.data)) }
            try decoder.decode(event.data, emit: emit)
        } catch {
            failure = error
        }
    }
}

/// No answer is longer; a server that goes on for ever is out of order.
enum AnswerLimit {
    static let bytes = 64 << 20
}
