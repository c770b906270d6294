import ForerunStore

/// Work as bars along time: a lane for the actor, one for its calls, and as many as it takes for what runs ahead.
package struct LaneChart: Sendable {
    package enum Kind: Sendable, Hashable {
        case used
        /// Used, and begun ahead.
        case ahead
        /// Finished, and not used by now.
        case unused
        case cancelled
        case running
    }

    package struct Bar: Sendable, Hashable {
        package var lane: Lane
        package var kind: Kind
        /// Seconds since the run began.
        package var start: Double
        package var end: Double

        package init(lane: Lane, kind: Kind, start: Double, end: Double) {
            self.lane = lane
            self.kind = kind
            self.start = start
            self.end = end
        }
    }

    package enum Lane: Int, Sendable, Hashable {
        case actor, calls, ahead
    }

    private static let nameColumns = 8

    private let style: ViewStyle

    package init(_ style: ViewStyle) { self.style = style }

    /// The lanes between two moments, in `columns`; below them the time.
    package func rows(_ bars: [Bar], from start: Double, to end: Double, columns: Int) -> [String] {
        let room = columns - Self.nameColumns
        guard room >= 8, end > start else { return [] }
        let seen = bars.filter { $0.end >= start && $0.start <= end }
        var lanes: [(name: String, bars: [Bar])] = [
            ("actor", seen.filter { $0.lane == .actor }), ("calls", seen.filter { $0.lane == .calls }),
        ]
        let ahead = seen.filter { $0.lane == .ahead }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        for (bar, row) in zip(ahead, LanePacking.rows(ahead.map { ($0.start, $0.end) })) {
            if row + 2 == lanes.count { lanes.append(("ahead \(row + 1)", [])) }
            lanes[row + 2].bars.append(bar)
        }
        let rows = lanes.map { name, bars in
            style.paint(name + String(repeating: " ", count: max(0, Self.nameColumns - name.count)), .dim)
                + painted(cells(bars, from: start, to: end, room))
        }
        return rows + [axis(from: start, to: end, room)]
    }

    /// What the bars mean, on one line.
    package var legend: [(text: String, tint: ViewStyle.Tint)] {
        let kinds: [(Kind, String)] = [
            (.used, "used"), (.ahead, "used, began ahead"), (.unused, "not used"), (.cancelled, "cancelled"),
            (.running, "running"),
        ]
        return kinds.flatMap { kind, name in [(glyph(kind) + " ", tint(kind)), (name + "  ", .dim)] }
    }

    /// What stands at each column. Of two bars in one column the later one is seen.
    private func cells(_ bars: [Bar], from start: Double, to end: Double, _ room: Int) -> [Kind?] {
        var cells = [Kind?](repeating: nil, count: room)
        let scale = Double(room) / (end - start)
        for bar in bars {
            let first = max(0, Int(((bar.start - start) * scale).rounded(.down)))
            // However short it was, it is seen.
            let last = min(room - 1, max(first, Int(((bar.end - start) * scale).rounded(.up)) - 1))
            for column in min(first, room - 1)...max(last, min(first, room - 1)) { cells[column] = bar.kind }
        }
        return cells
    }

    private func painted(_ cells: [Kind?]) -> String {
        var text = ""
        var index = 0
        while index < cells.count {
            let end = cells[index...].firstIndex { $0 != cells[index] } ?? cells.count
            let count = end - index
            text +=
                cells[index].map { style.paint(String(repeating: glyph($0), count: count), tint($0)) }
                ?? String(repeating: " ", count: count)
            index = end
        }
        return text
    }

    private func axis(from start: Double, to end: Double, _ room: Int) -> String {
        let left = PresentedNumber.seconds(start)
        let right = PresentedNumber.seconds(end)
        let gap = room - left.count - right.count
        let text = gap > 0 ? left + String(repeating: " ", count: gap) + right : left
        return String(repeating: " ", count: Self.nameColumns) + style.paint(text, .dim)
    }

    /// Told apart without colours, too.
    private func glyph(_ kind: Kind) -> String {
        switch kind {
        case .used: style.unicode ? "█" : "#"
        case .ahead: style.unicode ? "▓" : "="
        case .unused: style.unicode ? "▒" : "-"
        case .cancelled: style.unicode ? "░" : "."
        case .running: style.unicode ? "▄" : ">"
        }
    }

    private func tint(_ kind: Kind) -> ViewStyle.Tint {
        switch kind {
        case .used: .good
        case .ahead, .running: .ahead
        case .unused: .warning
        case .cancelled: .dim
        }
    }
}
