import ForerunCore

extension Event {
    /// Reads what ``DecisionBytes/event(_:isAsStreamed:)`` wrote.
    ///
    /// - Parameter streamed: the text of an answer that has been streamed so far; `nil`: there is no such answer.
    init(
        _ row: inout DecisionRow, streamed: (WorkID) -> String?
    ) throws(DecisionFault) {
        let name = try row.text()
        switch name {
        case "started": self = .started
        case "predictions":
            self = .predictionsArrived(
                try row.work(), try row.list { row throws(DecisionFault) in try row.prediction() })
        case "predicted":
            self = .predictionEnded(
                try row.work(), usage: try row.optional { row throws(DecisionFault) in try row.usage() })
        case "text": self = .answerStreamed(try row.work(), .text(try row.text()))
        case "call":
            self = .answerStreamed(try row.work(), .callStarted(index: try row.int(), name: try row.text()))
        case "sealed": self = .answerStreamed(try row.work(), .callSealed(index: try row.int(), try row.call()))
        case "answer":
            let id = try row.work()
            let turn = try row.turn(streamed: streamed(id))
            let usage = try row.optional { row throws(DecisionFault) in try row.usage() }
            let alone = try row.optional { row throws(DecisionFault) in try row.double() }
            self = .answerFinished(id, Answer(turn, usage: usage, secondsAlone: alone))
        case "answerFailed": self = .answerFailed(try row.work(), try row.modelFailure())
        case "output":
            self = .callFinished(
                try row.work(),
                CallResult(
                    try row.output(), reads: try row.footprint(), writes: try row.footprint(),
                    isTainted: try row.bool(),
                    reachedOutside: try row.bool()))
        case "callFailed": self = .callFailed(try row.work(), try row.callFailure())
        case "tainted": self = .callTainted(try row.work())
        case "branch": self = .branchReady(try row.world())
        case "branchFailed": self = .branchFailed(try row.work(), try row.environmentFailure())
        case "committed": self = .committed(try row.world())
        case "commitFailed": self = .commitFailed(try row.world(), try row.environmentFailure())
        case "recordFailed": self = .recordFailed(try row.environmentFailure())
        case "ended": self = .workEnded(try row.work())
        case "granted": self = .granted
        case "revoked": self = .revoked(try row.work())
        case "changed": self = .worldChangedByOthers(try row.footprint())
        case "message": self = .messageArrived(try row.sized(), isUrgent: try row.bool())
        case "messagesEnded": self = .messagesEnded
        case "approval":
            self = .approvalAnswered(ApprovalID(turn: try row.int(), index: try row.int()), try row.bool())
        case "retry": self = .woke(.retry(try row.work()))
        case "timeLimit": self = .woke(.timeLimit)
        case "halted": self = .halted
        case "switched": self = .speculationSwitched(isOn: try row.bool())
        case "interrupted": self = .interrupted
        default: throw DecisionFault("the event “\(name.prefix(40))” is not known here")
        }
    }
}
