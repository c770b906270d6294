import ForerunStore

/// What follows the question mark of an address.
struct Query: Sendable, Equatable {
    /// A value that cannot be.
    struct Failure: Error {
        var message: String
    }

    private var values: [String: String] = [:]

    init(_ text: String) {
        for pair in text.split(separator: "&").prefix(32) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? Self.decoded(parts[1]) : ""
            if let name = Self.decoded(parts[0]), let value { values[name] = values[name] ?? value }
        }
    }

    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// What forms and browsers send: percent signs with two digits, and plus signs for spaces; `nil`: that is no text.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Which runs are wanted: `words`, `agent`, `end`, `workspace`, `since`, `order`, `limit` (100), `offset`.
    func runQuery() throws(Failure) -> RunQuery {
        var query = RunQuery()
        query.words = self["words"]
        query.agent = self["agent"]
        query.end = self["end"]
        query.workspace = self["workspace"]
        if let since = self["since"] {
            guard since.utf8.count <= 20, since.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }) else {
                throw Failure(message: "since must be the beginning of a run's name, such as 20261121.")
            }
            query.since = since
        }
        if let order = self["order"] {
            guard let known = RunQuery.Order(rawValue: order) else {
                let all = RunQuery.Order.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure(message: "order must be one of \(all).")
            }
            query.order = known
        }
        query.limit = try number("limit", in: 1...1_000) ?? 100
        query.offset = try number("offset", in: 0...10_000_000) ?? 0
        return query
    }

    private func number(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = self[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw Failure(message: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }
}
