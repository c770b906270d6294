import ForerunCore

/// Decides what is answered: a pure function of the script, the request and the fault that befalls it.
struct Answerer: Sendable {
    /// A reply, and what the log says of it.
    struct Decision: Sendable {
        var reply: Reply
        var promptTokens: Int
        var completionTokens: Int
    }

    let seed: Int

    func step(of request: CompletionRequest, for model: MockModel) -> Int {
        switch model.answers {
        case .script: request.step(before: request.messages.count)
        case .guesses: request.step(before: request.speculativeQuestion.start)
        }
    }

    func decide(_ request: CompletionRequest, for model: MockModel, step: Int, id: String, fault: Fault.Kind?)
        -> Decision
    {
        let answer = answer(request, of: model, step: step)
        let latency = latency(request, of: model)
        var decision = Decision(
            reply: Reply(writes: []), promptTokens: (request.bodyLength + 3) / 4,
            completionTokens: AnswerChunks.tokens(of: answer))
        switch fault {
        case .hang:
            decision.reply.ending = .silence
        case .status(let status, let retryAfter, let code):
            let refusal = Refusal.scripted(status, code: code, retryAfter: retryAfter)
            decision.reply = .refusal(refusal, after: latency)
            decision.completionTokens = 0
        default:
            decision.reply =
                request.isStreaming
                ? streamed(answer, request, model, step: step, id: id, latency: latency, fault: fault)
                : whole(answer, request, model, step: step, id: id, latency: latency, fault: fault)
        }
        return decision
    }

    // MARK: - Contents

    private func answer(_ request: CompletionRequest, of model: MockModel, step: Int) -> ScriptedTurn {
        switch model.answers {
        case .script(let turns):
            let end = request.messages.count
            let hash = turns.dependsOnMessages ? request.hash(seed: seed, model: model.name, before: end).value : 0
            return turns.turn(at: step, hash: hash)
        case .guesses(let guesses):
            // The question itself is left out: how it is worded, or how many guesses it wants, changes no draw.
            let (start, width) = request.speculativeQuestion
            let asked = request.hash(seed: seed, model: guesses.of, before: start)
            var own = asked
            own.combine(model.name)
            own.combine("guesses")
            var generator = SplitMix64(seed: own.value)
            let list = guesses.guesses(
                step: step, asked: width ?? guesses.width, truthHash: asked.value, generator: &generator)
            return ScriptedTurn(Turn(text: ScriptedGuesses.text(list)))
        }
    }

    private func latency(_ request: CompletionRequest, of model: MockModel) -> Double {
        guard model.latency.isRandom else { return model.latency.mean }
        var end = request.messages.count
        if case .guesses = model.answers { end = request.speculativeQuestion.start }
        var hash = request.hash(seed: seed, model: model.name, before: end)
        hash.combine("latency")
        var generator = SplitMix64(seed: hash.value)
        return model.latency.draw(from: &generator)
    }

    // MARK: - Forms

    private func streamed(
        _ answer: ScriptedTurn, _ request: CompletionRequest, _ model: MockModel, step: Int, id: String,
        latency: Double,
        fault: Fault.Kind?
    ) -> Reply {
        let stream = AnswerChunks(answer, to: request, of: model, step: step, id: id, fault: fault)
        var chunks = stream.chunks + stream.tail
        var ending = Reply.Ending.complete
        switch fault {
        case .stall(let after):
            chunks = Array(chunks.prefix(after))
            ending = .silence
        case .reset(let after):
            chunks = Array(chunks.prefix(after))
            ending = .reset
        case .half:
            chunks = Array(stream.chunks.prefix((stream.chunks.count + 1) / 2))
        case .garbage:
            chunks.insert(.init(text: "data: <html>502 Bad Gateway</html>\n\n", tokens: 0), at: stream.chunks.count / 2)
        default:
            break
        }
        var reply = Reply.stream(chunks, latency: latency, tokensPerSecond: model.tokensPerSecond)
        reply.ending = ending
        return reply
    }

    private func whole(
        _ answer: ScriptedTurn, _ request: CompletionRequest, _ model: MockModel, step: Int, id: String,
        latency: Double,
        fault: Fault.Kind?
    ) -> Reply {
        let pace = model.tokensPerSecond
        let writing = pace > 0 ? Double(AnswerChunks.tokens(of: answer)) / pace : 0
        let body = WholeAnswer(answer, to: request, of: model, step: step, id: id, fault: fault).text
        let half = String(body.prefix(body.count / 2))
        var reply = Reply.json(body, after: latency + writing)
        switch fault {
        case .stall(let after):
            reply.writes = after > 0 ? [Reply.Write(after: latency + writing, text: half)] : []
            reply.ending = .silence
        case .reset(let after):
            reply.writes = after > 0 ? [Reply.Write(after: latency + writing, text: half)] : []
            reply.ending = .reset
        case .half:
            reply = .json(half, after: latency + writing)
        case .garbage:
            reply = .json("<html>502 Bad Gateway</html>", after: latency)
        default:
            break
        }
        return reply
    }
}

extension Refusal {
    /// The error that a `status` fault sends, worded as providers do.
    fileprivate static func scripted(_ status: Int, code: String?, retryAfter: Double?) -> Refusal {
        let (type, usual, message): (String, String?, String) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided")
            case 404: ("invalid_request_error", "model_not_found", "The model does not exist")
            case 429: ("rate_limit_error", "rate_limit_exceeded", "Rate limit reached")
            case 529: ("overloaded_error", nil, "Overloaded")
            case 500...: ("server_error", nil, "The server had an error")
            default: ("invalid_request_error", nil, "The request was refused")
            }
        return Refusal(
            status: status, message: "\(message) (scripted fault)", type: type, code: code ?? usual,
            retryAfter: retryAfter)
    }
}
