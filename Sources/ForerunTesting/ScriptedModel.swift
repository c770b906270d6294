public import ForerunCore

/// A model that answers with the turns of a script, by number.
public struct ScriptedModel: Model {
    public let id: String
    private let turns: [Turn]
    private let delay: Duration

    /// - Parameters:
    ///   - turns: in order. Asked beyond them, it fails as a server would that refuses the request.
    ///   - delay: before each answer.
    public init(_ turns: [Turn], id: String = "scripted/actor", delay: Duration = .zero) {
        self.turns = turns
        self.id = id
        self.delay = delay
    }

    public func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        let number = request.transcript.turns
        guard turns.indices.contains(number) else {
            throw ModelFailure(.invalidRequest, "the script has no turn \(number)")
        }
        if delay > .zero {
            do { try await Task.sleep(for: delay) } catch { throw ModelFailure(.cancelled, "nobody needs it any more") }
        }
        let turn = turns[number]
        if !turn.text.isEmpty { emit(.text(turn.text)) }
        for (index, call) in turn.calls.enumerated() {
            emit(.callStarted(index: index, name: call.name))
            emit(.callSealed(index: index, call))
        }
        return Answer(turn, usage: Usage(input: request.transcript.count, output: 1))
    }
}
