/// An agent's control flow as a pure function: committed transcript → next step. (π(s) of Speculative Actions.)
///
/// The core asks at boundaries only: after a message, after a turn, after *all* outputs of a turn. It asks for guessed
/// transcripts just as for committed ones.
package protocol Program: Sendable {
    /// The roles that may be asked, with their fixed parts.
    var roles: [ModelRequest.Role] { get }

    func next(after transcript: Transcript) -> Step

    /// What of a turn stays in the transcript.
    func entry(for turn: Turn) -> Transcript.Entry

    /// Whether text beside calls stays: only then may it contradict a guess.
    var keepsCommentary: Bool { get }
}

/// What an agent does next.
package enum Step: Sendable, Hashable {
    /// Ask the role of the request.
    case ask(ModelRequest)
    /// Perform the calls of the latest turn.
    case perform([Call])
    /// Wait for a person.
    case awaitMessage
    case finish
}

/// What becomes of text that an actor writes beside calls.
package enum Commentary: String, Sendable, Hashable, CaseIterable {
    /// It stays in the transcript. A guess must then guess it, too.
    case keep
    case drop
}

extension Program {
    package func entry(for turn: Turn) -> Transcript.Entry {
        guard !keepsCommentary, !turn.calls.isEmpty, !turn.text.isEmpty else { return .turn(turn) }
        return .turn(Turn(text: "", calls: turn.calls, finish: turn.finish, echo: turn.echo))
    }
}
