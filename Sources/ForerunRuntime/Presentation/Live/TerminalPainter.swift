/// Redraws rows at the bottom of a terminal, and lets complete lines scroll by above them.
///
/// Needs no more than moving up, erasing to the end of a line and erasing to the end of the screen: there is no mode to leave, so
/// that there is nothing to restore, however the process ends. Rows that did not change are not written again.
package struct TerminalPainter: Sendable {
    private var shown: [String] = []
    /// Columns of the terminal when they were drawn.
    private var shownWidth = 0

    package init() {}

    /// What brings `rows` to the screen, below `scrolled`; empty where nothing changed.
    ///
    /// - Parameters:
    ///   - scrolled: complete lines, each with its line feed.
    ///   - width: columns of the terminal as it is now; rows drawn before may have been wrapped by it.
    package mutating func frame(scrolled: String = "", rows: [String], width: Int) -> String {
        guard !scrolled.isEmpty || rows != shown else { return "" }
        let isInPlace = scrolled.isEmpty && width == shownWidth && !shown.isEmpty && !rows.isEmpty
        let text = isInPlace ? difference(rows) : erasure(width) + scrolled + rows.joined(separator: "\n")
        shown = rows
        shownWidth = width
        return text
    }

    /// What takes the rows off the screen again.
    package mutating func clear(width: Int) -> String {
        defer { shown = [] }
        return erasure(width)
    }

    /// Forgets what is on the screen: somebody else wrote there. It is all drawn anew, below.
    package mutating func forget() { shown = [] }

    /// Rewrites the rows that changed. Each takes one line.
    private func difference(_ rows: [String]) -> String {
        let first = zip(rows, shown).prefix { $0 == $1 }.count
        // Where rows were only added, the last one is passed to get below it.
        let start = min(first, shown.count - 1)
        let up = shown.count - 1 - start
        var text = "\r" + (up > 0 ? "\u{1B}[\(up)A" : "")
        for index in start..<max(rows.count, start) {
            if index > start { text += "\n" }
            if index >= shown.count || rows[index] != shown[index] { text += rows[index] + "\u{1B}[K" }
        }
        guard rows.count < shown.count else { return text }
        // The cursor stays on the last row, behind which there is nothing any more.
        guard start < rows.count else {
            let back = start - (rows.count - 1)
            return text + "\u{1B}[J" + "\u{1B}[\(back)A" + "\r" + rows[rows.count - 1] + "\u{1B}[K"
        }
        return text + "\n\u{1B}[J\u{1B}[1A"
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
