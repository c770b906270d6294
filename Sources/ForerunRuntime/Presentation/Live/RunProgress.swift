import ForerunCore
package import ForerunStore

/// What a run has come to so far: calls and guesses, and the time that was saved turn by turn.
package struct RunProgress: Sendable {
    package private(set) var tally = RunTally()
    /// Seconds saved up to each turn that was taken: what the path would have taken in turn, less what it took.
    package private(set) var savedByTurn: [Double] = []
    private var estimate = SequentialEstimate()

    package init() {}

    /// Seconds saved up to the latest turn.
    package var saved: Double { savedByTurn.last ?? 0 }

    package mutating func on(_ notice: RunNotice) {
        tally.on(notice)
        guard case .event(let event, let time) = notice else { return }
        switch event {
        case .turnTaken(_, _, _, _, _, let seconds):
            estimate.turnEnded()
            estimate.addAnswer(seconds: seconds)
            savedByTurn.append(estimate.seconds - time)
        case .callTaken(_, _, _, _, _, let seconds, let effect, _):
            estimate.addCall(seconds: seconds, isBarrier: effect != .readOnly)
        case .approvalRequested, .messageAwaited: estimate.waitBegan(at: time)
        case .approvalAnswered, .messageJoined: estimate.waitEnded(at: time)
        case .asked, .answered, .answerFailed, .fellBack, .charged, .predicted, .forked, .performed, .callFinished,
            .promoted, .cancelled, .committed, .discarded, .halted, .speculationSwitched:
            break
        }
    }
}
