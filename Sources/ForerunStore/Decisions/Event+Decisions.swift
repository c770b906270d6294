import ForerunCore

extension DecisionBytes {
    /// The name of an event and what it says, as members of an array. A new kind of event does not compile before it is here.
    ///
    /// - Parameter isAsStreamed: the text of the answer that has finished is what had been streamed of it.
    mutating func event(_ event: Event, isAsStreamed: Bool) {
        switch event {
        case .started: raw(#""started""#)
        case .predictionsArrived(let id, let predictions):
            work(#""predictions","#, id)
            comma()
            list(predictions) { $0.prediction($1) }
        case .predictionEnded(let id, let usage):
            work(#""predicted","#, id)
            comma()
            optional(usage)
        case .answerStreamed(let id, let delta):
            switch delta {
            case .text(let piece):
                work(#""text","#, id)
                comma()
                text(piece)
            // They change nothing in the core, and are not written.
            case .reasoning: work(#""reasoning","#, id)
            case .logprobs: work(#""logprobs","#, id)
            case .callStarted(let index, let name):
                work(#""call","#, id)
                comma()
                int(index)
                comma()
                text(name)
            case .callSealed(let index, let call):
                work(#""sealed","#, id)
                comma()
                int(index)
                comma()
                self.call(call)
            }
        case .answerFinished(let id, let answer):
            work(#""answer","#, id)
            comma()
            turn(answer.turn, isAsStreamed: isAsStreamed)
            comma()
            optional(answer.usage)
            comma()
            optional(answer.secondsAlone)
        case .answerFailed(let id, let failure):
            work(#""answerFailed","#, id)
            comma()
            self.failure(failure)
        case .callFinished(let id, let result):
            work(#""output","#, id)
            comma()
            output(result.output)
            comma()
            footprint(result.reads)
            comma()
            footprint(result.writes)
            comma()
            bool(result.isTainted)
            comma()
            bool(result.reachedOutside)
        case .callFailed(let id, let failure):
            work(#""callFailed","#, id)
            raw(",[")
            text(failure.kind.description)
            comma()
            bool(failure.kind.isRetryable)
            comma()
            sized(failure.message)
            raw("]")
        case .callTainted(let id): work(#""tainted","#, id)
        case .branchReady(let world): number(#""branch","#, world.number)
        case .branchFailed(let id, let failure):
            work(#""branchFailed","#, id)
            comma()
            self.failure(failure)
        case .committed(let world): number(#""committed","#, world.number)
        case .commitFailed(let world, let failure):
            number(#""commitFailed","#, world.number)
            comma()
            self.failure(failure)
        case .recordFailed(let failure):
            raw(#""recordFailed","#)
            self.failure(failure)
        case .workEnded(let id): work(#""ended","#, id)
        case .granted: raw(#""granted""#)
        case .revoked(let id): work(#""revoked","#, id)
        case .worldChangedByOthers(let footprint):
            raw(#""changed","#)
            self.footprint(footprint)
        case .messageArrived(let text, let isUrgent):
            raw(#""message","#)
            sized(text)
            comma()
            bool(isUrgent)
        case .messagesEnded: raw(#""messagesEnded""#)
        case .approvalAnswered(let id, let isGranted):
            number(#""approval","#, id.turn)
            comma()
            int(id.index)
            comma()
            bool(isGranted)
        case .woke(.retry(let id)): work(#""retry","#, id)
        case .woke(.timeLimit): raw(#""timeLimit""#)
        case .halted: raw(#""halted""#)
        case .speculationSwitched(let isOn):
            raw(#""switched","#)
            bool(isOn)
        case .interrupted: raw(#""interrupted""#)
        }
    }

    private mutating func work(_ name: StaticString, _ id: WorkID) { number(name, id.number) }

    private mutating func number(_ name: StaticString, _ number: Int) {
        raw(name)
        int(number)
    }

    // MARK: - Parts

    /// `[rank, confidence, turn]`, and the guessed outputs where there are any.
    private mutating func prediction(_ prediction: Prediction) {
        raw("[")
        int(prediction.rank)
        comma()
        optional(prediction.confidence)
        comma()
        turn(prediction.turn, isAsStreamed: false)
        if !prediction.outputs.isEmpty {
            comma()
            list(prediction.outputs.sorted { $0.key < $1.key }) { bytes, output in
                bytes.raw("[")
                bytes.int(output.key)
                bytes.comma()
                bytes.output(output.value)
                bytes.raw("]")
            }
        }
        raw("]")
    }

    /// `[text, finish, calls]`, and the echo where there is one. The text is whole, or `true`: as it was streamed.
    mutating func turn(_ turn: Turn, isAsStreamed: Bool) {
        raw("[")
        if isAsStreamed { raw("true") } else { text(turn.text) }
        comma()
        text(turn.finish.description)
        comma()
        list(turn.calls) { $0.call($1) }
        if let echo = turn.echo {
            raw(",[")
            text(echo.model)
            for part in echo.parts {
                raw(",[")
                int(part.calls)
                comma()
                int(part.text)
                comma()
                sized(part.json)
                raw("]")
            }
            raw("]")
        }
        raw("]")
    }

    /// `[name, arguments]`, and what was written in their place where they were no object.
    mutating func call(_ call: Call) {
        raw("[")
        text(call.name)
        comma()
        sized(call.arguments)
        if let malformed = call.malformed {
            comma()
            sized(malformed)
        }
        raw("]")
    }

    /// `[text, isError, ends]`.
    mutating func output(_ output: Output) {
        raw("[")
        sized(output.text)
        comma()
        bool(output.isError)
        comma()
        bool(output.endsEpisode)
        raw("]")
    }

    mutating func optional(_ usage: Usage?) {
        guard let usage else { return raw("null") }
        raw("[")
        int(usage.input)
        comma()
        int(usage.cached)
        comma()
        int(usage.written)
        comma()
        int(usage.output)
        comma()
        int(usage.reasoning)
        raw("]")
    }

    /// `false`: nothing, `true`: everything.
    private mutating func footprint(_ footprint: Footprint) {
        switch footprint {
        case .nothing: raw("false")
        case .everything: raw("true")
        case .resources(let resources): list(resources) { $0.text($1) }
        }
    }

    /// `[kind, isRetryable, message, status, requestID, retryAfter, mayRetry, remedy]`.
    mutating func failure(_ failure: ModelFailure) {
        raw("[")
        text(failure.kind.description)
        comma()
        bool(failure.kind.isRetryable)
        comma()
        sized(failure.message)
        comma()
        optional(failure.status)
        comma()
        optional(failure.requestID)
        comma()
        optional(failure.retryAfter)
        comma()
        optional(failure.mayRetry)
        comma()
        optional(failure.remedy)
        raw("]")
    }

    /// `[code, message, remedy]`.
    private mutating func failure(_ failure: EnvironmentFailure) {
        raw("[")
        text(failure.code.description)
        comma()
        sized(failure.message)
        comma()
        optional(failure.remedy)
        raw("]")
    }
}
