import ForerunCore

/// Events and commands of the core in a line each, as a developer reads them.
enum DecisionWords {
    private static let limit = 160

    static func line(_ event: Event) -> String { DisplayText.line(words(event), limit: limit) }

    /// Text for the user is one line, however it was cut.
    static func lines(_ commands: [Command]) -> [String] {
        commands.map { DisplayText.line(words($0), limit: limit) }
    }

    private static func words(_ event: Event) -> String {
        switch event {
        case .started: "started"
        case .predictionsArrived(let id, let predictions):
            "guesses \(id): "
                + predictions.map { "\($0.rank) \(words($0.turn))" }.joined(separator: "; ")
        case .predictionEnded(let id, _): "guessing ended \(id)"
        case .answerStreamed(let id, .text(let text)): "text \(id): \(text)"
        case .answerStreamed(let id, .reasoning): "reasoning \(id)"
        case .answerStreamed(let id, .logprobs): "logprobs \(id)"
        case .answerStreamed(let id, .callStarted(_, let name)): "call begun \(id): \(name)"
        case .answerStreamed(let id, .callSealed(_, let call)): "call sealed \(id): \(words(call))"
        case .answerFinished(let id, let answer): "answer \(id): \(words(answer.turn))"
        case .answerFailed(let id, let failure): "answer failed \(id): \(failure)"
        case .callFinished(let id, let result):
            "output \(id)\(result.isTainted ? " tainted" : ""): \(result.output.isError ? "error: " : "")"
                + result.output.text
        case .callFailed(let id, let failure): "call failed \(id): \(failure)"
        case .callTainted(let id): "restriction felt \(id)"
        case .branchReady(let world): "branch ready \(world)"
        case .branchFailed(let id, let failure): "branch failed \(id): \(failure)"
        case .committed(let world): "landed \(world)"
        case .commitFailed(let world, let failure): "commit failed \(world): \(failure)"
        case .recordFailed(let failure): "log failed: \(failure)"
        case .workEnded(let id): "ended \(id)"
        case .granted: "a slot may be free"
        case .revoked(let id): "revoked \(id)"
        case .worldChangedByOthers: "others changed the world"
        case .messageArrived(let text, let isUrgent): "\(isUrgent ? "urgent " : "")message: \(text)"
        case .messagesEnded: "no more messages"
        case .approvalAnswered(let id, let isGranted):
            "\(isGranted ? "allowed" : "denied") call \(id.index) of turn \(id.turn)"
        case .woke(.retry(let id)): "retry is due \(id)"
        case .woke(.timeLimit): "time is up"
        case .halted: "halted by the user"
        case .speculationSwitched(let isOn): "speculation switched \(isOn ? "on" : "off")"
        case .interrupted: "interrupted"
        }
    }

    private static func words(_ command: Command) -> String {
        switch command {
        case .ask(let id, let request, let lane, let attempt, _):
            "ask \(id) \(request.role.name) turn \(request.transcript.turns) \(lane)\(again(attempt))"
        case .predict(let id, let speculator, let context):
            "guess \(id) turn \(context.turnNumber) by speculator \(speculator)"
        case .fork(let world, let parent): "fork \(world) from \(parent)"
        case .perform(let id, let call, let world, let lane, let isRestricted, let attempt):
            "perform \(id) in \(world) \(lane)\(isRestricted ? " restricted" : "")\(again(attempt)): \(words(call))"
        case .promote(let id): "promote \(id)"
        case .cancel(let id): "cancel \(id)"
        case .commit(let world): "commit \(world)"
        case .discard(let world): "discard \(world)"
        case .record(let event): "record \(event.json.text)"
        case .release(.text(let text, let turn)): "show text of turn \(turn): \(text)"
        case .release(.withdrawn(let turn)): "withdraw text of turn \(turn)"
        case .requestApproval(let id, let call): "ask the user for call \(id.index) of turn \(id.turn): \(words(call))"
        case .wake(.retry(let id), let moment): "wake at \(PresentedNumber.fixed(moment, 6)) s to retry \(id)"
        case .wake(.timeLimit, let moment): "wake at \(PresentedNumber.fixed(moment, 6)) s, when time is up"
        case .substitute(let role, let number): "model \(number) plays \(role)"
        case .observe(let turn, let context): "teach turn \(context.turnNumber): \(words(turn))"
        case .awaitMessage: "await a message"
        case .finish(let end): "finish: \(end)"
        }
    }

    private static func again(_ attempt: Int) -> String { attempt == 0 ? "" : " attempt \(attempt + 1)" }

    private static func words(_ turn: Turn) -> String {
        turn.calls.isEmpty ? "“\(turn.text)”" : turn.calls.map { words($0) }.joined(separator: ", ")
    }

    private static func words(_ call: Call) -> String { "\(call.name) \(call.malformed ?? call.arguments.text)" }
}
