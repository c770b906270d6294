/// Writes a message of Protocol Buffers field by field, in one of its two forms.
///
/// Each message says once which fields it has, by number and by JSON name. Values that proto3 takes for absent (0, "", false)
/// are left out, unless a field is part of a `oneof` or `optional`: `always`.
protocol MessageWriter {
    init()
    /// The message as it is sent, whole.
    var message: [UInt8] { get }

    mutating func string(_ number: Int, _ name: String, _ value: String, always: Bool)
    mutating func bool(_ number: Int, _ name: String, _ value: Bool, always: Bool)
    /// `int64`: a varint, in JSON a string.
    mutating func int64(_ number: Int, _ name: String, _ value: Int, always: Bool)
    /// `uint32` and enumerations: a varint, in JSON a number.
    mutating func small(_ number: Int, _ name: String, _ value: Int)
    mutating func fixed32(_ number: Int, _ name: String, _ value: UInt32)
    /// `fixed64` and `sfixed64`: 8 bytes, in JSON a string.
    mutating func fixed64(_ number: Int, _ name: String, _ value: UInt64)
    mutating func sfixed64(_ number: Int, _ name: String, _ value: Int, always: Bool)
    mutating func double(_ number: Int, _ name: String, _ value: Double, always: Bool)
    /// Trace and span ids: bytes, in JSON hexadecimal digits and not base 64, by OTLP's own rule.
    mutating func id(_ number: Int, _ name: String, _ words: [UInt64])
    mutating func submessage(_ number: Int, _ name: String, _ body: (inout Self) -> Void)
    mutating func submessages<Elements: Collection>(
        _ number: Int, _ name: String, _ elements: Elements, _ body: (Elements.Element, inout Self) -> Void)
    /// `repeated fixed64`, packed.
    mutating func fixed64s(_ number: Int, _ name: String, _ values: [UInt64])
    /// `repeated double`, packed.
    mutating func doubles(_ number: Int, _ name: String, _ values: [Double])
}

extension MessageWriter {
    mutating func string(_ number: Int, _ name: String, _ value: String) { string(number, name, value, always: false) }
    mutating func bool(_ number: Int, _ name: String, _ value: Bool) { bool(number, name, value, always: false) }
}
