import Glibc

/// A regular expression over lines of bytes: POSIX extended (IEEE 1003.1, regcomp), plus what models write besides.
///
/// The matcher of the C library takes no exponential time for common patterns and means the same on every machine: it
/// is used in the C locale, where `.` is one byte and case is that of ASCII. Not for several threads at once.
final class SearchPattern {
    private var expression = regex_t()
    /// The pattern is no regular expression, and is searched for as it stands.
    let isLiteral: Bool

    init(_ pattern: String) throws(Refusal) {
        guard !pattern.isEmpty else { throw Refusal("pattern must not be empty") }
        guard !pattern.utf8.contains(0), !pattern.utf8.contains(10) else {
            throw Refusal("pattern must be one line; search for one of the lines")
        }
        var flags = REG_EXTENDED | REG_NEWLINE
        var source = pattern
        if source.hasPrefix("(?i)") {
            source.removeFirst(4)
            flags |= REG_ICASE
        }
        if let translated = Self.translate(Array(source.utf8)), regcomp(&expression, translated, flags) == 0 {
            isLiteral = false
            return
        }
        isLiteral = true
        guard regcomp(&expression, Self.escape(pattern), REG_EXTENDED | REG_NEWLINE) == 0 else {
            throw Refusal("pattern is no regular expression that can be searched for")
        }
    }

    deinit { regfree(&expression) }

    /// The offset of the first match at or after `start`; a `^` matches there, so it must begin a line.
    func firstMatch(in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = text.baseAddress else { return nil }
        var match = regmatch_t(rm_so: 0, rm_eo: regoff_t(text.count - start))
        let found = regexec(
            &expression, base.advanced(by: start).assumingMemoryBound(to: CChar.self), 1, &match, REG_STARTEND)
        return found == 0 ? start + Int(match.rm_so) : nil
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            if "\\.[]{}()*+?^$|".unicodeScalars.contains(character) { result += "\\" }
            result.unicodeScalars.append(character)
        }
        return result
    }

    /// What POSIX lacks in POSIX terms: `\d`, `\t`, groups that capture nothing, classes inside of brackets.
    ///
    /// - Returns: `nil` for what cannot be said (look-around, names, Unicode classes).
    private static func translate(_ pattern: [UInt8]) -> String? {
        var result: [UInt8] = []
        var index = 0
        var inBrackets = false
        while index < pattern.count {
            let byte = pattern[index]
            let next = index + 1 < pattern.count ? pattern[index + 1] : nil
            index += 1
            switch (byte, next) {
            case (UInt8(ascii: "\\"), let escaped?):
                index += 1
                guard let text = translation(of: escaped, inBrackets: inBrackets) else { return nil }
                result += text
            case (UInt8(ascii: "\\"), nil): return nil
            case (UInt8(ascii: "["), _) where !inBrackets:
                inBrackets = true
                result.append(byte)
                if index < pattern.count, pattern[index] == UInt8(ascii: "^") {
                    result.append(pattern[index])
                    index += 1
                }
                // A bracket that closes at once stands for itself.
                if index < pattern.count, pattern[index] == UInt8(ascii: "]") {
                    result.append(pattern[index])
                    index += 1
                }
            case (UInt8(ascii: "["), UInt8(ascii: ":")):
                guard let end = pattern[index...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
                result += pattern[(index - 1)...end]
                index = end + 1
            case (UInt8(ascii: "]"), _) where inBrackets:
                inBrackets = false
                result.append(byte)
            case (UInt8(ascii: "("), UInt8(ascii: "?")) where !inBrackets:
                guard index + 1 < pattern.count, pattern[index + 1] == UInt8(ascii: ":") else { return nil }
                result.append(byte)
                index += 2
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func translation(of escaped: UInt8, inBrackets: Bool) -> [UInt8]? {
        func either(_ inside: String, _ outside: String) -> [UInt8] { Array((inBrackets ? inside : outside).utf8) }
        switch escaped {
        case UInt8(ascii: "d"): return either("0-9", "[0-9]")
        case UInt8(ascii: "D"): return inBrackets ? nil : either("", "[^0-9]")
        case UInt8(ascii: "w"): return either("[:alnum:]_", "[[:alnum:]_]")
        case UInt8(ascii: "s"): return either(" \t\r\u{B}\u{C}", "[ \t\r\u{B}\u{C}]")
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "W"): return inBrackets ? nil : either("", "[^[:alnum:]_]")
        case UInt8(ascii: "S"): return inBrackets ? nil : either("", "[^[:space:]]")
        case UInt8(ascii: "b"), UInt8(ascii: "B"): return inBrackets ? nil : [UInt8(ascii: "\\"), escaped]
        // References to groups can take exponential time.
        case let digit where (48...57).contains(digit): return nil
        case let other where (65...90).contains(other) || (97...122).contains(other): return nil
        // In brackets a backslash stands for itself, and these need none there.
        case UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "-"):
            return inBrackets ? nil : [UInt8(ascii: "\\"), escaped]
        default: return inBrackets ? [escaped] : [UInt8(ascii: "\\"), escaped]
        }
    }
}
