/// Reads the variables that OpenTelemetry defines, by its rules: an empty one counts as unset; one that makes no sense is
/// passed over, and the user is told so (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables).
struct OTelVariables {
    private let variables: [String: String]
    /// What the user should know: of each variable its name, and what counts in its place. Never a value of header fields.
    private(set) var notes: [String] = []

    init(_ variables: [String: String]) { self.variables = variables }

    subscript(name: String) -> String? {
        guard let value = variables[name] else { return nil }
        let text = Self.trimmed(value[...])
        return text.isEmpty ? nil : String(text)
    }

    /// The first of `names` that is set, with its value.
    func first(_ names: [String]) -> (name: String, value: String)? {
        for name in names { if let value = self[name] { return (name, value) } }
        return nil
    }

    mutating func note(_ text: String) { notes.append(text) }

    /// Only `true` is true; what is neither `true` nor `false` is false, with a note.
    mutating func flag(_ name: String) -> Bool {
        guard let value = self[name]?.lowercased() else { return false }
        if value != "true", value != "false" { note("\(name) is neither true nor false: false is used") }
        return value == "true"
    }

    /// Milliseconds, as seconds.
    mutating func milliseconds(_ names: [String], standard: Double, range: ClosedRange<Int>) -> Double {
        guard let (name, value) = first(names) else { return standard }
        guard let number = Int(value), range.contains(number) else {
            note(
                "\(name) is no number of milliseconds from \(range.lowerBound) to \(range.upperBound): \(Int(standard * 1000)) is used"
            )
            return standard
        }
        return Double(number) / 1000
    }

    mutating func count(_ names: [String], standard: Int, range: ClosedRange<Int>) -> Int {
        count(names, range: range, instead: "\(standard) is used") ?? standard
    }

    /// - Parameter instead: what counts in the place of a value that makes no sense.
    mutating func count(_ names: [String], range: ClosedRange<Int>, instead: String) -> Int? {
        guard let (name, value) = first(names) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            note("\(name) is no whole number from \(range.lowerBound) to \(range.upperBound): \(instead)")
            return nil
        }
        return number
    }

    /// `key=value,key=value`, with %XX in values (W3C Baggage, without properties).
    ///
    /// - Returns: `nil` for an item that is none.
    static func pairs(_ text: String) -> [(key: String, value: String)?] {
        text.split(separator: ",").filter { !trimmed($0).isEmpty }.map { item in
            guard let equals = item.firstIndex(of: "=") else { return nil }
            let key = trimmed(item[..<equals])
            guard !key.isEmpty, let value = decoded(trimmed(item[item.index(after: equals)...])),
                let key = decoded(key)
            else { return nil }
            return (key, value)
        }
    }

    static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// `nil`: a % that no two hexadecimal digits follow, or bytes that are no text.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(validating: rest.prefix(2), as: UTF8.self), digits.utf8.count == 2,
                !digits.hasPrefix("+"), !digits.hasPrefix("-"), let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
