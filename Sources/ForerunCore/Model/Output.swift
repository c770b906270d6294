/// What a tool returned, errors included: a non-zero exit status and MCP's `isError` are outputs, no failures.
public struct Output: Sendable, Hashable {
    public var text: String
    public var isError: Bool

    /// The environment says that nothing can follow (a game that is over).
    public var endsEpisode: Bool

    public init(_ text: String, isError: Bool = false, endsEpisode: Bool = false) {
        self.text = text
        self.isError = isError
        self.endsEpisode = endsEpisode
    }

    public static func == (left: Output, right: Output) -> Bool {
        left.isError == right.isError && left.endsEpisode == right.endsEpisode && left.text.isIdentical(to: right.text)
    }

    /// The output of a call that the user did not allow.
    package static let denied = Output("The user denied this call.", isError: true)

    /// The output of a call that had left its branch when the run was cut off. It is not made again.
    package static let unknown = Output(
        "The run was cut off during this call. It was not made again: whether it took effect is unknown.", isError: true
    )

    /// The output of a call that the user stopped before it had begun, or of a read.
    package static let stopped = Output("The user stopped this call.", isError: true)

    /// The output of a call that the user stopped while it ran.
    package static let stoppedHalfWay = Output(
        "The user stopped this call while it ran: check before you rely on anything that it did.", isError: true)
}
