package import ForerunCore

/// The control flow of a recorded run: as ReAct, with the person speaking, and the run ending, where they did.
///
/// Only on the recorded path: on a branch that is guessed wrong, the agent would have gone on as ReAct does.
package struct RecordedProgram: Program {
    package let role: ModelRequest.Role
    package let commentary: Commentary
    /// Where the path has a boundary of its own: after the turn before the one of this number.
    private let boundaries: [Int: Boundary]

    struct Boundary: Sendable {
        let transcript: Transcript
        let next: Next
    }

    enum Next: Sendable {
        case message
        /// The agent goes on by itself after a turn without calls.
        case turn
        case end
    }

    package var roles: [ModelRequest.Role] { [role] }
    package var keepsCommentary: Bool { commentary == .keep }

    init(role: ModelRequest.Role, commentary: Commentary, boundaries: [Int: Boundary]) {
        self.role = role
        self.commentary = commentary
        self.boundaries = boundaries
    }

    package func next(after transcript: Transcript) -> Step {
        switch transcript.last {
        case nil, .message: return ask(transcript)
        case .turn(let turn):
            if !turn.calls.isEmpty { return .perform(turn.calls) }
            return step(boundary(at: transcript) ?? .message, transcript)
        case .output: return step(boundary(at: transcript) ?? .turn, transcript)
        }
    }

    private func boundary(at transcript: Transcript) -> Next? {
        guard let boundary = boundaries[transcript.turns], boundary.transcript == transcript else { return nil }
        return boundary.next
    }

    private func step(_ next: Next, _ transcript: Transcript) -> Step {
        switch next {
        case .message: .awaitMessage
        case .turn: ask(transcript)
        case .end: .finish
        }
    }

    private func ask(_ transcript: Transcript) -> Step { .ask(ModelRequest(role: role, transcript: transcript)) }
}
