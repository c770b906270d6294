/// What a run knows about calls: their identity, and what may become of them.
package protocol CallBook: Sendable {
    /// Pure: the same call is judged the same way throughout a run.
    func judge(_ call: Call) -> JudgedCall
}

/// A call with what the core needs to know of it.
package struct JudgedCall: Sendable, Hashable {
    package let call: Call
    package let identity: CallIdentity
    package let verdict: CallVerdict

    package init(_ call: Call, identity: CallIdentity, verdict: CallVerdict) {
        self.call = call
        self.identity = identity
        self.verdict = verdict
    }

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
