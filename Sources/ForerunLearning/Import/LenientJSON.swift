import ForerunCore

/// Parses JSON as agents write it.
///
/// Their logs hold what strict JSON has not: escapes of half a character (a text cut in its middle), bytes that are no
/// UTF-8, Python's `NaN` and `Infinity`. Those are replaced, by U+FFFD and `null`; anything else that is wrong stays wrong.
enum LenientJSON {
    /// The value, and whether something had to be replaced.
    static func parse(_ bytes: ArraySlice<UInt8>) -> Result<(value: JSON, isRepaired: Bool), JSONError> {
        do throws(JSONError) {
            return .success((try JSON(parsing: bytes), false))
        } catch {
            guard let repaired = repair(bytes) else { return .failure(error) }
            do throws(JSONError) {
                return .success((try JSON(parsing: repaired), true))
            } catch {
                return .failure(error)
            }
        }
    }

    static func parse(_ text: String) -> JSON? {
        if case .success(let parsed) = parse(ArraySlice(text.utf8)) { parsed.value } else { nil }
    }

    /// The bytes with replacements; `nil` where there is nothing to replace.
    private static func repair(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
        var repaired: [UInt8] = []
        repaired.reserveCapacity(text.count)
        var isInString = false
        var position = 0
        while position < text.count {
            let byte = text[position]
            if isInString, byte == UInt8(ascii: "\\") {
                let unit = codeUnit(text, at: position)
                if let unit, 0xD800..<0xDC00 ~= unit, let low = codeUnit(text, at: position + 6), 0xDC00..<0xE000 ~= low
                {
                    repaired += text[position..<position + 12]
                    position += 12
                } else if let unit, 0xD800..<0xE000 ~= unit {
                    repaired += "\\ufffd".utf8
                    position += 6
                } else {
                    repaired += text[position..<min(position + 2, text.count)]
                    position += 2
                }
                continue
            }
            if byte == UInt8(ascii: "\"") { isInString.toggle() }
            if !isInString, byte == UInt8(ascii: "N") || byte == UInt8(ascii: "I") || byte == UInt8(ascii: "-") {
                let word = ["NaN", "-Infinity", "Infinity"].first { text[position...].starts(with: $0.utf8) }
                if let word {
                    repaired += "null".utf8
                    position += word.utf8.count
                    continue
                }
            }
            repaired.append(byte)
            position += 1
        }
        return repaired.elementsEqual(bytes) ? nil : repaired
    }

    /// The code unit of the escape `\uXXXX` at `position`, if there is one.
    private static func codeUnit(_ text: [UInt8], at position: Int) -> UInt32? {
        guard position + 6 <= text.count, text[position] == UInt8(ascii: "\\"), text[position + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt32(String(decoding: text[position + 2..<position + 6], as: UTF8.self), radix: 16)
    }
}
