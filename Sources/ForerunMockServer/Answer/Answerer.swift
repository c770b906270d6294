import ForerunCore

/// Decides what is answered: a pure function of the script, the request and the fault that befalls it.
struct Answerer: Sendable {
    /// A reply, and what the log says of it.
    struct Decision: Sendable {
        var reply: Reply
        var promptTokens: Int
        var completionTokens: Int
        /// What was answered; `nil`: an error.
        var answering: Answering?
    }

    let seed: Int

    func step(of question: Question, for model: MockModel) -> Int {
        if let prompt = question.prompts.first { return Question.step(of: prompt, marker: model.marker) }
        return switch model.answers {
        case .script: question.step(before: question.messages.count)
        case .guesses: question.step(before: question.speculativeQuestion.start)
        }
    }

    /// - Parameters:
    ///   - number: the request's; ids are made of it.
    ///   - now: the time of day in seconds since 1970, for dates in the header.
    func decide(
        _ question: Question, for model: MockModel, step: Int, number: Int, fault: Fault? = nil, now: Double = 0
    ) -> Decision {
        var turns = turns(question, of: model, step: step)
        if fault?.kind == .length { turns = turns.map { $0.cut(.length) } }
        if fault?.kind == .contentFilter { turns = turns.map { $0.cut(.contentFilter) } }
        let answering = Answering(
            question: question, model: model, step: step, number: number, turns: turns, fault: fault)
        let latency = latency(question, of: model)
        if let fault, let refusal = refusal(fault, question) {
            var reply = Reply.refusal(
                refusal, in: question.dialect, requestID: "req_\(number)", now: now, after: latency)
            if fault.kind == .htmlError { reply.becomeHTML(after: latency) }
            return Decision(reply: reply, promptTokens: question.promptTokens, completionTokens: 0)
        }
        var reply = question.isStreaming ? streamed(answering, latency: latency) : whole(answering, latency: latency)
        if let fault { reply.apply(fault) }
        return Decision(
            reply: reply, promptTokens: question.promptTokens, completionTokens: answering.completionTokens,
            answering: answering)
    }

    private func refusal(_ fault: Fault, _ question: Question) -> Refusal? {
        switch fault.kind {
        case .status: .scripted(fault.status ?? 500, code: fault.code, message: fault.message, retry: fault.retry)
        case .htmlError: .scripted(fault.status ?? 502, retry: fault.retry)
        case .contextOverflow: .contextOverflow(question.dialect, tokens: question.promptTokens)
        default: nil
        }
    }

    // MARK: - Contents

    /// One turn a choice.
    private func turns(_ question: Question, of model: MockModel, step: Int) -> [ScriptedTurn] {
        guard question.dialect == .completions else {
            return (0..<question.samples).map { turn(question, of: model, step: step, sample: $0) }
        }
        return question.prompts.flatMap { prompt in
            var single = question
            single.messages = [["role": "user", "content": .string(prompt)]]
            let step = Question.step(of: prompt, marker: model.marker)
            return (0..<question.samples).map { turn(single, of: model, step: step, sample: $0) }
        }
    }

    private func turn(_ question: Question, of model: MockModel, step: Int, sample: Int) -> ScriptedTurn {
        switch model.answers {
        case .script(let turns):
            let end = question.messages.count
            let hash = turns.dependsOnMessages ? question.hash(seed: seed, model: model.name, before: end).value : 0
            return turns.turn(at: step, hash: hash)
        case .guesses(let guesses):
            // The question itself is left out: how it is worded, or how many guesses it wants, changes no draw.
            let (start, width) = question.speculativeQuestion
            let asked = question.hash(seed: seed, model: guesses.of, before: start)
            var own = asked
            own.combine(model.name)
            own.combine("guesses")
            // Each further sample is another draw.
            if sample > 0 { own.combine(word: UInt64(sample)) }
            var generator = SplitMix64(seed: own.value)
            let list = guesses.guesses(
                step: step, asked: width ?? guesses.width, truthHash: asked.value, generator: &generator)
            return ScriptedTurn(Turn(text: ScriptedGuesses.text(list)))
        }
    }

