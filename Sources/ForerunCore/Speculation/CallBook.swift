/// What a run knows about calls: their identity, and what may become of them.
package protocol CallBook: Sendable {
    /// Pure: the same call is judged the same way throughout a run.
    func judge(_ call: Call) -> JudgedCall
}

/// A call with what the core needs to know of it. One reference, as it is passed on at every turn of a walk.
package struct JudgedCall: Sendable, Hashable {
    private final class Storage: Sendable {
        let call: Call
        let identity: CallIdentity
        let verdict: CallVerdict

        init(_ call: Call, _ identity: CallIdentity, _ verdict: CallVerdict) {
            self.call = call
            self.identity = identity
            self.verdict = verdict
        }
    }

    private let storage: Storage

    package init(_ call: Call, identity: CallIdentity, verdict: CallVerdict) {
        storage = Storage(call, identity, verdict)
    }

    package var call: Call { storage.call }
    package var identity: CallIdentity { storage.identity }
    package var verdict: CallVerdict { storage.verdict }

    package static func == (left: JudgedCall, right: JudgedCall) -> Bool {
        left.storage === right.storage
            || left.identity == right.identity && left.call == right.call && left.verdict == right.verdict
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(identity) }

    /// `nil` for a call that is rejected.
    var traits: CallTraits? {
        if case .perform(let traits) = verdict { traits } else { nil }
    }

    /// Nothing of its turn may run beside it.
    var isBarrier: Bool { traits.map { $0.effect != .readOnly || $0.needsApproval } ?? false }
}

/// A turn with its calls judged.
struct JudgedTurn: Sendable, Hashable {
    let turn: Turn
    let calls: [JudgedCall]

    init(_ turn: Turn, _ book: any CallBook) {
        self.turn = turn
        calls = turn.calls.map(book.judge)
    }
}
