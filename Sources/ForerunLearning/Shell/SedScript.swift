/// Reads a script of `sed` as far as it takes to see that it runs nothing and writes no file (`e`, `w` and `W`, and these flags
/// of `s`). What it does not know it takes for one that does.
struct SedScript {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private static let blanks = Set(" \t".utf8)
    private static let separators = Set(" \t\n;".utf8)
    private static let digits = Set("0123456789".utf8)
    /// Commands that are one letter, `q` and its like with a number behind it.
    private static let plain = Set("pPdDgGhHnNxqQlz=F".utf8)
    /// Commands with text or a file to read behind them, to the end of the line.
    private static let toEnd = Set("aicrR".utf8)
    /// Commands with a label, to the end of the line or to a semicolon, as versions differ.
    private static let jumps = Set(":btT".utf8)
    private static let flags = Set("gpiImM0123456789".utf8)

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// - Returns: whether all of it was understood, and is harmless.
    mutating func onlyTransforms() -> Bool {
        while true {
            skip(Self.separators)
            guard let byte else { return true }
            if byte == UInt8(ascii: "}") {
                position += 1
                continue
            }
            guard readAddresses(), readCommand() else { return false }
        }
    }

    private mutating func skip(_ set: Set<UInt8>) {
        while let byte, set.contains(byte) { position += 1 }
    }

    private mutating func readIf(_ character: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// `1`, `2,$`, `/a/I,+3`, `0~4`, each also with `!` behind it.
    private mutating func readAddresses() -> Bool {
        guard readAddress() else { return false }
        skip(Self.blanks)
        if readIf(",") {
            skip(Self.blanks)
            if !readIf("+") { _ = readIf("~") }
            guard readAddress() else { return false }
            skip(Self.blanks)
        }
        while readIf("!") { skip(Self.blanks) }
        return true
    }

    /// One address, or none.
    private mutating func readAddress() -> Bool {
        guard let byte else { return true }
        switch byte {
        case _ where Self.digits.contains(byte):
            skip(Self.digits)
            if readIf("~") { skip(Self.digits) }
        case UInt8(ascii: "$"): position += 1
        case UInt8(ascii: "/"), UInt8(ascii: "\\"):
            if byte == UInt8(ascii: "\\") { position += 1 }
            guard let delimiter = self.byte else { return false }
            position += 1
            guard readPart(to: delimiter, isPattern: true) else { return false }
            skip(Set("IM".utf8))
        default: break
        }
        return true
    }

    private mutating func readCommand() -> Bool {
        guard let command = byte else { return false }
        position += 1
        switch command {
        case UInt8(ascii: "{"): return true
        case UInt8(ascii: "s"), UInt8(ascii: "y"):
            guard let delimiter = byte, delimiter != 0x0A, delimiter != UInt8(ascii: "\\") else { return false }
            position += 1
            let isPattern = command == UInt8(ascii: "s")
            guard readPart(to: delimiter, isPattern: isPattern), readPart(to: delimiter, isPattern: false) else {
                return false
            }
            if isPattern { skip(Self.flags) }
            return isOver()
        case _ where Self.plain.contains(command):
            skip(Self.blanks)
            skip(Self.digits)
            return isOver()
        case _ where Self.jumps.contains(command):
            while let byte, !Self.separators.contains(byte), byte != UInt8(ascii: "}") { position += 1 }
            return isOver()
        case _ where Self.toEnd.contains(command):
            skipLine()
            return true
        case UInt8(ascii: "#"):
            while let byte, byte != 0x0A { position += 1 }
            return true
        default: return false
        }
    }

    /// Nothing but the end of a command is here.
    private mutating func isOver() -> Bool {
        skip(Self.blanks)
        guard let byte else { return true }
        return byte == 0x0A || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "#")
    }

    /// A pattern, or a replacement.
    private mutating func readPart(to delimiter: UInt8, isPattern: Bool) -> Bool {
        while let byte {
            position += 1
            switch byte {
            case delimiter: return true
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "[") where isPattern: guard readBrackets(delimiter) else { return false }
            default: break
            }
        }
        return false
    }

    /// The rest of `[^]a[:alpha:]]`. Versions differ in what a delimiter and a backslash are in there.
    private mutating func readBrackets(_ delimiter: UInt8) -> Bool {
        _ = readIf("^")
        _ = readIf("]")
        while let byte, byte != delimiter {
            position += 1
            switch byte {
            case UInt8(ascii: "]"): return true
            case UInt8(ascii: "\\"): if self.byte == UInt8(ascii: "]") || self.byte == delimiter { return false }
            case UInt8(ascii: "["):
                guard let kind = self.byte, Set(":.=".utf8).contains(kind) else { continue }
                position += 1
                while let inner = self.byte, inner != kind, inner != delimiter { position += 1 }
                position += 1
                guard readIf("]") else { return false }
            default: break
            }
        }
        return false
    }

    /// The rest of the line, and of those that a backslash joins to it.
    private mutating func skipLine() {
        while let byte, byte != 0x0A { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
    }
}
