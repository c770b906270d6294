/// One answer of an actor: text plus zero or more calls.
public struct Turn: Sendable, Hashable {
    public var text: String
    public var calls: [Call]
    public var finish: FinishReason
    /// What the provider wants back with later requests; `nil`, as in all guesses: nothing.
    public var echo: Echo?

    public init(text: String = "", calls: [Call] = [], finish: FinishReason? = nil, echo: Echo? = nil) {
        self.text = text
        self.calls = calls
        self.finish = finish ?? (calls.isEmpty ? .stop : .toolCalls)
        self.echo = echo
    }

    public static func == (left: Turn, right: Turn) -> Bool {
        left.finish == right.finish && left.calls == right.calls && left.text.isIdentical(to: right.text)
            && left.echo == right.echo
    }
}
