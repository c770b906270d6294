import ForerunCore

/// What a run prints where there is no terminal to draw on: confirmed text as it comes, and a line for each step.
package struct PlainLines: Sendable {
    package enum Piece: Sendable, Hashable {
        /// Words of the actor, for standard output.
        case text(String)
        /// A line about the run, for standard error.
        case line(String)
    }

    private let style: ViewStyle
    private let canAsk: Bool
    private var isLineOpen = false
    private var cancelled = 0
    private var pending: [Int: Call] = [:]

    /// - Parameter canAsk: somebody is there to answer.
    package init(_ style: ViewStyle, canAsk: Bool) {
        self.style = style
        self.canAsk = canAsk
    }

    package mutating func pieces(for notice: RunNotice) -> [Piece] {
        switch notice {
        case .text(let text, _):
            guard !text.isEmpty else { return [] }
            isLineOpen = !text.hasSuffix("\n")
            return [.text(text)]
        case .withdrawn(let turn):
            return closeLine() + [.line("  turn \(turn + 1) broke off: what was shown of it does not count")]
        case .event(let event, _): return pieces(for: event)
        case .fact: return []
        case .warning(let text): return closeLine() + [.line("note: \(DisplayText.line(text, limit: 1000))")]
        case .finished: return closeLine()
        }
    }

    private mutating func pieces(for event: RunEvent) -> [Piece] {
        switch event {
        case .turnTaken(let turn, _, _, _, let isHit, let seconds):
            var line = "turn \(turn + 1)  \(PresentedNumber.seconds(seconds))"
            if isHit { line += "  " + style.paint("ahead", .ahead) }
            if cancelled > 0 { line += "  " + style.paint("\(cancelled) cancelled", .dim) }
            cancelled = 0
            return closeLine() + [.line(line)]
        case .callTaken(_, _, let call, let output, let isHit, let seconds, _, _):
            let mark =
                output.isError ? style.paint(style.symbol(.failed), .bad) : style.paint(style.symbol(.done), .good)
            var line = "  \(mark) \(call.summary())  \(PresentedNumber.seconds(seconds))"
            if isHit { line += "  " + style.paint("ahead", .ahead) }
            if output.isError { line += "  " + DisplayText.line(output.text, limit: 200) }
            return closeLine() + [.line(line)]
        case .answerFailed(let turn, let failure, let attempt, let of, let wait):
            return closeLine() + [
                .line("  " + FailureLine.text(failure, turn: turn, attempt: attempt, of: of, wait: wait))
            ]
        case .fellBack(let fallback): return closeLine() + [.line("  " + FailureLine.text(fallback))]
        case .approvalRequested(_, let index, let call):
            pending[index] = call
            return []
        case .approvalAnswered(_, let index, let granted):
            guard !granted, let call = pending[index] else { return [] }
            let reason = canAsk ? "" : ": nobody can be asked (no terminal)"
            return closeLine() + [.line("  denied \(call.summary())\(reason)")]
        case .speculationSwitched(_, let change): return closeLine() + [.line("  " + change.summary)]
        case .cancelled:
            cancelled += 1
            return []
        case .asked, .answered, .predicted, .forked, .performed, .callFinished, .promoted, .committed, .discarded,
            .messageAwaited, .messageJoined, .halted, .charged:
            return []
        }
    }

    private mutating func closeLine() -> [Piece] {
        guard isLineOpen else { return [] }
        isLineOpen = false
        return [.text("\n")]
    }
}

/// A failed attempt, or a model that was replaced, on one line: cause, which attempt, what is left to wait.
enum FailureLine {
    static func text(_ fallback: Fallback) -> String {
        "turn \(fallback.turn + 1): \(fallback.to) plays \(fallback.role) from here on instead of \(fallback.from)"
    }

    static func text(_ failure: ModelFailure, turn: Int, attempt: Int, of: Int, wait: Double?) -> String {
        var cause = failure.kind.description
        if let status = failure.status { cause += " (HTTP \(status))" }
        if !failure.message.isEmpty { cause += ": " + DisplayText.line(failure.message, limit: 200) }
        guard let wait else { return "turn \(turn + 1): \(cause); given up after attempt \(attempt)" }
        return
            "turn \(turn + 1): \(cause); again in \(PresentedNumber.seconds(wait)) (attempt \(attempt) of \(of) failed)"
    }
}
