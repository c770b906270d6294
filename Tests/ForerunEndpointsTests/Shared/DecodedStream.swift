import ForerunCore
import ForerunEndpoints
import ForerunTransport
import Testing

/// What a decoder made of a stream: its deltas, and the answer or the failure at the end.
struct DecodedStream: Equatable {
    var deltas: [AnswerDelta] = []
    var answer: Answer?
    var failure: ModelFailure?

    /// Decodes the data of events, one after the other.
    init(_ events: [String], _ decoder: some AnswerDecoder) {
        self.init(Array(events.map { "data: \($0)\n\n" }.joined().utf8), decoder)
    }

    /// Decodes a stream of bytes that arrives in pieces.
    ///
    /// - Parameter cuts: where it is cut, in rising order.
    init(_ bytes: [UInt8], _ decoder: some AnswerDecoder, cuts: [Int] = []) {
        var decoder = decoder
        var events = ServerSentEvents()
        var deltas: [AnswerDelta] = []
        var failure: ModelFailure?
        func take(_ event: ServerSentEvents.Event) {
            guard failure == nil else { return }
            do throws(ModelFailure) {
                try decoder.decode(event.data) { deltas.append($0) }
            } catch {
                failure = error
            }
        }
        var start = 0
        for end in cuts + [bytes.count] where end >= start {
            Array(bytes[start..<end]).withUnsafeBufferPointer { events.feed($0, take) }
            start = end
        }
        events.finish(take)
        if failure == nil {
            do throws(ModelFailure) {
                answer = try decoder.finish { deltas.append($0) }
            } catch {
                failure = error
            }
        }
        self.deltas = deltas
        self.failure = failure
    }

    /// The answer; a failure fails the test.
    func requireAnswer(_ location: SourceLocation = #_sourceLocation) throws -> Answer {
        try #require(answer, "\(String(describing: failure))", sourceLocation: location)
    }

    /// The calls that were sealed, in order; each once, and each after it was started.
    var sealed: [Call] {
        var started = 0
        var calls: [Call] = []
        for delta in deltas {
            switch delta {
            case .callStarted(let index, _):
                #expect(index == started)
                started += 1
            case .callSealed(let index, let call):
                #expect(index == calls.count && index < started)
                calls.append(call)
            case .text, .reasoning, .logprobs: break
            }
        }
        return calls
    }

    var text: String { deltas.reduce("") { if case .text(let text) = $1 { $0 + text } else { $0 } } }
}
