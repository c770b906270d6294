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
    private final class Storage: Sendable {
        let name: String
        let arguments: JSON
        let hash: Int

        init(name: String, arguments: JSON) {
            self.name = name
            self.arguments = arguments
            var hasher = Hasher()
            hasher.combine(name)
            hasher.combine(arguments)
            hash = hasher.finalize()
        }
    }

    /// Judged once and passed on, most identities are compared with themselves.
    private let storage: Storage

    package init(name: String, arguments: JSON) { storage = Storage(name: name, arguments: arguments) }

    package var name: String { storage.name }
    package var arguments: JSON { storage.arguments }

    package static func == (left: CallIdentity, right: CallIdentity) -> Bool {
        let (a, b) = (left.storage, right.storage)
        return a === b || a.hash == b.hash && a.name.isIdentical(to: b.name) && a.arguments == b.arguments
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(storage.hash) }
}
