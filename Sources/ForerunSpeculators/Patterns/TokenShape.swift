/// The class of a token: what recurs from run to run, not what it says.
enum TokenShape {
    /// `nil` for ordinary words, which are no values by their shape.
    ///
    /// `@`: an address; `date`: YYYY-MM-DD; `path`; `U5`: five capitals and digits; else its outline, `a` for small
    /// letters in a row, `A` for a capital, `9` for a digit, `9*` for nine of them and more, others as they are.
    static func of(_ token: TextBytes) -> String? {
        if token.contains(UInt8(ascii: "@")) { return "@" }
        if isDate(token) { return "date" }
        if isPath(token) { return "path" }
        let digits = token.count { isDigit($0) }
        if token.count <= 10, digits < token.count, token.allSatisfy({ isDigit($0) || isCapital($0) }) {
            return "U\(token.count)"
        }
        var shape: [UInt8] = []
        var index = 0
        while index < token.count, shape.count < 18 {
            let byte = token[index]
            if isSmall(byte) {
                shape.append(UInt8(ascii: "a"))
                while index < token.count, isSmall(token[index]) { index += 1 }
            } else if isDigit(byte) {
                let start = index
                while index < token.count, isDigit(token[index]) { index += 1 }
                shape +=
                    index - start >= 9 ? Array("9*".utf8) : Array(repeating: UInt8(ascii: "9"), count: index - start)
            } else {
                shape.append(isCapital(byte) ? UInt8(ascii: "A") : byte)
                index += 1
            }
        }
        let text = String(decoding: shape.prefix(16), as: UTF8.self)
        return ["a", "A", "Aa"].contains(text) ? nil : text
    }

    static func isDate(_ text: TextBytes) -> Bool {
        guard text.count == 10 else { return false }
        for index in 0..<10 {
            let fits = index == 4 || index == 7 ? text[index] == UInt8(ascii: "-") : isDigit(text[index])
            if !fits { return false }
        }
        return true
    }

    /// A file's name with an ending, or names with slashes between.
    private static func isPath(_ token: TextBytes) -> Bool {
        var slashes = 0
        var dot = -1
        var previous: UInt8 = 0
        var isSplit = true
        for index in 0..<token.count {
            let byte = token[index]
            switch byte {
            case UInt8(ascii: "/"):
                if index > 0 { slashes += 1 }
                if previous == UInt8(ascii: "/") { isSplit = false }
            case UInt8(ascii: "."): dot = index
            case UInt8(ascii: "-"), UInt8(ascii: "_"): break
            default: if !isSmall(byte), !isCapital(byte), !isDigit(byte), byte < 128 { return false }
            }
            previous = byte
        }
        if slashes > 0, isSplit, previous != UInt8(ascii: "/") { return true }
        guard dot > 0, token[dot - 1] != UInt8(ascii: "."), token[dot - 1] != UInt8(ascii: "/") else { return false }
        return (1...4).contains(token.count - dot - 1) && token[(dot + 1)...].allSatisfy(isSmall)
    }

    @inline(__always) static func isSmall(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }
    @inline(__always) static func isCapital(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 }
    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
