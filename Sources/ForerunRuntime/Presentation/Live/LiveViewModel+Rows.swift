import ForerunCore

extension LiveViewModel {
    /// Rows of speculative work at most, on however high a terminal.
    private static let mostBranches = 10
    /// The same beside an open panel.
    private static let fewBranches = 3
    /// Rows for text that has not come to the end of its line.
    private static let mostText = 3
    /// Bytes of a line that is no longer wrapped from its beginning.
    private static let longLine = 16_384

    /// The rows as they look now. Each is narrower than `width`; there are fewer than `height`.
    ///
    /// - Parameter now: seconds since the run began.
    package func rows(width: Int, height: Int, at now: Double) -> [String] {
        // The last column stays free: some terminals wrap as soon as it is filled.
        let columns = max(1, width - 1)
        let room = max(1, height - 1)
        guard room > 2 else { return [actorRow(columns, now)] }
        let footers = footers(columns).prefix(room > 6 ? 2 : room > 3 ? 1 : 0)
        // Of a line without an end, no more than can be seen is looked at each time.
        let tail = openLine.utf8.count > Self.longLine ? openLine.suffix(columns * Self.mostText) : openLine[...]
        let text = tail.isEmpty ? [] : DisplayText.wrapped(tail, columns: columns).suffix(Self.mostText)
        var rows = text.suffix(max(0, room - 2 - footers.count - (panel == nil ? 0 : 6))).map { $0 }
        rows.append(header(columns, now))
        rows.append(actorRow(columns, now))
        var rest = room - rows.count - footers.count
        if panel != nil {
            // A panel of no more than its title helps nobody.
            let few = min(Self.fewBranches, max(0, rest - 5))
            rows += branchRows(columns, now, room: few)
            rest = room - rows.count - footers.count
            rows += panelRows(columns, rest, now)
        } else {
            rows += branchRows(columns, now, room: min(Self.mostBranches, rest))
        }
        return rows + footers
    }

    private func header(_ columns: Int, _ now: Double) -> String {
        var right = PresentedNumber.seconds(now)
        if progress.saved > 0.005 { right += "  saved \(PresentedNumber.seconds(progress.saved))" }
        let marks = latestTurns.map { style.symbol($0 ? .turnHit : .turnMiss) }.joined()
        return TextRow([(title, .bold)], remark: (marks, .good), right: (right, .plain)).text(columns, style)
    }

    private func actorRow(_ columns: Int, _ now: Double) -> String {
        let mark: TextRow.Piece = (style.symbol(.active) + " ", .good)
        func row(_ text: String, _ tint: ViewStyle.Tint = .plain, right: TextRow.Piece = ("", .plain)) -> String {
            TextRow([mark, (text, tint)], right: right).text(columns, style)
        }
        switch phase {
        case .starting: return row("starting")
        case .asking(let turn, let since):
            return row("turn \(turn + 1)  asking", right: (PresentedNumber.seconds(max(0, now - since)), .dim))
        case .performing(let turn, let since):
            let calls = activeCalls.sorted { $0.key < $1.key }.map { $0.value.summary(limit: 60) }
            let what = calls.isEmpty ? "" : "  " + calls.joined(separator: ", ")
            return row("turn \(turn + 1)\(what)", right: (PresentedNumber.seconds(max(0, now - since)), .dim))
        case .waiting(let reason, let end):
            return row(
                reason, .warning, right: ("again in \(PresentedNumber.seconds(max(0, end - now)))", .warning))
        case .person(let call): return row("waits for your answer: \(call.summary())", .warning)
        case .over: return row("done")
        }
    }

    private func branchRows(_ columns: Int, _ now: Double, room: Int) -> [String] {
        let shown = branches.filter { !$0.value.isFaded(at: now) }.sorted { $0.key < $1.key }.map(\.value)
        guard room > 0, !shown.isEmpty else { return [] }
        let isCut = shown.count > room
        let seen = isCut ? Self.mostTelling(shown, room - 1) : shown
        var rows = seen.enumerated().map { index, branch in
            let isLast = !isCut && index == seen.count - 1
            return branchRow(branch, style.symbol(isLast ? .lastBranch : .branch), columns, now)
        }
        if isCut {
            let text = "\(style.symbol(.lastBranch)) and \(shown.count - rows.count) more"
            rows.append(TextRow([(text, .dim)]).text(columns, style))
        }
        return rows
    }

