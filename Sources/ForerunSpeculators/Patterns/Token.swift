/// A run of characters of a text that may be a value: a word, an id, a path, a date.
struct Token {
    /// Offsets in UTF-8.
    var start: Int
    var end: Int
    /// One blank, and nothing else, stands between it and the token before.
    var followsBlank: Bool
}

typealias TextBytes = UnsafeBufferPointer<UInt8>

extension Token {
    /// The tokens of a text, in order.
    static func all(in text: TextBytes, limit: Int) -> [Token] {
        var tokens: [Token] = []
        var at = 0
        while at < text.count, tokens.count < limit {
            var start = at
            if text[at] == UInt8(ascii: "#") || text[at] == UInt8(ascii: "$") { at += 1 }
            guard at < text.count, isWordByte(text[at]) else {
                at = start + 1
                continue
            }
            at += 1
            while at < text.count {
                let width = innerWidth(text, at)
                if width == 0 { break }
                at += width
            }
            var end = trimmed(text, start, at)
            // Of a genitive only the noun.
            if end - start > 2, text[end - 1] == UInt8(ascii: "s") {
                if text[end - 2] == UInt8(ascii: "'") {
                    end -= 2
                } else if end - start > 4, isApostrophe(text, end - 4) {
                    end -= 4
                }
            }
            if end > start {
                let follows = tokens.last.map { $0.end + 1 == start && text[start - 1] == 32 } ?? false
                tokens.append(Token(start: start, end: end, followsBlank: follows))
            }
            start = at
        }
        return tokens
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 97 && byte <= 122 || byte >= 65 && byte <= 90 || byte >= 48 && byte <= 57 || byte == 95
    }

    /// How many bytes the character takes that may stand inside a token; 0 where it may not.
    private static func innerWidth(_ text: TextBytes, _ at: Int) -> Int {
        let byte = text[at]
        if isWordByte(byte) { return 1 }
        switch byte {
        case UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "#"), UInt8(ascii: ":"), UInt8(ascii: "'"), UInt8(ascii: "&"):
            return 1
        case 0xc3: return at + 1 < text.count && text[at + 1] == 0xa9 ? 2 : 0
        case 0xe2: return isApostrophe(text, at) ? 3 : 0
        default: return 0
        }
    }

    private static func isApostrophe(_ text: TextBytes, _ at: Int) -> Bool {
        at + 2 < text.count && text[at] == 0xe2 && text[at + 1] == 0x80 && text[at + 2] == 0x99
    }

    private static func trimmed(_ text: TextBytes, _ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start {
            switch text[end - 1] {
            case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "'"), UInt8(ascii: "-"), UInt8(ascii: "/"),
                UInt8(ascii: "&"):
                end -= 1
            case 0x99 where end - start > 2 && isApostrophe(text, end - 3): end -= 3
            default: return end
            }
        }
        return end
    }
}
