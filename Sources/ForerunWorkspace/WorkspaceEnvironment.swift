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
        var worlds = Worlds()
        /// Copies of some world that no command uses now, the latest last.
        var idle: [Tree] = []
        var marks: [RelativePath: Commit.Mark] = [:]
        var originals: [RelativePath: Commit.Original] = [:]
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

    /// How commands are kept in their branch, in words; `nil` before it is open.
    package var confinement: String? { state.withLock { $0.session?.confinement.description } }

    public var warning: String? {
        switch state.withLock({ $0.session?.confinement }) {
        case .unavailable(let reason, let remedy):
            "commands cannot be run: they cannot be sandboxed (\(reason)). \(remedy)"
        case .copies(_, let reason, let remedy):
            "commands run in copies of the workspace: cheap branches are not to be had (\(reason))"
                + (remedy.map { ". \($0)" } ?? "")
        case .branches, .off, nil: nil
        }
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
        if !layers.isEmpty { try await commit(Layer.merge(layers), session) }
        state.withLock { $0.worlds.adopt(world) }
    }

    public func discard(_ world: WorldID) async { state.withLock { $0.worlds.remove(world) } }

    @concurrent
    public func close() async {
        let session = state.withLock { state in
            let session = state.session
            state = State()
            return session
        }
        guard let session else { return }
        if case .branches(let keeper, _) = session.confinement { await keeper.close() }
        _ = try? await offload { session.scratch.removeAll() }
    }

    static let closed = EnvironmentFailure(.unavailable, "the workspace is not open", remedy: "Open it first")
}

extension WorkspaceEnvironment {
    /// Applies changes to the real directory: all or none.
    func commit(
        _ changes: [RelativePath: (change: Change, layer: Int)], _ session: Session
    ) async throws(EnvironmentFailure) {
        let (marks, kept) = state.withLock { ($0.marks, Set($0.originals.keys)) }
        do {
            let apply = { @Sendable () throws(EnvironmentFailure) in
                try Self.apply(changes, session, marks: marks, isKept: { kept.contains($0) })
            }
            // For a few small files a change of threads would take longer than the commit.
            let isSmall = changes.count <= 16 && changes.values.allSatisfy { $0.change.size <= 1 << 16 }
            let result = isSmall ? try apply() : try await offload(apply)
            state.withLock { state in
                state.marks.merge(result.marks) { $1 }
                state.originals.merge(result.originals) { old, _ in old }
            }
        } catch {
            throw (error as? EnvironmentFailure) ?? EnvironmentFailure(.failed, "\(error)")
        }
    }

    private static func apply(
        _ changes: [RelativePath: (change: Change, layer: Int)], _ session: Session,
        marks: [RelativePath: Commit.Mark], isKept: (RelativePath) -> Bool
    ) throws(EnvironmentFailure) -> (marks: [RelativePath: Commit.Mark], originals: [RelativePath: Commit.Original]) {
        let staging: Directory
        do { staging = try makeStaging(session) } catch {
            throw error.failure(remedy: "Check the permissions of \(session.root.path)")
        }
        defer { removeStaging(staging, session) }
        var commit = Commit(changes, to: session.root, staging: staging)
        do {
            try commit.run { path, expected, now in
                switch expected {
                case nil: now == nil
                case .base(let earlier): now?.isUnchanged(from: earlier) ?? false
                case .layer(let layer):
                    marks[path].map { $0.layer == layer && now?.isUnchanged(from: $0.signature) ?? false } ?? false
                }
            }
        } catch {
            throw failure(error)
        }
        let originals = commit.originals(to: session.store, isMovable: session.scratch.isOnSameMount) { !isKept($0) }
        return (commit.marks(), originals)
    }

    private static func failure(_ problem: Commit.Problem) -> EnvironmentFailure {
        switch problem {
        case .conflict(let path):
            EnvironmentFailure(
                .conflict, "\(path) was changed by somebody else; nothing was committed",
                remedy: "Undo that change, or run again from the directory as it is now")
        case .file(let error):
            EnvironmentFailure(
                error.isNoSpace ? .noSpace : .failed, "\(error); nothing was committed",
                remedy: error.isNoSpace
                    ? "Make room on the disk of the workspace" : "Check the permissions in the workspace")
        case .halfway(let error, let paths):
            EnvironmentFailure(
                error.isNoSpace ? .noSpace : .failed,
                "\(error); these paths could not be put back: " + paths.map(\.description).joined(separator: ", "),
                remedy: "Check these files before going on")
        }
    }

    private static func makeStaging(_ session: Session) throws(FileError) -> Directory {
        if session.scratch.isOnSameMount { return try session.scratch.makeDirectory("commit") }
        let name = RelativePath("\(Commit.stagingPrefix)\(ProcessEntry.current)")
        try session.root.removeTree(name)
        try session.root.createDirectory(name, mode: 0o700)
        return try Directory("\(session.root.path)/\(name)")
    }

    private static func removeStaging(_ staging: Directory, _ session: Session) {
        if session.scratch.isOnSameMount {
            session.scratch.remove(staging)
        } else {
            try? session.root.removeTree(RelativePath("\(Commit.stagingPrefix)\(ProcessEntry.current)"))
        }
    }
}
