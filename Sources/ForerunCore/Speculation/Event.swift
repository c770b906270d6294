/// What happened, as drivers tell the core. Times come beside the event, in seconds since the run began.
///
/// Every piece of work that a driver was told to start ends with exactly one of the events that say so
/// (`answerFinished`, `answerFailed`, `callFinished`, `callFailed`, `branchFailed`, `predictionEnded`, or `workEnded` after a
/// cancel); only then is its slot free.
package enum Event: Sendable {
    case started
    case predictionsArrived(WorkID, [Prediction])
    /// A speculator has said all that it had to say.
    case predictionEnded(WorkID, usage: Usage?)
    case answerStreamed(WorkID, AnswerDelta)
    case answerFinished(WorkID, Answer)
    case answerFailed(WorkID, ModelFailure)
    case callFinished(WorkID, CallResult)
    case callFailed(WorkID, CallFailure)
    /// A restriction of work that still runs was felt.
    case callTainted(WorkID)
    case branchReady(WorldID)
    /// The world of this work could not be made.
    case branchFailed(WorkID, EnvironmentFailure)
    case committed(WorldID)
    case commitFailed(WorldID, EnvironmentFailure)
    /// What happens cannot be recorded any more: the run ends before anything else is committed.
    case recordFailed(EnvironmentFailure)
    /// Cancelled work is over.
    case workEnded(WorkID)
    /// Slots that this run waited for may be free.
    case granted
    /// Another run needs the slot of this shadow work.
    case revoked(WorkID)
    /// Somebody else changed the world, or what lies outside of it.
    case worldChangedByOthers(Footprint)
    /// The user says something, which joins the transcript at the next question. - Parameter isUrgent: the answer that is
    /// awaited is given up for it.
    case messageArrived(String, isUrgent: Bool = false)
    /// The user will say nothing more: the run ends with the agent's last word.
    case messagesEnded
    case approvalAnswered(ApprovalID, Bool)
    case woke(Alarm)
    /// The user wants the agent to stop what it does, and to wait for a message.
    case halted
    /// The user wants nothing to run ahead any more, or again as the policy allows.
    case speculationSwitched(isOn: Bool)
    /// The user wants the run to end now.
    case interrupted
}

extension Event {
    /// The work that is over with this event.
    package var endedWork: WorkID? {
        switch self {
        case .predictionEnded(let id, _), .answerFinished(let id, _), .answerFailed(let id, _),
            .callFinished(let id, _),
            .callFailed(let id, _), .branchFailed(let id, _), .workEnded(let id):
            id
        default: nil
        }
    }
}

/// What a wake-up is for.
package enum Alarm: Sendable, Hashable {
    /// A retry is due.
    case retry(WorkID)
    /// The wall time of the run is used up.
    case timeLimit
}

/// The place of a call that a person is asked about.
package struct ApprovalID: Sendable, Hashable {
    package let turn: Int
    package let index: Int

    package init(turn: Int, index: Int) {
        self.turn = turn
        self.index = index
    }
}
