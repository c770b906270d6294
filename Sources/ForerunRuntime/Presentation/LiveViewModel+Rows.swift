import ForerunCore

extension LiveViewModel {
    /// Rows of speculative work at most, on however high a terminal.
    private static let mostBranches = 10
    /// Rows for text that has not come to the end of its line.
    private static let mostText = 3

    /// The rows as they look now. Each is narrower than `width`; there are fewer than `height`.
    ///
    /// - Parameter now: seconds since the run began.
    package func rows(width: Int, height: Int, at now: Double) -> [String] {
        // The last column stays free: some terminals wrap as soon as it is filled.
        let columns = max(1, width - 1)
        let room = max(1, height - 1)
        let text = openLine.isEmpty ? [] : DisplayText.wrapped(openLine, columns: columns).suffix(Self.mostText)
        guard room > 2 else { return [actorRow(columns, now)] }
        var rows = text.suffix(max(0, room - 3)).map { $0 }
        rows.append(header(columns, now))
        rows.append(actorRow(columns, now))
        rows += branchRows(columns, now, room: min(Self.mostBranches, room - rows.count - 1))
        if rows.count < room { rows.append(footer(columns)) }
        return rows
    }

    private func header(_ columns: Int, _ now: Double) -> String {
        let savedText = saved > 0.005 ? "  saved \(PresentedNumber.seconds(saved))" : ""
        return row(columns, [(title, .bold)], right: PresentedNumber.seconds(now) + savedText)
    }

    private func actorRow(_ columns: Int, _ now: Double) -> String {
        let mark = (style.symbol(.active) + " ", ViewStyle.Tint.good)
        switch phase {
        case .starting: return row(columns, [mark, ("starting", .plain)])
        case .asking(let turn, let since):
            return row(
                columns, [mark, ("turn \(turn + 1)  asking", .plain)], right: PresentedNumber.seconds(now - since), .dim
            )
        case .performing(let turn, let since):
            let calls = activeCalls.sorted { $0.key < $1.key }.map { $0.value.summary(limit: 60) }
            let what = calls.isEmpty ? "" : "  " + calls.joined(separator: ", ")
            return row(
                columns, [mark, ("turn \(turn + 1)\(what)", .plain)], right: PresentedNumber.seconds(now - since), .dim)
        case .waiting(let reason, let end):
            let left = "again in \(PresentedNumber.seconds(max(0, end - now)))"
            return row(columns, [mark, (reason, .warning)], right: left, .warning)
        case .person(let call): return row(columns, [mark, ("waits for your answer: \(call.summary())", .warning)])
        case .over: return row(columns, [mark, ("done", .plain)])
        }
    }

    private func branchRows(_ columns: Int, _ now: Double, room: Int) -> [String] {
        let shown = branches.filter { !$0.value.isFaded(at: now) }.sorted { $0.key < $1.key }.map(\.value)
        guard room > 0, !shown.isEmpty else { return [] }
        let isCut = shown.count > room
        var rows = shown.prefix(isCut ? room - 1 : room).enumerated().map { index, branch in
            let isLast = !isCut && index == shown.count - 1
            return branchRow(branch, style.symbol(isLast ? .lastBranch : .branch), columns, now)
        }
        if isCut {
            rows.append(row(columns, [("\(style.symbol(.lastBranch)) and \(shown.count - rows.count) more", .dim)]))
        }
        return rows
    }

    private func branchRow(_ branch: Branch, _ mark: String, _ columns: Int, _ now: Double) -> String {
        let subject =
            switch branch.subject {
            case .answer(let turn): "asks turn \(turn + 1) ahead"
            case .call(let call, _): call.summary()
            }
        let (state, tint): (String, ViewStyle.Tint) =
            switch branch.state {
            case .running: (PresentedNumber.seconds(now - branch.start), .ahead)
            case .ready: ("ready" + (branch.seconds.map { "  " + PresentedNumber.seconds($0) } ?? ""), .ahead)
            case .hit: ("\(style.symbol(.done)) hit", .good)
            case .missed: ("\(style.symbol(.failed)) missed", .dim)
            }
        return row(columns, [(mark + " ", .dim), (subject, tint)], right: state, tint)
    }

    private func footer(_ columns: Int) -> String {
        let parts = [
            "hits \(PresentedNumber.count(callHits, "call")), \(PresentedNumber.count(turnHits, "turn"))",
            "missed \(misses)",
            "guessed \(guesses)",
        ]
        return row(columns, [(parts.joined(separator: " \(style.symbol(.dot)) "), .dim)])
    }

    // MARK: - Fitting

    /// Text on the left, cut where there is no room; a value at the right end, left out on narrow terminals.
    private func row(
        _ columns: Int, _ left: [(String, ViewStyle.Tint)], right: String = "", _ tint: ViewStyle.Tint = .plain
    ) -> String {
        let rightWidth = DisplayText.width(of: right)
        let keepsRight = !right.isEmpty && rightWidth + 12 <= columns
        var room = keepsRight ? columns - rightWidth - 2 : columns
        var result = ""
        for (text, tint) in left where room > 0 {
            let fitted = DisplayText.fitted(text, columns: room, mark: style.symbol(.cut))
            room -= DisplayText.width(of: fitted)
            result += style.paint(fitted, tint)
        }
        guard keepsRight else { return result }
        return result + String(repeating: " ", count: room + 2) + style.paint(right, tint)
    }
}
