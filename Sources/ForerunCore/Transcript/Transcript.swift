/// The ordered record from which requests are made.
///
/// A persistent list: appending shares everything before, so that branches cost one node an entry. Comparing two
/// transcripts takes time only for the part that they do not share.
public struct Transcript: Sendable {
    public enum Entry: Sendable, Hashable {
        /// Words of the user, or of the environment as it starts.
        case message(String)
        case turn(Turn)
        /// The output of call `call` of the latest turn.
        case output(call: Int, Output)

        public static func == (left: Entry, right: Entry) -> Bool {
            switch (left, right) {
            case (.message(let a), .message(let b)): a.isIdentical(to: b)
            case (.turn(let a), .turn(let b)): a == b
            case (.output(let i, let a), .output(let j, let b)): i == j && a == b
            default: false
            }
        }

        /// Bytes, roughly; arguments are counted by their texts, not by their punctuation.
        var size: Int {
            switch self {
            case .message(let text): text.utf8.count + 8
            case .turn(let turn):
                turn.calls.reduce(turn.text.utf8.count + 8) { $0 + $1.name.utf8.count + $1.arguments.size }
                    + (turn.echo?.parts.reduce(0) { $0 + $1.json.utf8.count } ?? 0)
            case .output(_, let output): output.text.utf8.count + 8
            }
        }
    }

    package final class Node: Sendable {
        let parent: Node?
        let entry: Entry
        let count: Int
        let turns: Int
        /// Outputs that are no errors.
        let successes: Int
        /// Bytes of text and arguments so far, roughly.
        let size: Int
        /// A hash of all entries so far. Equal transcripts have equal hashes; the reverse is checked.
        let hash: Int

        init(parent: Node?, entry: Entry) {
            self.parent = parent
            self.entry = entry
            count = (parent?.count ?? 0) + 1
            size = (parent?.size ?? 0) + entry.size
            if case .turn = entry { turns = (parent?.turns ?? 0) + 1 } else { turns = parent?.turns ?? 0 }
            var successes = parent?.successes ?? 0
            if case .output(_, let output) = entry, !output.isError { successes += 1 }
            self.successes = successes
            var hasher = Hasher()
            hasher.combine(parent?.hash ?? 0)
            hasher.combine(entry)
            hash = hasher.finalize()
        }
    }

    package let node: Node?

    private init(node: Node?) { self.node = node }

    public init(_ entries: [Entry] = []) {
        self = entries.reduce(Transcript(node: nil)) { $0.appending($1) }
    }

    public func appending(_ entry: Entry) -> Transcript { Transcript(node: Node(parent: node, entry: entry)) }

    public var count: Int { node?.count ?? 0 }
    public var last: Entry? { node?.entry }

    /// How many turns there are: the number of the turn that comes next.
    public var turns: Int { node?.turns ?? 0 }

    /// How many outputs were no errors.
    package var successes: Int { node?.successes ?? 0 }

    /// Bytes of text and arguments, roughly: four of them make a token.
    package var size: Int { node?.size ?? 0 }

    /// The latest turn and the outputs after it, in order; `nil` before the first turn.
    package var latestTurn: (turn: Turn, outputs: [Output])? {
        var outputs: [Output] = []
        var current = node
        while let here = current {
            switch here.entry {
            case .turn(let turn): return (turn, outputs.reversed())
            case .output(_, let output): outputs.append(output)
            case .message: break
            }
            current = here.parent
        }
        return nil
    }

    /// Whether an output after the latest turn is so.
    package func hasOutput(where isSo: (Output) -> Bool) -> Bool {
        var current = node
        while let here = current {
            switch here.entry {
            case .turn: return false
            case .output(_, let output): if isSo(output) { return true }
            case .message: break
            }
            current = here.parent
        }
        return false
    }

    /// Everything but the last entry.
    public var dropLast: Transcript { Transcript(node: node?.parent) }

    /// All entries, oldest first.
    public var entries: [Entry] {
        var result: [Entry] = []
        result.reserveCapacity(count)
        var current = node
        while let here = current {
            result.append(here.entry)
            current = here.parent
        }
        result.reverse()
        return result
    }
}

extension Transcript: Hashable {
    public static func == (left: Transcript, right: Transcript) -> Bool {
        var a = left.node
        var b = right.node
        while let x = a, let y = b {
            if x === y { return true }
            guard x.hash == y.hash, x.count == y.count, x.entry == y.entry else { return false }
            a = x.parent
            b = y.parent
        }
        return a == nil && b == nil
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(node?.hash ?? 0) }
}

extension JSON {
    /// Bytes of text, roughly.
    fileprivate var size: Int {
        switch self {
        case .null, .bool: 4
        case .number(let number): number.literal.utf8.count
        case .string(let text): text.utf8.count + 2
        case .array(let values): values.reduce(2) { $0 + $1.size + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + $1.value.size + 4 }
        }
    }
}
