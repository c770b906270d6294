import ForerunCore

extension JSON {
    /// The number as a count of tokens; `nil` where it is none: what no request can have used was not reported.
    var tokenCount: Int? { intValue.flatMap { (0...1_000_000_000_000).contains($0) ? $0 : nil } }
}
