/// Draws rows with a cursor in them below what scrolls by, and redraws them in place.
///
/// Pure: what to write comes out as text.
package struct PromptPainter: Sendable {
    private var shown: [String] = []
    /// The row of ``shown`` in which the cursor stands.
    private var row = 0
    private var column = 0

    package init() {}

    /// What brings `rows` to the screen, below `scrolled`, with the cursor where it is wanted; empty where nothing changed.
    ///
    /// - Parameters:
    ///   - scrolled: complete lines, each with its line feed.
    ///   - row: of the cursor, in `rows`.
    ///   - width: columns of the terminal as it is now; rows drawn before may have been wrapped by it.
    package mutating func frame(scrolled: String = "", rows: [String], row: Int, column: Int, width: Int) -> String {
        guard !scrolled.isEmpty || rows != shown || row != self.row || column != self.column else { return "" }
        var text = erasure(width) + scrolled + rows.joined(separator: "\n")
        let up = rows.count - 1 - row
        text += "\r" + (up > 0 ? "\u{1B}[\(up)A" : "") + (column > 0 ? "\u{1B}[\(column)C" : "")
        (shown, self.row, self.column) = (rows, row, column)
        return text
    }

    /// What takes the rows off the screen again.
    package mutating func clear(width: Int) -> String {
        defer { (shown, row, column) = ([], 0, 0) }
        return erasure(width)
    }

    private func erasure(_ width: Int) -> String {
        guard !shown.isEmpty else { return "" }
        let width = max(1, width)
        // Rows that the terminal has wrapped meanwhile take more of it.
        let above = shown[..<row].reduce(0) { $0 + max(1, (Self.width(of: $1) + width - 1) / width) } + column / width
        return "\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + "\u{1B}[J"
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