    /// What just came true or did not, then what runs, then what is ready, the latest first; in the order in which they began.
    private static func mostTelling(_ branches: [Branch], _ count: Int) -> [Branch] {
        func weight(_ branch: Branch) -> Int {
            switch branch.state {
            case .hit: 3
            case .missed: 1
            case .running: 2
            case .ready: 0
            }
        }
        let chosen = branches.enumerated()
            .sorted { (weight($1.element), $1.offset) < (weight($0.element), $0.offset) }.prefix(max(0, count))
        return chosen.sorted { $0.offset < $1.offset }.map(\.element)
    }

    private func branchRow(_ branch: Branch, _ mark: String, _ columns: Int, _ now: Double) -> String {
        let subject =
            switch branch.subject {
            case .answer(let turn): "asks turn \(turn + 1) ahead"
            case .call(let call, _): call.summary()
            }
        let (state, tint): (String, ViewStyle.Tint) =
            switch branch.state {
            case .running: (PresentedNumber.seconds(max(0, now - branch.start)), .ahead)
            case .ready: ("ready" + (branch.seconds.map { "  " + PresentedNumber.seconds($0) } ?? ""), .ahead)
            case .hit: ("\(style.symbol(.done)) hit", .good)
            case .missed: ("\(style.symbol(.failed)) missed", .dim)
            }
        return TextRow([(mark + " ", .dim), (subject, tint)], remark: (branch.reason, .dim), right: (state, tint))
            .text(columns, style)
    }

    /// What it came to so far; what it took. The most important first on each, as much as there is room for.
    private func footers(_ columns: Int) -> [String] {
        let hint = hasKeys && columns >= 30 ? "? keys" : ""
        let room = hint.isEmpty ? columns : columns - hint.count - 2
        let off = guesses.switchedOff.keys.map { $0.map { DisplayText.line($0, limit: 20) } ?? "all" }.sorted()
        let hits = TextRow.joined(
            [
                "hits \(callHits)/\(calls) calls, \(turnHits)/\(turns) turns", "missed \(misses)", "guessed \(guessed)",
                off.isEmpty ? "" : "off: \(off.joined(separator: ", "))",
            ], columns: room, style)
        let first = TextRow([(hits, .dim)], right: (hint, .dim)).text(columns, style)
        guard !costs.isEmpty || !rates.isEmpty else { return [first] }
        let spent = TextRow.joined(
            [
                costs.isEmpty ? "" : "used \(costs.text(costs.own))", budget,
                costs.isEmpty ? "" : "in vain \(costs.text(costs.inVain))", tightestRate,
            ].filter { !$0.isEmpty }, columns: columns, style)
        return [first, style.paint(spent, .dim)]
    }

    /// How much of the limit that is nearest is used.
    private var budget: String {
        var shares: [(Double, String)] = []
        if let limit = facts.limits.money, limit > 0, let money = costs.own.money {
            shares.append((money / limit, "of \(costs.money(limit))"))
        }
        if let limit = facts.limits.tokens, limit > 0 {
            shares.append((Double(costs.own.usage.total) / Double(limit), "of \(limit) tokens"))
        }
        guard let nearest = shares.max(by: { $0.0 < $1.0 }) else { return "" }
        return "\(PresentedNumber.fixed(nearest.0 * 100, 0)) % \(nearest.1)"
    }

    private var tightestRate: String {
        let open = rates.filter { $0.wholeIn > 0 && $0.limit > 0 }
        let share = { (level: RateLevel) in Double(level.remaining) / Double(level.limit) }
        guard let level = open.min(by: { share($0) < share($1) }), share(level) < 0.5 else { return "" }
        return "\(DisplayText.line(level.name, limit: 30)): \(level.remaining) of \(level.limit) requests left"
    }
}
