extension JSONReader {
    /// Appends what `raw`, the inside of a JSON string, stands for. A lone half of a surrogate pair becomes U+FFFD.
    static func unescape(_ raw: UnsafeBufferPointer<UInt8>, into text: inout [UInt8]) throws(Malformed) {
        var start = 0
        var position = 0
        while position < raw.count {
            guard raw[position] == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            text.append(contentsOf: raw[start..<position])
            guard position + 1 < raw.count else { throw Malformed() }
            let kind = raw[position + 1]
            position += 2
            switch kind {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"): text.append(contentsOf: try scalar(in: raw, at: &position).utf8)
            default: throw Malformed()
            }
            start = position
        }
        text.append(contentsOf: raw[start...])
    }

    private static func scalar(
        in raw: UnsafeBufferPointer<UInt8>, at position: inout Int
    ) throws(Malformed) -> Character {
        let first = try hexUnit(in: raw, at: position)
        position += 4
        if (0xD800..<0xDC00).contains(first), position + 6 <= raw.count, raw[position] == UInt8(ascii: "\\"),
            raw[position + 1] == UInt8(ascii: "u")
        {
            let second = try hexUnit(in: raw, at: position + 2)
            if (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                position += 6
                return Character(scalar)
            }
        }
        return Character(Unicode.Scalar(first) ?? "\u{FFFD}")
    }

    private static func hexUnit(in raw: UnsafeBufferPointer<UInt8>, at position: Int) throws(Malformed) -> UInt32 {
        guard position + 4 <= raw.count else { throw Malformed() }
        var value: UInt32 = 0
        for byte in raw[position..<(position + 4)] {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw Malformed()
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
