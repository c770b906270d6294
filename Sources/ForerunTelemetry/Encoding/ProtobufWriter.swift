/// The binary form (protobuf.dev/programming-guides/encoding).
struct ProtobufWriter: MessageWriter {
    private enum WireType: Int {
        case varint = 0
        case eightBytes = 1
        case length = 2
        case fourBytes = 5
    }

    private(set) var message: [UInt8] = []

    mutating func string(_ number: Int, _ name: String, _ value: String, always: Bool) {
        guard always || !value.isEmpty else { return }
        tag(number, .length)
        varint(UInt64(value.utf8.count))
        message.append(contentsOf: value.utf8)
    }

    mutating func bool(_ number: Int, _ name: String, _ value: Bool, always: Bool) {
        guard always || value else { return }
        tag(number, .varint)
        varint(value ? 1 : 0)
    }

    mutating func int64(_ number: Int, _ name: String, _ value: Int, always: Bool) {
        guard always || value != 0 else { return }
        tag(number, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func small(_ number: Int, _ name: String, _ value: Int) { int64(number, name, value, always: false) }

    mutating func fixed32(_ number: Int, _ name: String, _ value: UInt32) {
        guard value != 0 else { return }
        tag(number, .fourBytes)
        withUnsafeBytes(of: value.littleEndian) { message.append(contentsOf: $0) }
    }

    mutating func fixed64(_ number: Int, _ name: String, _ value: UInt64) {
        if value != 0 { eightBytes(number, value) }
    }

    mutating func sfixed64(_ number: Int, _ name: String, _ value: Int, always: Bool) {
        if always || value != 0 { eightBytes(number, UInt64(bitPattern: Int64(value))) }
    }

    mutating func double(_ number: Int, _ name: String, _ value: Double, always: Bool) {
        // Minus zero is another value than the one that is left out.
        if always || value.bitPattern != 0 { eightBytes(number, value.bitPattern) }
    }

    mutating func id(_ number: Int, _ name: String, _ words: [UInt64]) {
        guard !words.isEmpty else { return }
        tag(number, .length)
        varint(UInt64(words.count * 8))
        for word in words { withUnsafeBytes(of: word.bigEndian) { message.append(contentsOf: $0) } }
    }

    mutating func submessage(_ number: Int, _ name: String, _ body: (inout Self) -> Void) {
        var inner = Self()
        body(&inner)
        tag(number, .length)
        varint(UInt64(inner.message.count))
        message.append(contentsOf: inner.message)
    }

    mutating func submessages<Elements: Collection>(
        _ number: Int, _ name: String, _ elements: Elements, _ body: (Elements.Element, inout Self) -> Void
    ) {
        for element in elements { submessage(number, name) { body(element, &$0) } }
    }

    mutating func fixed64s(_ number: Int, _ name: String, _ values: [UInt64]) {
        guard !values.isEmpty else { return }
        tag(number, .length)
        varint(UInt64(values.count * 8))
        for value in values { withUnsafeBytes(of: value.littleEndian) { message.append(contentsOf: $0) } }
    }

    mutating func doubles(_ number: Int, _ name: String, _ values: [Double]) {
        fixed64s(number, name, values.map(\.bitPattern))
    }

    private mutating func eightBytes(_ number: Int, _ value: UInt64) {
        tag(number, .eightBytes)
        withUnsafeBytes(of: value.littleEndian) { message.append(contentsOf: $0) }
    }

    private mutating func tag(_ number: Int, _ type: WireType) { varint(UInt64(number << 3 | type.rawValue)) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            message.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        message.append(UInt8(truncatingIfNeeded: rest))
    }
}
