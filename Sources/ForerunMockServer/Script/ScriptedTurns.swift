package import ForerunCore

/// One answer of a scripted model.
package struct ScriptedTurn: Sendable, Hashable {
    package var turn: Turn
    /// Sent as `reasoning_content` before the text.
    package var reasoning: String

    package init(_ turn: Turn, reasoning: String = "") {
        self.turn = turn
        self.reasoning = reasoning
    }
}

/// The answers of a scripted model: a pure function of the step and of the messages.
package struct ScriptedTurns: Sendable {
    private enum Source: Sendable {
        case list([ScriptedTurn])
        case generated(steps: Int, text: Template, tool: String, arguments: Template, final: String)
    }

    private let source: Source

    /// Answer number `step` is `turns[step]`; the last one also answers every step beyond.
    package init(_ turns: [ScriptedTurn]) { source = .list(turns) }

    /// `steps` calls of one tool, then the text `final`.
    ///
    /// Strings in `arguments` and `text` may hold `{step}`, `{hash}` (8 hexadecimal digits drawn from the messages) and
    /// `{hash:N}` (a number below N). A string that is one placeholder and nothing else becomes a number, except
    /// `{hash}`.
    package init(steps: Int, text: String = "", tool: String, arguments: JSON, final: String) {
        source = .generated(
            steps: steps, text: Template(.string(text)), tool: tool, arguments: Template(arguments), final: final)
    }

    /// Answers with calls before the final one, plus that.
    package var count: Int {
        switch source {
        case .list(let turns): turns.count
        case .generated(let steps, _, _, _, _): steps + 1
        }
    }

    /// Whether answers depend on more than the step.
    package var dependsOnMessages: Bool {
        if case .generated(_, let text, _, let arguments, _) = source {
            text.usesHash || arguments.usesHash
        } else {
            false
        }
    }

    /// The answer to a request with `step` earlier answers in it. `hash` is taken from its messages.
    package func turn(at step: Int, hash: UInt64) -> ScriptedTurn {
        switch source {
        case .list(let turns):
            return turns.isEmpty ? ScriptedTurn(Turn()) : turns[min(max(step, 0), turns.count - 1)]
        case .generated(let steps, let text, let tool, let arguments, let final):
            guard step < steps else { return ScriptedTurn(Turn(text: final)) }
            let text = text.filled(step: step, hash: hash).stringValue ?? ""
            return ScriptedTurn(Turn(text: text, calls: [Call(tool, arguments.filled(step: step, hash: hash))]))
        }
    }
}
