package import ForerunCore
import OrderedCollections

/// An output as predictors see it: a JSON value where its text is one, otherwise the text.
package struct PatternOutput: Sendable, Hashable {
    package var value: JSON
    package var isError: Bool

    package init(_ value: JSON, isError: Bool) {
        self.value = value
        self.isError = isError
    }

    package init(_ output: Output) {
        let value = Self.value(of: output.text)
        self.init(value, isError: output.isError || Self.looksFailed(value))
    }

    /// JSON where `text` is an object or an array.
    private static func value(of text: String) -> JSON {
        guard let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let value = try? JSON(parsing: text)
        else { return .string(text) }
        return value
    }

    /// Whether an output says that the call failed, though it is not marked so.
    package static func looksFailed(_ value: JSON) -> Bool {
        switch value {
        case .string(let text):
            let head = text.prefix(200).lowercased()
            let contains = { (part: String, within: Substring) in
                Bytes.contains(Array(part.utf8), in: Array(within.utf8))
            }
            return head.hasPrefix("error") || contains("traceback", head[...])
                || contains("not found", head.prefix(60))
                || contains("<returncode>", head[...]) && !contains("<returncode>0", head[...])
        case .object(let members): return members["error"] != nil || members["isError"] == .bool(true)
        default: return false
        }
    }
}

/// Searching bytes.
enum Bytes {
    static func contains(_ part: [UInt8], in whole: [UInt8]) -> Bool {
        guard !part.isEmpty, part.count <= whole.count else { return part.isEmpty }
        for start in 0...(whole.count - part.count) {
            var index = 0
            while index < part.count, whole[start + index] == part[index] { index += 1 }
            if index == part.count { return true }
        }
        return false
    }
}
