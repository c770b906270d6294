package import ForerunCore
import OrderedCollections

/// What has happened in a run, indexed: which values there are, where they came from, who spoke of them.
///
/// It grows with the transcript. It is a value that shares what it can: look-ahead positions extend copies of it.
package struct RunIndex: Sendable {
    /// What became of a call.
    enum Status: UInt64, Sendable { case none, pending, succeeded, failed }

    struct SourceEntry: Sendable {
        let source: ValueSource
        var last: Int32
        var count: Int32
    }

    struct ValueEntry: Sendable {
        let value: JSON
        let hash: FeatureHash
        /// A range of ``wordLists``.
        let words: Range<Int32>
        var last: Int32
    }

    struct Word: Sendable {
        let hash: FeatureHash
        let length: Int32
        var said: Said = []
    }

    /// Who used a word.
    struct Said: OptionSet, Sendable {
        let rawValue: UInt8
        static let userLast = Said(rawValue: 1)
        static let user = Said(rawValue: 2)
        static let assistantLast = Said(rawValue: 4)
        static let anyone: Said = [.userLast, .user, .assistantLast]
    }

    struct Owner: Sendable {
        let parent: Int32
        var head: Int32 = -1
        var count: Int32 = 0
    }

    struct OwnerWord: Sendable {
        let word: Int32
        let next: Int32
    }

    /// Objects that an argument may be cut from.
    struct Objects: Sendable {
        let source: FeatureHash
        let values: [JSON]
        let event: Int32
    }

    struct Signature: Sendable {
        static let user: FeatureHash = 0x55
        let tool: FeatureHash
        var status: Status
        /// As features name it.
        var hash: FeatureHash { status == .none ? tool : Naming.combine(tool, status.rawValue) }
    }

    /// Events so far.
    var events: Int32 = 0
    var signatures: [Signature] = []
    var sources: [SourceEntry] = []
    var sourceNumbers = HashTable()
    var occurrences: [Occurrence] = []
    var values: [ValueEntry] = []
    var valueNumbers = HashTable(capacity: 256)
    var wordLists: [Int32] = []
    var words: [Word] = []
    var wordNumbers = HashTable(capacity: 256)
    var owners: [Owner] = []
    var ownerWords: [OwnerWord] = []
    var ownerPairs = HashTable(capacity: 256)
    var fields: [String] = []
    /// The names in small letters, without a plural's s.
    var fieldStems: [[UInt8]] = []
    var fieldNumbers = HashTable()
    var objects: [Objects] = []
    /// ``Status`` by tool, argument and value.
    var used = HashTable()
    /// The number of the value that an argument had last.
    var lastUsed = HashTable()
    /// The tools called so far, in order of their first calls.
    var tools: [FeatureHash] = []
    /// The calls of the latest turn.
    var calls: [Call] = []

    var callsSinceUser = 0
    var pendingCalls = 0
    var messages = 0
    var userWords: [Int32] = []
    var assistantWords: [Int32] = []
    var userShapes: [FeatureHash] = []
    /// Whether the model's last words were a question.
    var asked = false
    /// Features of the last output.
    var outcome: [FeatureHash] = []
    /// Of the first date seen.
    var year: String?

    package init() {}

    // MARK: Events

    /// Words of a person.
    package mutating func message(_ text: String) {
        events += 1
        messages += 1
        callsSinceUser = 0
        pendingCalls = 0
        signatures.append(Signature(tool: Signature.user, status: .none))
        for word in userWords { words[Int(word)].said.remove(.userLast) }
        userWords = say(text, [.userLast, .user])
        userShapes = []
        read(text, .user, tool: "", toolHash: Naming.empty)
        outcome = []
    }

    /// Words of the model.
    package mutating func say(_ text: String) {
        events += 1
        pendingCalls = 0
        guard text.contains(where: { !$0.isWhitespace }) else { return }
        for word in assistantWords { words[Int(word)].said.remove(.assistantLast) }
        assistantWords = say(text, .assistantLast)
        asked = text.last(where: { !$0.isWhitespace }) == "?"
    }

    /// A call of the model; its output may come later.
    package mutating func call(_ call: Call) {
        note(call)
        let tool = Naming.name(call.name)
        guard case .object(let members) = call.arguments else { return }
        let owner = newOwner(in: -1)
        for (name, value) in members {
            let argument = Naming.name(name)
            lastUsed.set(Naming.argument(argument, of: tool), to: intern(value, ValueHash.of(value)))
            var reader = Reader(kind: .argument, tool: call.name, toolHash: tool, budget: 60)
            index(
                value, Path(parent: nil, name: name, hash: argument),
                Place(owner: owner, rank: 0, count: 1, field: intern(field: name)), &reader)
        }
    }

    /// That there was a call, and with which values; they are not indexed.
    mutating func note(_ call: Call) {
        events += 1
        callsSinceUser += 1
        pendingCalls += 1
        let tool = Naming.name(call.name)
        if !tools.contains(tool) { tools.append(tool) }
        signatures.append(Signature(tool: tool, status: .pending))
        guard case .object(let members) = call.arguments else { return }
        for (name, value) in members {
            let key = Naming.argument(Naming.name(name), of: tool)
            let hash = ValueHash.of(value)
            used.set(Naming.combine(key, hash), to: Int32(Status.pending.rawValue))
            let number = valueNumbers.find(hash)
            if number >= 0 { lastUsed.set(key, to: number) }
        }
    }

    /// The output of a call.
    package mutating func result(_ call: Call, _ output: PatternOutput) {
        events += 1
        pendingCalls = 0
        let tool = Naming.name(call.name)
        let status = output.isError ? Status.failed : .succeeded
        if let last = signatures.lastIndex(where: { $0.tool == tool && $0.status == .pending }) {
            signatures[last].status = status
        }
        for (name, value) in call.arguments.objectValue ?? [:] {
            let key = Naming.argument(Naming.name(name), of: tool)
            used.set(Naming.combine(key, ValueHash.of(value)), to: Int32(status.rawValue))
        }
        outcome = features(of: output, tool)
        switch output.value {
        case .object, .array:
            var reader = Reader(kind: .output, tool: call.name, toolHash: tool, budget: Limits.nodes)
            index(output.value, nil, Place(owner: -1, rank: 0, count: 1, field: -1), &reader)
        case .string(let text):
            if text.utf8.count <= 120 {
                put(.output, call.name, tool, nil, output.value, Place(owner: -1, rank: 0, count: 1, field: -1))
            }
            read(text, .text, tool: call.name, toolHash: tool)
        default:
            put(.output, call.name, tool, nil, output.value, Place(owner: -1, rank: 0, count: 1, field: -1))
        }
    }

    enum Limits {
        /// Values of an output that are indexed.
        static let nodes = 600
        static let tokens = 400
        static let textBytes = 6_000
        static let ownerWords: Int32 = 300
        /// Whole lists and objects of a source that are indexed, and how large they may be in bytes.
        static let wholes: Int32 = 50
        static let wholeBytes = 600
    }
}
