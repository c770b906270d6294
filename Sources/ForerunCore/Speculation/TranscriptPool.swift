/// The transcripts that a run looks at, each of them once: comparing two of them takes no time, and going again where the
/// last walk went makes no new ones.
struct TranscriptPool: Sendable {
    /// What follows a transcript: the same thing is the same entry.
    enum Next: Sendable, Hashable {
        /// The turn at the root.
        case taken
        /// The turn of an answer, or the output of an execution.
        case result(WorkID)
        /// The guess of this number.
        case guess(Int)
        /// What a call is answered without being performed, or was answered on the real path.
        case given
    }

    private struct Step: Sendable, Hashable {
        let node: ObjectIdentifier?
        let next: Next
    }

    private var known: Set<Transcript> = []
    /// Each keeps the node alive that it is found by.
    private var successors: [Step: Transcript] = [:]

    /// A transcript and one entry more.
    ///
    /// - Parameter next: `nil`: the entry is nothing that stays the same.
    mutating func extend(
        _ transcript: Transcript, _ next: Next?, by entry: @autoclosure () -> Transcript.Entry
    ) -> Transcript {
        guard let next else { return intern(transcript.appending(entry())) }
        let step = Step(node: transcript.node.map(ObjectIdentifier.init), next: next)
        if let successor = successors[step] { return successor }
        let made = transcript.appending(entry())
        let successor = intern(made)
        // A known one may hang on another node of equal contents.
        if successor.node?.parent === transcript.node { successors[step] = successor }
        return successor
    }

    private mutating func intern(_ transcript: Transcript) -> Transcript {
        known.insert(transcript).memberAfterInsert
    }

    /// Forgets what lies behind the real path.
    mutating func forget(before turn: Int) {
        known = known.filter { $0.turns >= turn }
        successors = successors.filter { $0.value.turns >= turn }
    }
}
