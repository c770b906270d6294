/// What the core must know about one call before it may run.
public struct CallTraits: Sendable, Hashable {
    public var effect: Effect
    public var reads: ReadScope
    /// A person must agree first. Such calls never run ahead.
    public var needsApproval: Bool
    /// Run ahead, it would be restricted (no network, smaller limits), and running it again would be needed to lift that.
    public var isRestrictedAhead: Bool

    public init(
        effect: Effect, reads: ReadScope = .world, needsApproval: Bool = false, isRestrictedAhead: Bool = false
    ) {
        self.effect = effect
        self.reads = reads
        self.needsApproval = needsApproval
        self.isRestrictedAhead = isRestrictedAhead
    }

    public var readsOutside: Bool { reads != .world }
}

/// One thing that a call is about, under all the names that a rule may use for it.
///
/// A file has many spellings (`./a`, `b/../a`, the absolute path, a symlink): an environment gives the true ones, so that
/// no spelling gets around a rule.
public struct CallSubject: Sendable, Hashable {
    public var names: [String]
    public init(_ names: [String]) { self.names = names }
}

/// What becomes of a call: it is performed, or answered at once with an error that the model can correct.
public enum CallVerdict: Sendable, Hashable {
    case perform(CallTraits)
    /// Unknown tool, arguments against the schema, denied by the user's policy.
    case reject(Output)
}
