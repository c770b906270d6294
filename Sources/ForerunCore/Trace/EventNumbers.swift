import OrderedCollections

/// What the numbers in the lines of an event log may be.
///
/// Logs can be damaged, or be made by somebody else, and whoever reads one counts, adds and converts what stands in it. So the
/// members that are known here are checked once, as a line is read: ``JSON/numberOutOfRange``.
package enum EventNumbers {
    /// The greatest size of any of them. Millions of them can be added, and all of them shown.
    package static let limit = 1_000_000_000_000

    private enum Kind {
        /// Whole, from 0 up.
        case count
        /// Whole, of either sign: worlds that are made again when a run goes on have numbers below 0, and tokens are what a
        /// server says they are.
        case whole
        /// From 0 up.
        case amount
        /// Of either sign.
        case difference
    }

    private static let kinds: [String: Kind] = {
        let counts = [
            "version", "turn", "turns", "index", "calls", "unknown", "work", "rank", "attempt", "of", "pause",
            "outputBytes", "predicted", "askedAhead", "performedAhead", "callHits", "turnHits", "cancelled", "hedged",
            // Of an echo: the bytes of text before a part.
            "text",
        ]
        let wholes = ["world", "from", "input", "cached", "written", "output", "reasoning", "wastedTokens"]
        let amounts = ["time", "seconds", "wait", "probability"]
        let differences = [
            "money", "cost", "confidence", "saved", "spent", "savedSeconds", "wastedSeconds", "extraCost", "brier",
            "calibrationError",
        ]
        return Dictionary(
            uniqueKeysWithValues: counts.map { ($0, .count) } + wholes.map { ($0, .whole) }
                + amounts.map { ($0, .amount) } + differences.map { ($0, .difference) })
    }()

    /// Members that hold what others said, and may hold any number.
    private static let foreign: Set<String> = ["arguments", "request"]

    /// The first number out of its range in the member `name`, described; `nil`: there is none.
    fileprivate static func problem(in value: JSON, named name: String) -> String? {
        switch value {
        case .number(let number):
            guard let kind = kinds[name] else { return nil }
            let isFine =
                switch kind {
                case .count: number.intValue.map { 0...limit ~= $0 } ?? false
                case .whole: number.intValue.map { -limit...limit ~= $0 } ?? false
                case .amount: 0...Double(limit) ~= number.doubleValue
                case .difference: -Double(limit)...Double(limit) ~= number.doubleValue
                }
            return isFine ? nil : "“\(name)” cannot be \(number.literal.prefix(40))"
        case .array(let elements):
            for element in elements { if let problem = problem(in: element, named: name) { return problem } }
            return nil
        case .object(let members):
            for (name, value) in members where !foreign.contains(name) {
                if let problem = problem(in: value, named: name) { return problem }
            }
            return nil
        case .null, .bool, .string: return nil
        }
    }
}

extension JSON {
    /// Why this cannot be an event: the first of its numbers that is beyond what it may be; `nil`: none is.
    ///
    /// Members that are not known are passed over.
    package var numberOutOfRange: String? { EventNumbers.problem(in: self, named: "") }

    /// The number, where it is a whole one of the size that counts of tokens, turns or bytes can have.
    package var countValue: Int? { intValue.flatMap { 0...EventNumbers.limit ~= $0 ? $0 : nil } }
}