    private func latency(_ question: Question, of model: MockModel) -> Double {
        guard model.latency.isRandom else { return model.latency.mean }
        var end = question.messages.count
        if case .guesses = model.answers { end = question.speculativeQuestion.start }
        var hash = question.hash(seed: seed, model: model.name, before: end)
        hash.combine("latency")
        var generator = SplitMix64(seed: hash.value)
        return model.latency.draw(from: &generator)
    }

    // MARK: - Forms

    private func streamed(_ answering: Answering, latency: Double) -> Reply {
        var events = SpoiltEvents(answering).events
        switch answering.fault?.kind {
        case .stall, .badChunk: events = Array(events.prefix(answering.fault?.after ?? 1))
        case .reset, .close: events = Array(events.prefix(answering.fault?.after ?? 0))
        default: break
        }
        return .stream(events, latency: latency, tokensPerSecond: answering.model.tokensPerSecond)
    }

    private func whole(_ answering: Answering, latency: Double) -> Reply {
        let pace = answering.model.tokensPerSecond
        let time = latency + (pace > 0 ? Double(answering.completionTokens) / pace : 0)
        var body = Array(answering.spelling.whole.text.utf8)
        // Of what is promised, where the body breaks off.
        var length: Int?
        guard let fault = answering.fault else { return .whole(body, after: time) }
        switch fault.kind {
        case .half, .halfJSON: body = Array(body.prefix(body.count / 2))
        case .stall, .badChunk, .reset, .close:
            length = body.count
            let isEarly = fault.after ?? (fault.kind == .stall || fault.kind == .badChunk ? 1 : 0) == 0
            body = isEarly ? [] : Array(body.prefix(body.count / 2))
        case .garbage: return .json("<html>502 Bad Gateway</html>", after: latency)
        case .errorEvent, .failedEvent:
            let refusal = SpoiltEvents.refusal(fault)
            let text = refusal.body(in: answering.question.dialect, requestID: "req_\(answering.number)")
            return .json(text, after: latency)
        case .unknownEvents: body.insert(contentsOf: Array(#""forerun_future":{"list":[1,null]},"#.utf8), at: 1)
        case .longLine:
            let padding = String(repeating: "x", count: fault.bytes ?? 10_000_000)
            body.insert(contentsOf: Array(#""padding":"\#(padding)","#.utf8), at: 1)
        case .invalidUTF8:
            let prefix = SpoiltEvents.textPrefix(answering.question.dialect, isStreaming: false)
            if let place = body.firstRange(of: prefix) {
                body.insert(contentsOf: SpoiltEvents.invalidBytes, at: place.upperBound)
            }
        default: break
        }
        var reply = Reply.whole(body, after: time)
        if let length { reply.contentLength = length }
        if body.isEmpty { reply.writes = [] }
        return reply
    }
}

extension ScriptedTurn {
    /// The turn as far as it got before `reason` ended it: half its text, and no call.
    fileprivate func cut(_ reason: FinishReason) -> ScriptedTurn {
        let text = String(turn.text.prefix((turn.text.count + 1) / 2))
        return ScriptedTurn(Turn(text: text, finish: reason), reasoning: reasoning)
    }
}

extension Reply {
    fileprivate mutating func becomeHTML(after latency: Double) {
        let page =
            "<!DOCTYPE html>\n<html><head><title>\(status)</title></head>\n<body><h1>\(status)</h1><p>The proxy could not reach the server.</p></body></html>\n"
        let headers = headers
        self = .whole(Array(page.utf8), status: status, contentType: "text/html; charset=utf-8", after: latency)
        self.headers = headers
    }

    /// What a fault of the connection or of HTTP does to a reply.
    fileprivate mutating func apply(_ fault: Fault) {
        switch fault.kind {
        case .hang:
            writes = []
            sendsHeader = false
            ending = .silence
        case .stall: ending = .silence
        case .reset:
            sendsHeader = fault.after ?? 0 > 0
            ending = .reset
        case .close:
            sendsHeader = fault.after ?? 0 > 0
            ending = .close
        case .drip: drip(size: fault.bytes ?? 1, pause: fault.pause ?? 0.01)
        case .everyByte: framing = .everyByte
        case .badChunk: framing = .badChunk
        case .shortBody: framing = .short(by: fault.bytes ?? 100)
        case .trailers:
            contentLength = nil
            framing = .trailers
        case .http10: framing = .untilClose
        case .gzip: encode(.gzip)
        case .br: encode(.br)
        default: break
        }
    }
}
