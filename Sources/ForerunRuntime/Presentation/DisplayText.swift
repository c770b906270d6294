/// Text as terminals show it: how wide it is, and how to make it fit.
package enum DisplayText {
    /// Columns that `text` takes. Wide characters take two, combining ones none.
    package static func width(of text: some StringProtocol) -> Int { text.reduce(0) { $0 + width(of: $1) } }

    package static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        // East Asian wide and full-width blocks (Unicode Standard Annex 11).
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// At most `columns` wide; what is cut off is marked by `mark`.
    package static func fitted(_ text: String, columns: Int, mark: String = "…") -> String {
        guard width(of: text) > columns else { return text }
        let room = columns - width(of: mark)
        guard room >= 0 else { return "" }
        var result = ""
        var taken = 0
        for character in text {
            taken += width(of: character)
            if taken > room { break }
            result.append(character)
        }
        return result + mark
    }

    /// Lines of at most `columns`, cut where they are full.
    package static func wrapped(_ text: some StringProtocol, columns: Int) -> [String] {
        var lines = [""]
        var taken = 0
        for character in text {
            let size = width(of: character)
            if taken + size > columns {
                lines.append("")
                taken = 0
            }
            lines[lines.count - 1].append(character)
            taken += size
        }
        return lines
    }

    /// On one line: runs of white space become one space; controls, and marks that turn the direction of text, are left out.
    package static func line(_ text: String, limit: Int, mark: String = "…") -> String {
        var result = ""
        var gap = false
        var length = 0
        for character in text {
            if character.isWhitespace {
                gap = !result.isEmpty
                continue
            }
            guard let first = character.unicodeScalars.first, !isControl(first), !turnsText(first) else { continue }
            if length >= limit { return result + mark }
            if gap { result.append(" ") }
            gap = false
            result.append(character)
            length += 1
        }
        return result
    }

    /// What may be written to a terminal: line feeds and tabs stay, other controls (escape sequences) lose their power.
    package static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" && $0 != "\t" }) else { return text }
        var result = text
        result.unicodeScalars.removeAll { isControl($0) && $0 != "\n" && $0 != "\t" }
        return result
    }

    /// Embeddings, overrides and isolates (Unicode Standard Annex 9): what follows on the row would be turned as well.
    private static func turnsText(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }
}
