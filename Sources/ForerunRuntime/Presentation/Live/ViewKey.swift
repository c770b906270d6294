/// A key that a live view knows.
package enum ViewKey: Sendable, Hashable {
    case character(Character)
    case up, down, pageUp, pageDown, home, end
    case escape
}

/// Tells keys apart in what a terminal sends (ECMA-48 control sequences, as xterm and all that came after it use them).
package struct KeyReader: Sendable {
    /// The beginning of a sequence whose end has not come.
    private var pending: [UInt8] = []

    package init() {}

    /// - Parameter bytes: what came since the last time; nothing came, where a sequence is only begun: then it was the key Escape.
    package mutating func keys(_ bytes: [UInt8]) -> [ViewKey] {
        guard !bytes.isEmpty else {
            defer { pending = [] }
            return pending == [0x1B] ? [.escape] : []
        }
        var rest = (pending + bytes)[...]
        pending = []
        var keys: [ViewKey] = []
        while let byte = rest.first {
            guard byte == 0x1B else {
                rest = rest.dropFirst()
                // Letters that need more than one byte mean nothing here.
                if (0x20..<0x7F).contains(byte) { keys.append(.character(Character(Unicode.Scalar(byte)))) }
                continue
            }
            guard let (key, length) = Self.sequence(rest) else {
                // No sequence is longer than this: what is, was none.
                if rest.count < 16 { pending = Array(rest) }
                return keys
            }
            rest = rest.dropFirst(length)
            if let key { keys.append(key) }
        }
        return keys
    }

    /// The key and the bytes of a sequence; `nil`: its end has not come. One that means nothing here has no key.
    private static func sequence(_ bytes: ArraySlice<UInt8>) -> (ViewKey?, length: Int)? {
        let bytes = Array(bytes)
        guard bytes.count > 1 else { return nil }
        guard [UInt8(ascii: "["), UInt8(ascii: "O")].contains(bytes[1]) else { return (.escape, 1) }
        guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
        let parameters = bytes[2..<end]
        let key: ViewKey? =
            switch bytes[end] {
            case UInt8(ascii: "A"): .up
            case UInt8(ascii: "B"): .down
            case UInt8(ascii: "H"): .home
            case UInt8(ascii: "F"): .end
            case UInt8(ascii: "~"):
                switch String(decoding: parameters, as: UTF8.self) {
                case "5": .pageUp
                case "6": .pageDown
                case "1", "7": .home
                case "4", "8": .end
                default: nil
                }
            default: nil
            }
        return (key, end + 1)
    }
}
