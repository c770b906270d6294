import CCurl
import Synchronization

/// One request on its way. All but `isCancelled` belongs to the loop thread once it is started.
class Exchange: @unchecked Sendable {
    /// Our own identity: addresses of handles are reused, so that a late cancel would hit a stranger.
    let id: UInt64
    let request: HTTPRequest
    /// Set before the loop is told, so that an exchange cancelled before it starts is never sent.
    let isCancelled = Atomic(false)

    var easy: EasyHandle?
    var loop: CurlLoop?
    private(set) var response: HTTPResponse?
    private var header: [UInt8] = []
    /// The reader has all that it wants.
    private(set) var isSatisfied = false
    private var deadlineOfBytes = Int64.max
    private var deadlineOfAll = Int64.max

    private static let lastID = Atomic<UInt64>(0)
    /// How long the end of a response may take that nobody reads any more. Only a connection is lost afterwards.
    private static let grace: Int64 = 50_000_000

    init(_ request: HTTPRequest) {
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
        self.request = request
    }

    // What a subclass does with the response.
    func begin(_ response: HTTPResponse) {}
    func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { true }
    func finish(_ failure: TransportError?) {}

    /// When the exchange must have come further.
    var deadline: Int64 { min(deadlineOfBytes, deadlineOfAll) }

    func started(at now: Int64) {
        deadlineOfBytes = now + MonotonicTime.nanoseconds(request.idleTimeout)
        if let total = request.totalTimeout { deadlineOfAll = now + MonotonicTime.nanoseconds(total) }
    }

    /// One line of the header, its end included. The header ends with an empty line.
    func receivedHeader(_ line: UnsafeBufferPointer<UInt8>) {
        sawBytes()
        guard response == nil else { return }  // trailers
        if line.count > 5, line[0] == UInt8(ascii: "H"), line.starts(with: "HTTP/".utf8) {
            // Before it there was an interim response, or an attempt that libcurl repeats.
            header.removeAll(keepingCapacity: true)
        }
        header.append(contentsOf: line)
        guard line.count <= 2, line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n") else { return }
        let complete = HTTPResponse(header: header)
        guard complete.status >= 200 else { return }
        response = complete
        begin(complete)
    }

    /// - Returns: whether the reader has just become satisfied.
    func receivedBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        sawBytes()
        guard !isSatisfied, !read(bytes) else { return false }
        isSatisfied = true
        return true
    }

    /// Gives the rest of a response that nobody reads a little time.
    func limitRest(_ now: Int64) { deadlineOfAll = min(deadlineOfAll, now + Self.grace) }

    private func sawBytes() {
        deadlineOfBytes = MonotonicTime.now + MonotonicTime.nanoseconds(request.idleTimeout)
    }

    /// Why a deadline passed; `nil` where only the unread end of the response was awaited.
    func failureAfterDeadline(_ now: Int64) -> TransportError? {
        if isSatisfied { return nil }
        if now >= deadlineOfAll {
            return TransportError(.timedOut, "No complete response within \(request.totalTimeout ?? 0) s")
        }
        return TransportError(
            .timedOut,
            "\(response == nil ? "No response" : "Nothing more") from the server for \(request.idleTimeout) s",
            remedy: "Allow a longer silence, or check what the server is doing.")
    }
}

extension Exchange {
    /// What libcurl says about a transfer that ended with `result`.
    func failure(_ result: CURLcode) -> TransportError {
        TransportError(
            result, detail: easy?.errorMessage ?? "", systemError: easy?.systemError ?? 0, hadResponse: response != nil)
    }
}

/// An exchange with its reader and the task that waits for it.
final class ReadingExchange<Reader: ResponseReader>: Exchange, @unchecked Sendable {
    private var reader: Reader
    /// Set before the exchange is started.
    var continuation: CheckedContinuation<Received<Reader>, Never>?

    init(_ request: HTTPRequest, reader: Reader) {
        self.reader = reader
        super.init(request)
    }

    override func begin(_ response: HTTPResponse) { reader.begin(response) }
    override func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { reader.read(bytes) }

    override func finish(_ failure: TransportError?) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: Received(reader: reader, response: response, failure: failure))
    }
}
