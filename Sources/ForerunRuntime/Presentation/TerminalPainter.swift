/// Draws rows below what scrolls by, and redraws them in place.
///
/// Pure: what to write comes out as text. The cursor is never hidden and no mode of the terminal is changed, so that there is
/// nothing to restore, however the process ends.
package struct TerminalPainter: Sendable {
    private var shown: [String] = []

    package init() {}

    /// What brings `rows` to the screen, below `scrolled`; empty where nothing changed.
    ///
    /// - Parameters:
    ///   - scrolled: complete lines, each with its line feed.
    ///   - width: columns of the terminal as it is now; rows drawn before may have been wrapped by it.
    package mutating func frame(scrolled: String = "", rows: [String], width: Int) -> String {
        guard !scrolled.isEmpty || rows != shown else { return "" }
        let text = erasure(width) + scrolled + rows.joined(separator: "\n")
        shown = rows
        return text
    }

    /// What takes the rows off the screen again.
    package mutating func clear(width: Int) -> String {
        defer { shown = [] }
        return erasure(width)
    }

    private func erasure(_ width: Int) -> String {
        guard !shown.isEmpty else { return "" }
        let lines = shown.reduce(0) { $0 + max(1, (Self.width(of: $1) + max(1, width) - 1) / max(1, width)) }
        let up = lines > 1 ? "\u{1B}[\(lines - 1)A" : ""
        return "\r" + up + "\u{1B}[J"
    }

    /// Columns of a row, without the sequences that colour it.
    private static func width(of row: String) -> Int {
        var width = 0
        var isSequence = false
        for character in row {
            if isSequence {
                isSequence = character != "m"
            } else if character == "\u{1B}" {
                isSequence = true
            } else {
                width += DisplayText.width(of: character)
            }
        }
        return width
    }
}
