/// Reads keys from the bytes that a terminal sends: UTF-8, control characters, and the sequences of xterm and its kin (ECMA-48;
/// bracketed paste, DEC private mode 2004).
///
/// A machine without I/O: what is not whole yet is kept.
package struct KeyDecoder: Sendable {
    private var bytes: [UInt8] = []
    /// Pasted so far; `nil`: nothing is being pasted.
    private var pasted: [UInt8]?

    private static let pasteEnd = Array("\u{1B}[201~".utf8)
    /// Bytes of a sequence at most: what is longer is none.
    private static let longest = 32

    package init() {}

    /// The keys that are whole.
    package mutating func keys(_ more: some Sequence<UInt8>) -> [Key] {
        bytes += more
        var keys: [Key] = []
        while !bytes.isEmpty {
            if pasted != nil {
                guard let text = paste() else { break }
                if !text.isEmpty { keys.append(.text(text)) }
                continue
            }
            guard let (key, count) = next() else { break }
            bytes.removeFirst(count)
            guard let key else { continue }
            if case .text(let new) = key, case .text(let old)? = keys.last {
                keys[keys.count - 1] = .text(old + new)
            } else {
                keys.append(key)
            }
        }
        return keys
    }

    /// What is pasted, once its end has come.
    private mutating func paste() -> String? {
        let all = (pasted ?? []) + bytes
        let end = Self.pasteEnd
        guard all.count >= end.count,
            let place = (0...(all.count - end.count)).first(where: { all[$0..<($0 + end.count)].elementsEqual(end) })
        else {
            pasted = all
            bytes = []
            return nil
        }
        pasted = nil
        bytes = Array(all[(place + end.count)...])
        return Self.harmless(all[..<place])
    }

    /// Line ends become line feeds, controls go.
    private static func harmless(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            defer { wasReturn = scalar == "\r" }
            switch scalar {
            case "\r": text.append("\n")
            case "\n": if !wasReturn { text.append("\n") }
            case "\t": text.append("\t")
            default: if scalar.value >= 0x20, !(0x7F...0x9F).contains(scalar.value) { text.append(scalar) }
            }
        }
        return String(text)
    }

    /// The next key and its bytes. No key: bytes that mean nothing here. `nil`: it is not whole.
    private mutating func next() -> (Key?, Int)? {
        switch bytes[0] {
        case 0x1B: return escape()
        case 0x0D: return (.enter, 1)
        case 0x0A: return (.newline, 1)
        case 0x09: return (.tab, 1)
        case 0x7F, 0x08: return (.backspace, 1)
        case 0x00...0x1F: return (Self.controls[bytes[0]], 1)
        default: return text()
        }
    }

    private static let controls: [UInt8: Key] = [
        0x01: .home, 0x02: .left, 0x03: .interrupt, 0x04: .endOfFile, 0x05: .end, 0x06: .right, 0x0B: .deleteToEnd,
        0x0C: .clearScreen, 0x0E: .down, 0x0F: .sendNow, 0x10: .up, 0x15: .deleteToStart, 0x17: .deleteWord,
        0x19: .yank, 0x1A: .suspend,
    ]

    /// A scalar, once all of its bytes are there.
    private func text() -> (Key?, Int)? {
        let count: Int =
            switch bytes[0] {
            case 0x20...0x7E: 1
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard count > 0 else { return (nil, 1) }
        let rest = bytes.dropFirst().prefix(count - 1)
        guard rest.allSatisfy({ $0 & 0xC0 == 0x80 }) else { return (nil, 1) }
        guard rest.count == count - 1 else { return nil }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        // The controls of 0x80 to 0x9F.
        if let value = text.unicodeScalars.first?.value, (0x80...0x9F).contains(value) { return (nil, count) }
        return (.text(text), count)
    }

    private mutating func escape() -> (Key?, Int)? {
        guard bytes.count > 1 else { return nil }
        switch bytes[1] {
        case 0x5B: return sequence()
        case 0x4F:
            guard bytes.count > 2 else { return nil }
            return (Self.finals[bytes[2]], 3)
        case 0x0D, 0x0A: return (.newline, 2)
        case 0x7F, 0x08: return (.deleteWord, 2)
        case UInt8(ascii: "b"): return (.wordLeft, 2)
        case UInt8(ascii: "f"): return (.wordRight, 2)
        case UInt8(ascii: "d"): return (.deleteWordForward, 2)
        case 0x1B: return (nil, 1)
        default: return (nil, 2)
        }
    }

    /// `ESC [ parameters final`.
    private mutating func sequence() -> (Key?, Int)? {
        guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            return bytes.count > Self.longest ? (nil, 2) : nil
        }
        let parameters = String(decoding: bytes[2..<end], as: UTF8.self).split(
            separator: ";", omittingEmptySubsequences: false)
        let count = end + 1
        // With Control or Alt, the arrows move by words.
        let isByWord = parameters.count > 1 && ["3", "5", "7"].contains(parameters[1])
        guard bytes[end] == UInt8(ascii: "~") else {
            switch Self.finals[bytes[end]] {
            case .left: return (isByWord ? .wordLeft : .left, count)
            case .right: return (isByWord ? .wordRight : .right, count)
            case let key: return (key, count)
            }
        }
        switch parameters.first {
        case "1", "7": return (.home, count)
        case "4", "8": return (.end, count)
        case "3": return (isByWord ? .deleteWordForward : .delete, count)
        case "200":
            pasted = []
            return (nil, count)
        default: return (nil, count)
        }
    }

    private static let finals: [UInt8: Key] = [
        UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
        UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end,
    ]
}
