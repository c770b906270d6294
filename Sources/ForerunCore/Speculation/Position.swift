/// A transcript prefix on a world: where something could be asked.
package struct Position: Sendable, Hashable {
    package var transcript: Transcript
    /// `nil`: unknown, past a call whose output is only guessed. There, questions may be asked and nothing performed.
    package var world: WorldID?

    package var turn: Int { transcript.turns }

    package init(transcript: Transcript, world: WorldID?) {
        self.transcript = transcript
        self.world = world
    }
}

/// Which answer: the same bytes at another turn are another answer.
struct AnswerKey: Sendable, Hashable {
    let turn: Int
    let request: ModelRequest
}

/// Which execution: a call on a world, never a guess. An external call belongs to its place in the transcript.
enum ExecutionKey: Sendable, Hashable {
    case inWorld(WorldID, CallIdentity)
    case external(turn: Int, index: Int)
}

/// What makes two calls the same: the name, and the arguments by value with the schema's defaults filled in.
package struct CallIdentity: Sendable, Hashable {
    package let name: String
    package let arguments: JSON
    private let hash: Int

    package init(name: String, arguments: JSON) {
        self.name = name
        self.arguments = arguments
        var hasher = Hasher()
        hasher.combine(name)
        hasher.combine(arguments)
        hash = hasher.finalize()
    }

    package static func == (a: CallIdentity, b: CallIdentity) -> Bool {
        a.hash == b.hash && a.name.isIdentical(to: b.name) && a.arguments == b.arguments
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
