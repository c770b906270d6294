/// Takes a response apart while it arrives.
///
/// Its methods run on the client's own thread, one after the other, and see libcurl's buffer itself: a chunk costs
/// neither a copy nor a change of threads. In return they must be quick (microseconds) and never block.
package protocol ResponseReader: Sendable {
    /// The header has arrived. Called at most once, before ``read(_:)``.
    mutating func begin(_ response: HTTPResponse)

    /// Part of the body has arrived. `bytes` are valid during the call only.
    ///
    /// - Returns: whether more is wanted. After `false`, the exchange counts as complete whatever follows.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool
}

/// What an exchange brought: the reader in its last state, and why it ended early.
package struct Received<Reader: ResponseReader>: Sendable {
    package var reader: Reader
    /// `nil` where not even a header arrived.
    package var response: HTTPResponse?
    /// `nil` where the response is complete.
    package var failure: TransportError?
}

/// Keeps a body of at most `limit` bytes.
struct BodyCollector: ResponseReader {
    let limit: Int
    var body: [UInt8] = []
    var isTooLarge = false

    mutating func begin(_ response: HTTPResponse) {}

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        isTooLarge = body.count + bytes.count > limit
        guard !isTooLarge else { return false }
        body.append(contentsOf: bytes)
        return true
    }
}
