/// Tokens that a request took, as the provider counts them.
public struct Usage: Sendable, Hashable {
    /// All input tokens, cached ones included.
    public var input: Int
    /// Those of ``input`` that were read from the provider's prompt cache.
    public var cached: Int
    /// Those of ``input`` that were written to the provider's prompt cache, where it says so.
    public var written: Int
    /// All output tokens, reasoning included.
    public var output: Int
    /// Those of ``output`` that were spent on reasoning.
    public var reasoning: Int

    public init(input: Int = 0, cached: Int = 0, written: Int = 0, output: Int = 0, reasoning: Int = 0) {
        self.input = input
        self.cached = cached
        self.written = written
        self.output = output
        self.reasoning = reasoning
    }

    public var total: Int { input + output }

    public static let zero = Usage()

    public static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            input: left.input + right.input, cached: left.cached + right.cached,
            written: left.written + right.written, output: left.output + right.output,
            reasoning: left.reasoning + right.reasoning)
    }

    public static func += (left: inout Usage, right: Usage) { left = left + right }
}
