import OrderedCollections

extension JSON {
    /// Compact text, members in the order in which they were written.
    public var text: String { written(sorted: false) }

    /// Compact text that equal values share: members sorted by their UTF-8 bytes, numbers in canonical form.
    public var canonicalText: String { written(sorted: true) }

    private func written(sorted: Bool) -> String {
        var bytes: [UInt8] = []
        write(to: &bytes, sorted: sorted)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the compact text in UTF-8; `sorted`: as ``canonicalText``, otherwise as ``text``.
    ///
    /// Only what must be is escaped: quotation marks, backslashes and control characters.
    package func write(to bytes: inout [UInt8], sorted: Bool) { emit(to: &bytes, sorted: sorted) }

    /// Appends `text` as a JSON string, quotation marks included.
    package static func write(_ text: String, to bytes: inout [UInt8]) { emit(text, to: &bytes) }

    /// As ``write(to:sorted:)``.
    func emit(to bytes: inout some ByteSink & ~Copyable, sorted: Bool) {
        switch self {
        case .null: bytes.append("null")
        case .bool(let value): bytes.append(value ? "true" as StaticString : "false")
        case .number(let number): bytes.append(number.literal)
        case .string(let text): JSON.emit(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if isFirst { isFirst = false } else { bytes.append(UInt8(ascii: ",")) }
                element.emit(to: &bytes, sorted: sorted)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            if sorted, members.count > 1 {
                // Not by `<`, which compares normalised text.
                for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    JSON.emit(name, value, to: &bytes, isFirst: &isFirst, sorted: true)
                }
            } else {
                for (name, value) in members {
                    JSON.emit(name, value, to: &bytes, isFirst: &isFirst, sorted: sorted)
                }
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func emit(
        _ name: String, _ value: JSON, to bytes: inout some ByteSink & ~Copyable, isFirst: inout Bool, sorted: Bool
    ) {
        if isFirst { isFirst = false } else { bytes.append(UInt8(ascii: ",")) }
        emit(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        value.emit(to: &bytes, sorted: sorted)
    }

    /// As ``write(_:to:)``.
    static func emit(_ text: String, to bytes: inout some ByteSink & ~Copyable) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { escape($0, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout some ByteSink & ~Copyable) {
        var run = 0
        for index in text.indices {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(UnsafeBufferPointer(rebasing: text[run..<index]))
            run = index + 1
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0C: bytes.append(UInt8(ascii: "f"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            case 0x00..<0x20:
                let digits = StaticString("0123456789abcdef").utf8Start
                bytes.append("u00")
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UnsafeBufferPointer(rebasing: text[run...]))
    }
}
