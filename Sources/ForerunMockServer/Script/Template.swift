import ForerunCore
import OrderedCollections

/// A JSON value with placeholders in its strings.
struct Template: Sendable {
    let usesHash: Bool
    private let value: JSON
    private let hasPlaceholders: Bool

    init(_ value: JSON) {
        self.value = value
        let text = value.text
        usesHash = text.contains("{hash")
        hasPlaceholders = usesHash || text.contains("{step}")
    }

    func filled(step: Int, hash: UInt64) -> JSON {
        hasPlaceholders ? Self.fill(value, step: step, hash: hash) : value
    }

    private static func fill(_ value: JSON, step: Int, hash: UInt64) -> JSON {
        switch value {
        case .string(let text): fill(text, step: step, hash: hash)
        case .array(let elements): .array(elements.map { fill($0, step: step, hash: hash) })
        case .object(let members): .object(members.mapValues { fill($0, step: step, hash: hash) })
        default: value
        }
    }

    private static func fill(_ text: String, step: Int, hash: UInt64) -> JSON {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = rest[rest.index(after: open)..<close]
            guard let filling = filling(for: name, step: step, hash: hash) else {
                result += rest[...open]
                rest = rest[rest.index(after: open)...]
                continue
            }
            if open == text.startIndex, rest.index(after: close) == text.endIndex { return filling }
            result += rest[..<open]
            result += filling.stringValue ?? filling.text
            rest = rest[rest.index(after: close)...]
        }
        return .string(result + rest)
    }

    /// `nil` for what is no placeholder: braces are common in code.
    private static func filling(for name: Substring, step: Int, hash: UInt64) -> JSON? {
        if name == "step" { return .number(JSONNumber(step)) }
        if name == "hash" {
            let digits = String(UInt32(truncatingIfNeeded: hash), radix: 16)
            return .string(String(repeating: "0", count: 8 - digits.count) + digits)
        }
        if name.hasPrefix("hash:"), let bound = UInt64(name.dropFirst(5)), bound > 0 {
            return .number(JSONNumber(Int(truncatingIfNeeded: hash % bound)))
        }
        return nil
    }
}
