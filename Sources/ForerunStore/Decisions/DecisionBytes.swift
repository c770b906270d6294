import ForerunCore
import OrderedCollections

/// Writes JSON straight to bytes: what is written at every step of a run passes through no tree of values.
struct DecisionBytes: Sendable {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1 << 10) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func raw(_ piece: [UInt8]) { bytes.append(contentsOf: piece) }

    mutating func comma() { bytes.append(UInt8(ascii: ",")) }

    mutating func int(_ value: Int) {
        if 0..<10 ~= value {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var place = 20
            repeat {
                place -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0
            bytes.append(contentsOf: digits[place...])
        }
    }

    mutating func optional(_ value: Int?) { if let value { int(value) } else { raw("null") } }

    mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    mutating func optional(_ value: Bool?) { if let value { bool(value) } else { raw("null") } }

    /// As it reads back exactly. What JSON has no number for is a string.
    mutating func double(_ value: Double) {
        guard value.isFinite, value != 0 || value.sign == .plus else { return text("\(value)") }
        var digits = "\(value)"
        digits.withUTF8 { bytes.append(contentsOf: $0) }
    }

    mutating func optional(_ value: Double?) { if let value { double(value) } else { raw("null") } }

    mutating func hex(_ value: UInt32) {
        let digits = StaticString("0123456789abcdef").utf8Start
        for shift in stride(from: 28, through: 0, by: -4) { bytes.append(digits[Int(value >> UInt32(shift) & 15)]) }
    }

    /// A whole text.
    mutating func text(_ text: String) { JSON.write(text, to: &bytes) }

    mutating func optional(_ value: String?) { if let value { text(value) } else { raw("null") } }

    /// A text that may be told by its size.
    mutating func sized(_ text: String) {
        JSON.write(SizedText.isPlain(text) ? text : SizedText.encoded(text), to: &bytes)
    }

    /// More of a text that was begun: what goes between its quotation marks.
    mutating func more(_ text: String) {
        // Its closing mark goes, and its opening one.
        let end = bytes.count
        JSON.write(text, to: &bytes)
        bytes.removeLast()
        bytes.remove(at: end)
    }

    /// A value whose texts may be told by their sizes.
    mutating func sized(_ json: JSON) {
        switch json {
        case .string(let text): sized(text)
        case .array(let elements): list(elements) { $0.sized($1) }
        case .object(let members):
            raw("{")
            var isFirst = true
            for (name, value) in members {
                if isFirst { isFirst = false } else { comma() }
                text(name)
                raw(":")
                sized(value)
            }
            raw("}")
        case .null, .bool, .number: json.write(to: &bytes, sorted: false)
        }
    }

    mutating func list<Element>(
        _ elements: some Collection<Element>, _ body: (inout DecisionBytes, Element) -> Void
    ) {
        raw("[")
        var isFirst = true
        for element in elements {
            if isFirst { isFirst = false } else { comma() }
            body(&self, element)
        }
        raw("]")
    }
}
