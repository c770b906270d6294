/// What an agent acts in: a workspace, a chess game, a database.
///
/// A *world* is one state of it. World ``WorldID/initial`` is the state at the start; `fork` makes the others. The
/// environment realises worlds, the core decides which exist and which of them is committed.
public protocol Environment: Sendable {
    /// A short name for messages: `workspace`, `chess`.
    var name: String { get }
    var tools: [Tool] { get }

    /// Whether worlds other than the committed one can exist. Without, only read-only calls run ahead.
    var canFork: Bool { get }

    /// Whether the committed world is still there after the process, as the last commit left it. Otherwise a run that goes on
    /// makes its committed calls again.
    var outlivesProcess: Bool { get }

    /// Makes the environment ready. Called once, before anything else.
    ///
    /// - Returns: what the agent should know about the world as it starts, or `nil`.
    func open() async throws(EnvironmentFailure) -> String?

    /// What does not work here, once it is open, and the remedy; `nil` where everything does.
    var warning: String? { get }

    /// What `call` may touch. Pure and quick: it is asked for every guess.
    func traits(of call: Call) -> CallTraits

    /// The things that rules of permission are about, for `call`: its paths. Quick: it is asked for every guess.
    func subjects(of call: Call) -> [CallSubject]

    /// Makes `child` a copy-on-write copy of `parent`.
    func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure)

    /// Performs `call` in `world`: a read-only call in any world, a contained one in its own fork, an external one in
    /// the committed world.
    ///
    /// Cancelling the task ends everything that the call started before this function returns.
    func perform(_ call: Call, in world: WorldID, context: CallContext) async throws(CallFailure) -> CallResult

    /// Makes `world` the committed one. Called in order of commits; returns when the change is where the user sees it.
    func commit(_ world: WorldID) async throws(EnvironmentFailure)

    /// Ends a world that nobody needs. Never fails: what could not be removed is reported by ``close()``.
    func discard(_ world: WorldID) async

    /// What others changed in the committed world since this was last asked; `nil`: nothing that could be noticed.
    ///
    /// Very quick: it is asked before each step of the core, so that no read of before a change is used after it.
    func changesByOthers() -> Footprint?

    /// A digest of `world` that equals that of any world with the same contents, on any machine.
    func digest(of world: WorldID) async throws(EnvironmentFailure) -> String

    /// Ends all worlds. Called once, also after failures.
    func close() async
}

extension Environment {
    public var canFork: Bool { true }
    public var outlivesProcess: Bool { false }
    public var warning: String? { nil }
    public func changesByOthers() -> Footprint? { nil }

    public func subjects(of call: Call) -> [CallSubject] {
        call.arguments["path"]?.stringValue.map { [CallSubject([$0])] } ?? []
    }

    public func traits(of call: Call) -> CallTraits {
        guard let tool = tools.first(where: { $0.name == call.name }) else { return CallTraits(effect: .external) }
        return CallTraits(effect: tool.effect, reads: tool.reads)
    }
}

/// The identity of a world within a run.
public struct WorldID: Sendable, Hashable, CustomStringConvertible {
    public let number: Int
    public init(_ number: Int) { self.number = number }
    public static let initial = WorldID(0)
    public var description: String { "w\(number)" }
}

/// How a call is performed.
public struct CallContext: Sendable {
    /// Ahead of the actor, under the restrictions that ``CallTraits/isRestrictedAhead`` stands for.
    public var isRestricted: Bool
    /// To be called as soon as a restriction is felt: the output will not be used, so the call may be ended at once.
    public var felt: @Sendable () -> Void

    public init(isRestricted: Bool = false, felt: @escaping @Sendable () -> Void = {}) {
        self.isRestricted = isRestricted
        self.felt = felt
    }
}

/// What a performed call brought.
public struct CallResult: Sendable, Hashable {
    public var output: Output
    public var reads: Footprint
    public var writes: Footprint
    /// A restriction was felt: the output may differ from the real one.
    public var isTainted: Bool
    /// It may have acted outside of the branch, as an external call does: what was read outside before is out of date.
    public var reachedOutside: Bool

    public init(
        _ output: Output, reads: Footprint = .everything, writes: Footprint = .everything, isTainted: Bool = false,
        reachedOutside: Bool = false
    ) {
        self.output = output
        self.reads = reads
        self.writes = writes
        self.isTainted = isTainted
        self.reachedOutside = reachedOutside
    }
}
