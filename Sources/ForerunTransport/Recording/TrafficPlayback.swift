import Glibc
import Synchronization

/// Answers requests from a file that a ``TrafficRecorder`` wrote, chunk by chunk and at the recorded pace.
///
/// Equal requests are answered in the order of the recording, and by the last answer once all were given. An exchange
/// that was cancelled counts only where there is no other.
package final class TrafficPlayback: Sendable {
    package let path: String
    /// Where and how the file is damaged; what stands before is played. `nil`: it is whole.
    package let damage: String?
    private let exchanges: [RecordedExchange]
    /// Indices into `exchanges`.
    private let queues: [RequestIdentity: [Int]]
    private let taken = Mutex<[RequestIdentity: Int]>([:])

    package init(path: String) throws(RecordingError) {
        self.path = path
        let content = try Self.content(of: path)
        var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        if let complaint = RecordingLine.complaint(aboutHeader: lines.popFirst() ?? []) {
            throw RecordingError("\(path) \(complaint)", remedy: "Name a file that forerun run --record wrote")
        }
        var exchanges: [RecordedExchange] = []
        var damage: String?
        for line in lines where !line.isEmpty {
            guard let exchange = RecordingLine.exchange(line) else {
                let isCut = line.endIndex == content.endIndex
                damage =
                    "\(path) \(isCut ? "breaks off in" : "is damaged in") line \(exchanges.count + 2), which starts at "
                    + "byte \(line.startIndex); the \(exchanges.count) exchanges before it are played"
                break
            }
            exchanges.append(exchange)
        }
        self.exchanges = exchanges
        self.damage = damage
        var queues = Dictionary(grouping: exchanges.indices) { exchanges[$0].identity }
        for (identity, indices) in queues {
            let whole = indices.filter { exchanges[$0].end.how != .cancelled }
            if !whole.isEmpty { queues[identity] = whole }
        }
        self.queues = queues
    }

    /// How many exchanges can be played.
    package var count: Int { exchanges.count }

    /// Plays the exchange that answers `request` to `reader`.
    @concurrent
    func stream<Reader: ResponseReader>(_ request: HTTPRequest, to reader: Reader) async -> Received<Reader> {
        var received = Received(reader: reader, response: nil, failure: nil)
        let identity = RequestIdentity(request)
        guard let exchange = next(identity) else {
            received.failure = unknown(identity)
            return received
        }
        let start = ContinuousClock.now
        func wait(_ seconds: Double) async throws {
            try await Task.sleep(until: start + .seconds(seconds), clock: .continuous)
        }
        do {
            if let header = exchange.header {
                try await wait(exchange.headerAt ?? 0)
                let response = HTTPResponse(header: header.bytes)
                received.response = response
                received.reader.begin(response)
            }
            for chunk in exchange.chunks {
                try await wait(chunk.at)
                guard chunk.bytes.bytes.withUnsafeBufferPointer({ received.reader.read($0) }) else { return received }
            }
            try await wait(exchange.end.at)
        } catch {
            received.failure = .cancelledByCaller
            return received
        }
        received.failure = exchange.failure
        return received
    }

    private func next(_ identity: RequestIdentity) -> RecordedExchange? {
        guard let queue = queues[identity] else { return nil }
        let position = taken.withLock { taken in
            defer { taken[identity, default: 0] += 1 }
            return taken[identity, default: 0]
        }
        return exchanges[queue[min(position, queue.count - 1)]]
    }

    private func unknown(_ identity: RequestIdentity) -> TransportError {
        let like = exchanges.filter { $0.method == identity.method && $0.path == identity.path }
        let asked = "\(identity.method) \(identity.path) with a body of \(identity.body.count) bytes is not in \(path)"
        let remedy = damage ?? "Record again: the agent, its tools or the configuration have changed"
        guard let nearest = like.map({ Likeness(of: identity.body, to: $0) }).max(by: { $0.common < $1.common }) else {
            let known = Set(exchanges.map { "\($0.method) \($0.path)" }).sorted().joined(separator: ", ")
            return TransportError(
                .notRecorded, "\(asked), which has \(known.isEmpty ? "no request" : "only \(known)")", remedy: remedy)
        }
        return TransportError(.notRecorded, "\(asked). \(nearest.text)", remedy: remedy)
    }

    private static func content(of path: String) throws(RecordingError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while descriptor >= 0 {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count == 0 { return content }
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        throw RecordingError(
            "the recording \(path) cannot be read: \(String(cString: strerror(errno)))",
            remedy: "Check that the file exists and that you may read it")
    }
}

extension RecordedExchange {
    /// How it ended, as the caller of a client is told.
    fileprivate var failure: TransportError? {
        switch end.how {
        case .complete: nil
        case .cancelled:
            TransportError(
                .notRecorded, "The recording of exchange \(exchange) breaks off here: it was cancelled then",
                remedy: "Record again, with --mode off: then nothing that is asked is cancelled")
        case .failed: TransportError(TransportError.Code(recorded: end.code ?? ""), end.message ?? "")
        }
    }
}
