public import ForerunCore
import Synchronization

/// A directory that an agent works in: reads, searches, writes, edits and shell commands.
///
/// World 0 is the real directory. Every change is made in a layer on top of it and reaches the directory when its world
/// is committed. Files are read through the layers; commands run in a private copy, bound by a sandbox to the path of
/// the workspace, so that what they print does not depend on the branch that they ran in.
///
/// A world that is not stacked on the committed one fails with `.notStarted` once the real directory has moved on.
public final class WorkspaceEnvironment: Environment {
    /// As it was given; ``WorkspaceOptions/presentedPath`` says where commands see it.
    public let path: String
    public let options: WorkspaceOptions
    public let tools: [Tool]

    struct State: Sendable {
        var session: Session?
        /// The run that commits belong to.
        var record: CommitRecord?
        var worlds = Worlds()
        /// Copies of some world that no command uses now, the latest last.
        var idle: [Tree] = []
        var marks: [RelativePath: Transaction.Mark] = [:]
        var originals: [RelativePath: Transaction.Original] = [:]
        /// The same since ``WorkspaceEnvironment/markChanges()``.
        var recent: [RelativePath: Transaction.Original] = [:]
        /// Files whose change times mean nothing, since commits moved them or another name of theirs.
        var moved: Set<UInt64> = []
    }

    let state = Mutex(State())

    /// - Parameter path: the directory, absolute or relative to the current one.
    public init(_ path: String, options: WorkspaceOptions = WorkspaceOptions()) {
        self.path = path
        self.options = options
        tools = WorkspaceTools.all(options)
    }

    public var name: String { "workspace" }

    public var canFork: Bool { state.withLock { $0.session.map { !$0.isDirect } ?? !options.direct } }

    public var outlivesProcess: Bool { true }

    public func open() async throws(EnvironmentFailure) -> String? {
        let session = try await Session.open(path, options: options)
        state.withLock { $0.session = session }
        return "You work in the directory \(session.presentedPath)."
    }

    public func traits(of call: Call) -> CallTraits {
        guard let tool = tools.first(where: { $0.name == call.name }) else { return CallTraits(effect: .external) }
        guard call.name == "run_command" else { return CallTraits(effect: tool.effect, reads: tool.reads) }
        let (isContained, isRestricted) = state.withLock { state in
            (state.session?.containsCommands ?? false, state.session?.isRestrictedAhead ?? false)
        }
        return CallTraits(
            effect: isContained ? tool.effect : .external, reads: tool.reads, isRestrictedAhead: isRestricted)
    }

    public func subjects(of call: Call) -> [CallSubject] {
        guard let text = call.arguments["path"]?.stringValue else { return [] }
        let roots = state.withLock { $0.session?.roots } ?? [path]
        // What lies outside is refused when it is performed.
        return [RelativePath(lexically: text, roots: roots)?.subject(roots: roots) ?? CallSubject([text])]
    }

    /// From now on commits belong to a run: what they replace is kept, so that it can be undone.
    package func record(in record: CommitRecord) { state.withLock { $0.record = record } }

    /// How commands are kept in their branch, in words; `nil` before it is open.
    package var confinement: String? { state.withLock { $0.session?.confinement.description } }

    public var warning: String? {
        let confinement = state.withLock { $0.session?.confinement }
        let warnings =
            [confinement?.warning, watchWarning] + (state.withLock { $0.session }?.recovered.map(\.message) ?? [])
        let said = warnings.compactMap { $0 }
        return said.isEmpty ? nil : said.joined(separator: "; ")
    }

    public func changesByOthers() -> Footprint? { state.withLock { $0.session?.watch }?.changes() }

    /// How commands would be kept in branches of a directory.
    package struct Trial: Sendable, Hashable {
        /// The tier, in words.
        package var confinement: String
        /// What the user should know of it and can change.
        package var warning: String?
        package var runsCommands: Bool
    }

    /// Finds out by doing it, without touching what runs have left in `path`.
    @concurrent
    package static func trial(of path: String) async throws(EnvironmentFailure) -> Trial {
        let found = try await Session.trial(path)
        let runsCommands = if case .unavailable = found { false } else { true }
        return Trial(confinement: found.description, warning: found.warning, runsCommands: runsCommands)
    }

    private var watchWarning: String? {
        guard let session = state.withLock({ $0.session }), !session.isDirect else { return nil }
        guard session.watch?.isBlind ?? true else { return nil }
        return "what others change in the workspace meanwhile goes unnoticed: the kernel watches no more directories "
            + "(fs.inotify.max_user_watches, max_user_instances)"
    }

    public func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {
        let isDone = state.withLock { $0.session != nil && $0.worlds.fork(parent, as: child) }
        if !isDone { throw EnvironmentFailure(.failed, "cannot fork \(parent) as \(child): no such world, or taken") }
    }

    @concurrent
    public func commit(_ world: WorldID) async throws(EnvironmentFailure) {
        guard let session = state.withLock({ $0.session }) else { throw Self.closed }
        guard let layers = state.withLock({ $0.worlds.layers(of: world) }) else {
            throw EnvironmentFailure(.failed, "cannot commit \(world): it is no longer based on the committed world")
        }
        if !layers.isEmpty { try await commit(Layer.merge(layers), of: world, session) }
        state.withLock { $0.worlds.adopt(world) }
    }

    public func discard(_ world: WorldID) async { state.withLock { $0.worlds.remove(world) } }

    @concurrent
    public func close() async {
        let session = state.withLock { state in
            let session = state.session
            state = State(record: state.record)
            return session
        }
        guard let session else { return }
        if case .branches(let keeper, _) = session.confinement { await keeper.close() }
        _ = try? await offload { session.close() }
    }

    static let closed = EnvironmentFailure(.unavailable, "the workspace is not open", remedy: "Open it first")
}
