/// Actors that act in turn, each seeing the world only: two players of a game.
///
/// A player whose call came back as an error is asked again. The run ends when an output says so, or when a player
/// answers without a call.
package struct AlternatingProgram: Program {
    package let roles: [ModelRequest.Role]
    package var keepsCommentary: Bool { false }

    /// - Parameter roles: in the order of play; at least one.
    package init(roles: [ModelRequest.Role]) { self.roles = roles }

    package func next(after transcript: Transcript) -> Step {
        switch transcript.last {
        case nil, .message: return ask(transcript)
        case .turn(let turn): return turn.calls.isEmpty ? .finish : .perform(turn.calls)
        case .output:
            return transcript.hasOutput { $0.endsEpisode } ? .finish : ask(transcript)
        }
    }

    private func ask(_ transcript: Transcript) -> Step {
        let role = roles[transcript.successes % roles.count]
        return .ask(ModelRequest(role: role, transcript: transcript, view: .lastEntry))
    }
}
