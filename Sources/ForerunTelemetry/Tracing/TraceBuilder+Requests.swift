import ForerunCore

extension TraceBuilder {
    // MARK: - Spans

    mutating func asked(_ work: Int, _ turn: Int, _ lane: Lane, _ attempt: Int, _ time: Double) {
        let span = child(
            "chat", .client, time,
            [
                Key.operation: "chat", Key.conversation: .string(facts.id), Key.turn: .int(turn),
                Key.attempt: attempt > 0 ? .int(attempt) : nil, Key.lane: .string(lane.rawValue), Key.work: .int(work),
            ])
        works[work] = OpenWork(kind: .question, span: span, start: time, isAhead: lane == .shadow, turn: turn)
        if lane == .shadow { measure(.started, .count(1), [Key.kind: "question"]) }
    }

    /// The model behind a request is known.
    mutating func asking(_ work: Int, _ role: String, _ model: RunFacts.Model?) {
        let options = facts.roles.first { $0.name == role }?.options
        works[work]?.span.attributes.merge([
            Key.role: .string(role), Key.maxTokens: options?.maxTokens.map { .int($0) },
            Key.temperature: options?.temperature.map { .double($0) },
        ])
        describe(work, model)
    }

    mutating func guessing(_ work: Int, _ turn: Int, _ source: String, _ model: RunFacts.Model?, _ time: Double) {
        let span = child(
            "chat", .client, time,
            [
                Key.operation: "chat", Key.conversation: .string(facts.id), Key.turn: .int(turn),
                Key.source: .string(source), Key.lane: .string(Lane.shadow.rawValue), Key.work: .int(work),
            ])
        works[work] = OpenWork(kind: .guess, span: span, start: time, isAhead: true, turn: turn)
        describe(work, model ?? RunFacts.Model(name: source, provider: "forerun", streams: false))
    }

    private mutating func describe(_ work: Int, _ model: RunFacts.Model?) {
        guard let model else { return }
        works[work]?.span.name = "chat \(model.name)"
        works[work]?.span.attributes.merge([
            Key.provider: .string(model.provider), Key.requestModel: .string(model.name),
            Key.stream: model.streams ? true : nil, Key.serverAddress: model.address.map { .string($0) },
            Key.serverPort: model.port.map { .int($0) },
        ])
    }

    mutating func firstChunk(_ work: Int, _ time: Double) {
        guard let open = works[work], open.end == nil, open.span.attributes[Key.timeToFirstChunk] == nil else { return }
        let seconds = max(0, time - open.start)
        works[work]?.span.attributes[Key.timeToFirstChunk] = .double(seconds)
        measure(.timeToFirstChunk, .amount(seconds), metricAttributes(of: open))
    }

    // MARK: - Measurements

    mutating func measureDuration(of work: Int) {
        guard let open = works[work], let end = open.end else { return }
        var attributes = metricAttributes(of: open)
        attributes[Key.lane] = open.span.attributes[Key.lane]
        measure(.operationDuration, .amount(end - open.start), attributes)
    }

    /// By the conventions: operation, provider, model, server.
    private func metricAttributes(of work: OpenWork) -> Attributes {
        var attributes = Attributes()
        for key in [
            Key.operation, Key.provider, Key.requestModel, Key.serverAddress, Key.serverPort, Key.errorType,
        ] {
            attributes[key] = work.span.attributes[key]
        }
        return attributes
    }

    mutating func measureTokens(of charge: Charge) {
        let model = facts.model(charge.model)
        let outcome = AttributeValue.string(charge.outcome.rawValue)
        // What is only estimated is no measurement.
        if !charge.isEstimated {
            for (type, count) in [("input", charge.usage.input), ("output", charge.usage.output)] {
                measure(
                    .tokenUsage, .count(count),
                    [
                        Key.operation: "chat", Key.provider: model.map { .string($0.provider) },
                        Key.requestModel: model.map { .string($0.name) }, Key.tokenType: .string(type),
                        Key.outcome: outcome,
                    ])
            }
        }
        if charge.outcome == .wasted || charge.outcome == .guesses {
            measure(
                .wastedTokens, .count(charge.usage.total),
                [Key.requestModel: model.map { .string($0.name) }, Key.outcome: outcome])
        }
    }

    func attributes(of charge: Charge) -> Attributes {
        let usage = charge.usage
        var attributes: Attributes = [
            Key.money: charge.money.map { .double($0) }, Key.currency: charge.currency.map { .string($0) },
        ]
        guard !charge.isEstimated else {
            attributes.merge([Key.estimatedInput: .int(usage.input), Key.estimatedOutput: .int(usage.output)])
            return attributes
        }
        attributes.merge([
            Key.inputTokens: .int(usage.input), Key.outputTokens: .int(usage.output),
            Key.cachedTokens: usage.cached > 0 ? .int(usage.cached) : nil,
            Key.writtenTokens: usage.written > 0 ? .int(usage.written) : nil,
            Key.reasoningTokens: usage.reasoning > 0 ? .int(usage.reasoning) : nil,
        ])
        return attributes
    }
}
