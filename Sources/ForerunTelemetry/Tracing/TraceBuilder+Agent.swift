import ForerunCore

/// What the span of the agent says.
extension TraceBuilder {
    func agentAttributes() -> Attributes {
        let model = facts.roles.lazy.compactMap { [facts] in facts.actors[$0.name] }.first.flatMap { facts.model($0) }
        var attributes: Attributes = [
            Key.operation: "invoke_agent", Key.provider: .string(model?.provider ?? "forerun"),
            Key.agent: .string(facts.agent), Key.agentDescription: facts.description.map { .string($0) },
            Key.requestModel: model.map { .string($0.name) }, Key.conversation: .string(facts.id),
            Key.run: .string(facts.id), Key.mode: .string(facts.mode), Key.forkOf: facts.forkOf.map { .string($0) },
            Key.isResumed: facts.isResumed ? true : nil,
        ]
        if capturesContent {
            attributes[Key.systemInstructions] = .string(Content.instructions(facts.roles))
            attributes[Key.toolDefinitions] = .string(Content.definitions(facts.tools))
        }
        return attributes
    }

    func attributes(of outcome: RunOutcome) -> Attributes {
        let statistics = outcome.statistics
        return [
            Key.runEnd: .string(outcome.end), Key.turns: .int(outcome.turns),
            Key.allInputTokens: .int(outcome.usage.input), Key.allOutputTokens: .int(outcome.usage.output),
            Key.predicted: .int(statistics.predicted), Key.askedAhead: .int(statistics.askedAhead),
            Key.performedAhead: .int(statistics.performedAhead), Key.callHits: .int(statistics.callHits),
            Key.turnHits: .int(statistics.turnHits), Key.cancelled: .int(statistics.cancelled),
            Key.hedged: .int(statistics.hedged), Key.saved: .double((outcome.savedSeconds * 1000).rounded()),
            Key.wasted: .double((outcome.wastedSeconds * 1000).rounded()),
            Key.wastedTokens: .int(outcome.wastedTokens), Key.brier: statistics.forecasts.brier.map { .double($0) },
        ]
    }

    /// The words of a request and of its answer, which was taken. The history is what was asked.
    mutating func addContent(_ answer: Turn, toWork work: Int) {
        let (messages, omitted) = history.messages(callID: facts.callID)
        let answer = Content.output(answer, turn: history.turns, callID: facts.callID)
        works[work]?.span.attributes.merge([
            Key.inputMessages: .string(messages), Key.omittedMessages: omitted > 0 ? .int(omitted) : nil,
            Key.outputMessages: .string(answer),
        ])
    }
}
