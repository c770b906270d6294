import ForerunCore

/// What a conversation shows: what was said and done, line by line, and below it what the agent is doing now.
///
/// Pure: notices go in, lines to scroll and rows come out. What is being typed is no part of it.
package struct ChatView: Sendable {
    enum Activity: Sendable {
        /// Nothing is asked of the agent.
        case none
        case asking(since: Double)
        case calling([Int: Call], since: Double)
        case retrying(String, until: Double)
    }

    private let style: ViewStyle
    private var activity = Activity.none
    /// Work of speculation that goes on.
    private var ahead: [Int: Call?] = [:]
    private var callHits = 0
    private var turnHits = 0
    /// Since the last message: turns, and when it came.
    private var turns = 0
    private var since = 0.0
    private var hits = 0
    /// Confirmed text that has not come to the end of its line.
    private var openLine = ""
    private var scrolled = ""
    private var hasSpoken = false
    private var queue: [String] = []
    /// A call that waits for a word of the person.
    var question: Call?
    package private(set) var isBusy = false

    package init(_ style: ViewStyle) { self.style = style }

    /// Which messages wait.
    package mutating func showQueue(_ messages: [String]) { queue = messages }

    // MARK: - What comes in

    package mutating func on(_ notice: RunNotice) {
        switch notice {
        case .event(let event, let time): on(event, time)
        case .fact: break
        case .warning(let text): say(DisplayText.line(text, limit: 1000), .dim)
        case .text(let text, _): add(DisplayText.harmless(text))
        case .withdrawn: say("what was shown of this answer does not count", .warning)
        case .finished:
            endLine()
            (activity, isBusy, ahead, question) = (.none, false, [:], nil)
        }
    }

    private mutating func on(_ event: RunEvent, _ time: Double) {
        switch event {
        case .asked(let work, _, let lane, _):
            if lane == .active { begin(.asking(since: time)) } else { ahead[work] = .some(nil) }
        case .answered(let work, _, _), .cancelled(let work, _): finish(work)
        case .promoted(let work):
            guard let subject = ahead.removeValue(forKey: work) else { return }
            if let call = subject { perform(work, call, time) } else { begin(.asking(since: time)) }
        case .callFinished(let work, _, _, _): finish(work)
        case .performed(let work, let call, _, let lane, _):
            guard lane == .active else {
                ahead[work] = .some(call)
                return
            }
            perform(work, call, time)
        case .turnTaken(_, _, let answer, _, let isHit, _):
            turns += 1
            if isHit {
                turnHits += 1
                hits += 1
            }
            endLine()
            if !answer.calls.isEmpty { begin(.calling([:], since: time)) }
        case .callTaken(_, _, let call, let output, let isHit, let seconds, _, _):
            if isHit {
                callHits += 1
                hits += 1
            }
            taken(call, output, isHit, seconds)
        case .answerFailed(let turn, let failure, let attempt, let of, let wait):
            let text = FailureLine.text(failure, turn: turn, attempt: attempt, of: of, wait: nil)
            if let wait { begin(.retrying(text, until: time + wait)) }
        case .fellBack(let fallback): say(FailureLine.text(fallback), .warning)
        case .messageJoined(_, let text):
            (turns, hits, since) = (0, 0, time)
            said(text)
            begin(.asking(since: time))
        case .halted:
            say("stopped", .warning)
            (activity, isBusy, question) = (.none, false, nil)
        case .messageAwaited: awaited(time)
        case .approvalAnswered(_, _, let granted): if !granted { say("not allowed", .dim) }
        case .speculationSwitched, .predicted, .forked, .committed, .discarded, .approvalRequested, .charged: break
        }
    }

    private mutating func begin(_ activity: Activity) {
        self.activity = activity
        isBusy = true
    }

    private mutating func perform(_ work: Int, _ call: Call, _ time: Double) {
        var calls: [Int: Call] = [:]
        var start = time
        if case .calling(let others, let since) = activity { (calls, start) = (others, since) }
        calls[work] = call
        begin(.calling(calls, since: start))
    }

    private mutating func finish(_ work: Int) {
        ahead[work] = nil
        if case .calling(var calls, let since) = activity {
            calls[work] = nil
            activity = .calling(calls, since: since)
        }
    }

    /// The agent has said its last word for now.
    private mutating func awaited(_ time: Double) {
        endLine()
        if turns > 0 {
            var parts = [PresentedNumber.count(turns, "turn"), PresentedNumber.seconds(time - since)]
            if hits > 0 { parts.append("\(PresentedNumber.count(hits, "hit"))") }
            scrolled += style.paint(parts.joined(separator: " \(style.symbol(.dot)) "), .dim) + "\n"
        }
        turns = 0
        (activity, isBusy) = (.none, false)
    }

    /// A call on one line.
    private mutating func taken(_ call: Call, _ output: Output, _ isHit: Bool, _ seconds: Double) {
        endLine()
        let mark = output.isError ? style.paint(style.symbol(.failed), .bad) : style.paint(style.symbol(.done), .good)
        var line = "\(mark) \(call.summary())  \(style.paint(PresentedNumber.seconds(seconds), .dim))"
        if isHit { line += "  " + style.paint("ahead", .ahead) }
        if output.isError { line += "  " + DisplayText.line(output.text, limit: 200) }
        scrolled += line + "\n"
    }

    /// What the person said, as it joined.
    private mutating func said(_ text: String) {
        endLine()
        let lines = DisplayText.harmless(text).split(separator: "\n", omittingEmptySubsequences: false)
        if hasSpoken { scrolled += "\n" }
        hasSpoken = true
        for (index, line) in lines.enumerated() {
            scrolled += style.paint((index == 0 ? style.symbol(.prompt) + " " : "  ") + line, .bold) + "\n"
        }
    }

    /// A line of ours.
    package mutating func say(_ line: String, _ tint: ViewStyle.Tint = .plain) {
        endLine()
        scrolled += style.paint(line, tint) + "\n"
    }

    package mutating func add(_ text: String) {
        openLine += text
        guard let end = openLine.lastIndex(where: \.isNewline) else { return }
        scrolled += openLine[...end]
        openLine = String(openLine[openLine.index(after: end)...])
    }

    package mutating func endLine() {
        if !openLine.isEmpty { scrolled += openLine + "\n" }
        openLine = ""
    }

    // MARK: - What goes out

    /// Lines that scroll by above the rows, complete ones only. Taken once.
    package mutating func takeScrolled() -> String {
        defer { scrolled = "" }
        return scrolled
    }

    /// The rows between what scrolled and the prompt.
    ///
    /// - Parameters:
    ///   - height: at most so many.
    ///   - now: seconds since the run began.
    package func rows(columns: Int, height: Int, at now: Double) -> [String] {
        var rows: [String] = []
        if let question {
            rows += DisplayText.wrapped("May this run? " + question.summary(limit: .max), columns: columns)
                .prefix(height).map { style.paint($0, .bold) }
        } else if let status = status(now) {
            rows.append(fitted(status, columns, .dim))
        }
        let most = max(1, height / 3)
        for message in queue.prefix(most) {
            rows.append(fitted("queued  \(DisplayText.line(message, limit: columns))", columns, .ahead))
        }
        if queue.count > most { rows.append(fitted("and \(queue.count - most) more", columns, .dim)) }
        let room = max(0, height - rows.count)
        let open = openLine.isEmpty ? [] : DisplayText.wrapped(openLine, columns: columns)
        return open.suffix(room) + rows
    }

    private func status(_ now: Double) -> String? {
        var parts: [String] = []
        switch activity {
        case .none:
            guard !ahead.isEmpty else { return nil }
            return "\(style.symbol(.branch)) looks ahead: \(PresentedNumber.count(ahead.count, "call"))"
        case .asking(let since): parts.append("asking  \(PresentedNumber.seconds(now - since))")
        case .calling(let calls, let since):
            guard let first = calls.min(by: { $0.key < $1.key })?.value else { return nil }
            let more = calls.count > 1 ? " and \(calls.count - 1) more" : ""
            parts.append("\(first.summary(limit: 60))\(more)  \(PresentedNumber.seconds(now - since))")
        case .retrying(let text, let until):
            parts.append("\(text); again in \(PresentedNumber.seconds(max(0, until - now)))")
        }
        if !ahead.isEmpty { parts.append("\(ahead.count) ahead") }
        if callHits + turnHits > 0 {
            parts.append(
                "hits \(PresentedNumber.count(callHits, "call")), \(PresentedNumber.count(turnHits, "turn"))")
        }
        return style.symbol(.active) + " " + parts.joined(separator: " \(style.symbol(.dot)) ")
    }

    private func fitted(_ text: String, _ columns: Int, _ tint: ViewStyle.Tint) -> String {
        style.paint(DisplayText.fitted(text, columns: columns, mark: style.symbol(.cut)), tint)
    }
}

extension ViewStyle.Symbol {
    static let prompt = Self(unicode: "›", ascii: ">")
}
