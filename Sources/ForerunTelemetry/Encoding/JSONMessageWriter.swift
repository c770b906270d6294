import ForerunCore

/// The JSON form (protobuf.dev/programming-guides/json), with the rules that OTLP adds: ids in hexadecimal digits, enumerations
/// as numbers.
struct JSONMessageWriter: MessageWriter {
    /// All but the closing brace.
    private var text: [UInt8] = [UInt8(ascii: "{")]

    var message: [UInt8] { text + [UInt8(ascii: "}")] }

    mutating func string(_ number: Int, _ name: String, _ value: String, always: Bool) {
        guard always || !value.isEmpty else { return }
        begin(name)
        JSON.write(value, to: &text)
    }

    mutating func bool(_ number: Int, _ name: String, _ value: Bool, always: Bool) {
        if always || value { raw(name, value ? "true" : "false") }
    }

    mutating func int64(_ number: Int, _ name: String, _ value: Int, always: Bool) {
        if always || value != 0 { raw(name, "\"\(value)\"") }
    }

    mutating func small(_ number: Int, _ name: String, _ value: Int) { if value != 0 { raw(name, "\(value)") } }

    mutating func fixed32(_ number: Int, _ name: String, _ value: UInt32) { if value != 0 { raw(name, "\(value)") } }

    mutating func fixed64(_ number: Int, _ name: String, _ value: UInt64) {
        if value != 0 { raw(name, "\"\(value)\"") }
    }

    mutating func sfixed64(_ number: Int, _ name: String, _ value: Int, always: Bool) {
        int64(number, name, value, always: always)
    }

    mutating func double(_ number: Int, _ name: String, _ value: Double, always: Bool) {
        if always || value.bitPattern != 0 { raw(name, Self.literal(value)) }
    }

    mutating func id(_ number: Int, _ name: String, _ words: [UInt64]) {
        if !words.isEmpty { raw(name, "\"\(words.map(Hexadecimal.text).joined())\"") }
    }

    mutating func submessage(_ number: Int, _ name: String, _ body: (inout Self) -> Void) {
        begin(name)
        add(body)
    }

    mutating func submessages<Elements: Collection>(
        _ number: Int, _ name: String, _ elements: Elements, _ body: (Elements.Element, inout Self) -> Void
    ) {
        guard !elements.isEmpty else { return }
        begin(name)
        text.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if isFirst { isFirst = false } else { text.append(UInt8(ascii: ",")) }
            add { body(element, &$0) }
        }
        text.append(UInt8(ascii: "]"))
    }

    mutating func fixed64s(_ number: Int, _ name: String, _ values: [UInt64]) {
        if !values.isEmpty { raw(name, "[\(values.map { "\"\($0)\"" }.joined(separator: ","))]") }
    }

    mutating func doubles(_ number: Int, _ name: String, _ values: [Double]) {
        if !values.isEmpty { raw(name, "[\(values.map(Self.literal).joined(separator: ","))]") }
    }

    private mutating func add(_ body: (inout Self) -> Void) {
        var inner = Self()
        body(&inner)
        text.append(contentsOf: inner.message)
    }

    private mutating func raw(_ name: String, _ value: String) {
        begin(name)
        text.append(contentsOf: value.utf8)
    }

    private mutating func begin(_ name: String) {
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        text.append(UInt8(ascii: "\""))
        text.append(contentsOf: name.utf8)
        text.append(contentsOf: "\":".utf8)
    }

    private static func literal(_ value: Double) -> String {
        if value.isNaN { return "\"NaN\"" }
        guard value.isFinite else { return value > 0 ? "\"Infinity\"" : "\"-Infinity\"" }
        return "\(value)"
    }
}

/// Hexadecimal digits, in lower case.
enum Hexadecimal {
    /// Sixteen of them.
    static func text(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
