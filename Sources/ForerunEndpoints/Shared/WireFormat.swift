package import ForerunCore

/// How one kind of server is spoken with: where requests go, how they are written, how answers are read.
package protocol WireFormat: Sendable {
    associatedtype Decoder: AnswerDecoder

    /// - Parameters:
    ///   - id: `endpoint/model`, by which echoes are told apart.
    ///   - model: the model as the endpoint knows it.
    init(id: String, model: String, configuration: EndpointConfiguration)

    /// Below the endpoint's base URL.
    var path: String { get }

    /// The body of a request. Equal requests become equal bytes.
    func body(for request: ModelRequest) -> [UInt8]

    func makeDecoder() -> Decoder
}

/// Makes an answer of what a server sends. Pure: bytes in, ``AnswerDelta``s out.
package protocol AnswerDecoder: Sendable {
    /// Whether the answer is whole: nothing that follows counts.
    var isComplete: Bool { get }

    /// Takes the data of one event, or a whole reply that is not streamed.
    mutating func decode(
        _ data: UnsafeBufferPointer<UInt8>, emit: (AnswerDelta) -> Void
    ) throws(ModelFailure)

    /// Takes the server's word that the answer is whole.
    mutating func end(emit: (AnswerDelta) -> Void)

    /// Ends the stream.
    ///
    /// - Throws: `.truncated` where the answer is not whole, `.malformed` where it is none.
    mutating func finish(emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Answer
}
