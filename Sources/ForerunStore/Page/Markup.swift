/// Text as HTML: whatever it holds, it is shown and nothing more.
package enum Markup {
    /// For text between tags and in quoted attributes. Controls and marks that turn the direction of text are made visible.
    package static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "`": result += "&#96;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\r": continue
            default:
                if scalar.value < 0x20 {
                    // Their pictures in Unicode.
                    result.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "?")
                } else if isHidden(scalar.value) {
                    result += "\u{FFFD}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// The first so many characters.
    package static func escaped(_ text: String, limit: Int) -> String {
        guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex), end != text.endIndex
        else {
            return escaped(text)
        }
        return escaped(text[..<end]) + "…"
    }

    private static func isHidden(_ value: UInt32) -> Bool {
        (0x7f...0x9f).contains(value) || (0x200b...0x200f).contains(value) || (0x202a...0x202e).contains(value)
            || (0x2060...0x206f).contains(value) || value == 0xfeff
    }

    /// A number for a style: no exponent, no locale.
    package static func number(_ value: Double, decimals: Int = 3) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((abs(value) * scale).rounded())
        guard decimals > 0 else { return "\(value < 0 && scaled > 0 ? "-" : "")\(scaled)" }
        let fraction = String(scaled % Int(scale))
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / Int(scale)).\(zeros)\(fraction)"
    }
}
