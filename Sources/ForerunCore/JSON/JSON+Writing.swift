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
    package func write(to bytes: inout [UInt8], sorted: Bool) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let number): bytes += number.literal.utf8
        case .string(let text): JSON.write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if isFirst { isFirst = false } else { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes, sorted: sorted)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            func write(_ name: String, _ value: JSON) {
                if isFirst { isFirst = false } else { bytes.append(UInt8(ascii: ",")) }
                JSON.write(name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                value.write(to: &bytes, sorted: sorted)
            }
            if sorted, members.count > 1 {
                // Not by `<`, which compares normalised text.
                for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    write(name, value)
                }
            } else {
                for (name, value) in members { write(name, value) }
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Appends `text` as a JSON string, quotation marks included.
    package static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { escape($0, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var run = 0
        for index in text.indices {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: text[run..<index])
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
                bytes += "u00".utf8
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(contentsOf: text[run...])
    }
}
