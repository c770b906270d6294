/// How text is drawn: with or without colours, with or without characters beyond ASCII.
package struct ViewStyle: Sendable, Hashable {
    package var color: Bool
    package var unicode: Bool

    package init(color: Bool = false, unicode: Bool = true) {
        self.color = color
        self.unicode = unicode
    }

    /// What the environment says: `NO_COLOR` (no-color.org), `TERM=dumb`, and the locale.
    package init(_ choice: Configuration.Color, isTerminal: Bool, environment: [String: String]) {
        let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        switch choice {
        case .always: color = true
        case .never: color = false
        case .auto: color = isTerminal && !refused && environment["TERM"] != "dumb"
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        unicode = name.contains("utf-8") || name.contains("utf8")
    }

    package enum Tint: String, Sendable, Hashable {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case good = "32"
        case bad = "31"
        case ahead = "36"
        case warning = "33"
    }

    package func paint(_ text: String, _ tint: Tint) -> String {
        color && tint != .plain && !text.isEmpty ? "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Characters beyond ASCII become the nearest ASCII ones, where the locale asks for that. Never of a model's words.
    package func symbol(_ symbol: Symbol) -> String { unicode ? symbol.unicode : symbol.ascii }

    package struct Symbol: Sendable, Hashable {
        let unicode: String
        let ascii: String

        package static let done = Symbol(unicode: "✓", ascii: "+")
        package static let failed = Symbol(unicode: "✗", ascii: "x")
        package static let active = Symbol(unicode: "▶", ascii: ">")
        package static let branch = Symbol(unicode: "├", ascii: "|")
        package static let lastBranch = Symbol(unicode: "└", ascii: "`")
        package static let cut = Symbol(unicode: "…", ascii: "~")
        package static let dot = Symbol(unicode: "·", ascii: "-")
        package static let turnHit = Symbol(unicode: "●", ascii: "+")
        package static let turnMiss = Symbol(unicode: "○", ascii: "-")
    }
}
