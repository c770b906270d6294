extension LineEditor {
    /// What is typed as rows of a terminal, and where the cursor stands in them.
    package struct Rows: Sendable, Hashable {
        package var rows: [String]
        package var row: Int
        package var column: Int
    }

    /// - Parameters:
    ///   - prompt: before the first row; what follows is indented as much.
    ///   - columns: of the terminal. The last one stays free for the cursor.
    ///   - height: rows at most: those around the cursor are shown.
    package func rows(prompt: String, width: Int, columns: Int, height: Int) -> Rows {
        let room = max(1, columns - width - 1)
        let indent = String(repeating: " ", count: width)
        var rows = [""]
        var taken = 0
        var (row, column) = (0, 0)
        for (index, character) in text.enumerated() {
            if index == cursor { (row, column) = (rows.count - 1, taken) }
            if character == "\n" {
                rows.append("")
                taken = 0
                continue
            }
            let shown = character == "\t" ? "  " : String(character)
            let size = DisplayText.width(of: shown)
            if taken + size > room {
                if index == cursor { (row, column) = (rows.count, 0) }
                rows.append("")
                taken = 0
            }
            rows[rows.count - 1] += shown
            taken += size
        }
        if cursor == text.count { (row, column) = (rows.count - 1, taken) }
        let first = max(0, min(row - height / 2, rows.count - height))
        let seen = rows[first..<min(rows.count, first + height)]
        return Rows(
            rows: seen.enumerated().map { ($0 == 0 && first == 0 ? prompt : indent) + $1 }, row: row - first,
            column: width + column)
    }
}
