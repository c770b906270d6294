/// One actor that thinks and acts in turn until it answers without a call (ReAct, arXiv 2210.03629).
package struct ReActProgram: Program {
    package let role: ModelRequest.Role
    package let commentary: Commentary
    /// Wait for the user after a final answer, instead of ending.
    package let isConversation: Bool

    package init(role: ModelRequest.Role, commentary: Commentary = .drop, isConversation: Bool = false) {
        self.role = role
        self.commentary = commentary
        self.isConversation = isConversation
    }

    package var roles: [ModelRequest.Role] { [role] }
    package var keepsCommentary: Bool { commentary == .keep }

    package func next(after transcript: Transcript) -> Step {
        switch transcript.last {
        case nil, .message: return ask(transcript)
        case .turn(let turn):
            if !turn.calls.isEmpty { return .perform(turn.calls) }
            return isConversation ? .awaitMessage : .finish
        case .output:
            return transcript.hasOutput { $0.endsEpisode } ? .finish : ask(transcript)
        }
    }

    private func ask(_ transcript: Transcript) -> Step { .ask(ModelRequest(role: role, transcript: transcript)) }
}
