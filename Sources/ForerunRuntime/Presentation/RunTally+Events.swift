import ForerunCore
package import ForerunStore

extension RunTally {
    /// Counts what happens in a run that goes on.
    package mutating func on(_ notice: RunNotice) {
        switch notice {
        case .event(let event, _): on(event)
        case .finished: finish()
        case .fact, .warning, .text, .withdrawn: break
        }
    }

    private mutating func on(_ event: RunEvent) {
        switch event {
        case .predicted(let turn, let source, _, let calls, let probability, _):
            guessed(turn: turn, source: source, calls: calls.map(\.hashValue), probability: probability)
        case .turnTaken(let turn, _, let answer, _, _, _): took(turn: turn, calls: answer.calls.map(\.hashValue))
        case .performed(let work, let call, _, let lane, _):
            if lane != .active { began(work: work, tool: call.name, call: call.hashValue) }
        case .callFinished(let work, _, let seconds, _): ended(work: work, seconds: seconds)
        case .cancelled(let work, let seconds): cancelled(work: work, seconds: seconds)
        case .callTaken(_, _, let call, let output, let isHit, let seconds, _, let work):
            took(work: work, tool: call.name, isHit: isHit, isError: output.isError, seconds: seconds)
        case .charged(let charge):
            guard charge.outcome == .guesses else { return }
            charged(source: charge.role, tokens: charge.usage.total, money: charge.money)
        case .asked, .answered, .answerFailed, .fellBack, .forked, .promoted, .committed, .discarded,
            .approvalRequested, .approvalAnswered, .messageAwaited, .messageJoined, .halted, .speculationSwitched:
            break
        }
    }
}
