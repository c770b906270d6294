package import ForerunCore
import Glibc
import Synchronization

/// A branch of a workspace that stays on disk between commands of a person: tried out, looked at, then committed or
/// discarded. A workspace has at most one.
package final class KeptBranch: Sendable {
    private let environment: WorkspaceEnvironment
    private let session: Session
    private let host: BranchHost
    private let place: Directory
    private let lock: Int32
    private static let world = WorldID(1)
    private let layers: Mutex<[Layer]>

    private init(
        _ environment: WorkspaceEnvironment, _ session: Session, _ host: BranchHost, _ place: Directory, lock: Int32
    ) {
        self.environment = environment
        self.session = session
        self.host = host
        self.place = place
        self.lock = lock
        layers = Mutex([])
    }

    deinit { Glibc.close(lock) }

    /// Opens the branch of `workspace`, empty where there was none.
    ///
    /// - Parameter state: the directory for the state of programs, as `$XDG_STATE_HOME` names it.
    @concurrent
    package static func open(
        _ workspace: String, state: String, options: WorkspaceOptions = WorkspaceOptions()
    ) async throws(EnvironmentFailure) -> KeptBranch {
        var digest = StableDigest()
        digest.update(Array((RealPath.of(workspace) ?? workspace).utf8))
        let path = "\(state)/forerun/branches/\(digest.hex.prefix(32))"
        let place: Directory
        do {
            try makeDirectories(path)
            place = try Directory(path)
        } catch {
            throw error.failure(remedy: "Name a writable directory in XDG_STATE_HOME")
        }
        let lock = openat(place.descriptor, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            if lock >= 0 { Glibc.close(lock) }
            throw EnvironmentFailure(
                .unavailable, "another forerun branch is at work on \(workspace)", remedy: "Wait until it has ended")
        }
        // Closed here only as long as no branch has it: a number closed twice may be somebody else's by then.
        var isOwned = false
        defer { if !isOwned { Glibc.close(lock) } }
        var options = options
        options.sandbox = .required
        options.layerDirectory = path
        let environment = WorkspaceEnvironment(workspace, options: options)
        do {
            _ = try await environment.open()
            guard let session = environment.state.withLock({ $0.session }),
                case .branches(let keeper, let found) = session.confinement, found.keepsLayersOnDisk
            else {
                throw EnvironmentFailure(
                    .unavailable, "branches cannot be kept here: \(environment.confinement ?? "")",
                    remedy: environment.warning ?? "See forerun doctor")
            }
            let host: BranchHost
            do throws(BranchFailure) { host = try await keeper.host() } catch {
                throw EnvironmentFailure(.failed, error.reason, remedy: error.remedy)
            }
            _ = environment.state.withLock { $0.worlds.fork(.initial, as: world) }
            let branch = KeptBranch(environment, session, host, place, lock: lock)
            isOwned = true
            try branch.load()
            return branch
        } catch {
            await environment.close()
            throw (error as? EnvironmentFailure) ?? (error as? FileError)?.failure(remedy: nil)
                ?? EnvironmentFailure(.failed, "\(error)")
        }
    }

    private static func makeDirectories(_ path: String) throws(FileError) {
        var parent = ""
        for name in path.split(separator: "/") {
            parent += "/\(name)"
            if mkdir(parent, 0o700) != 0, errno != EEXIST {
                throw FileError("make the directory \(parent)", code: errno)
            }
        }
    }

    /// Whether nothing has been changed in it.
    package var isEmpty: Bool { layers.withLock { $0.isEmpty } }

    /// The changed paths, sorted.
    package var changedPaths: [String] {
        Layer.merge(layers.withLock { $0 }).keys.sorted().map(\.description)
    }

    // MARK: - Layers on disk

    /// Layers in order, a name a line.
    private static let order = RelativePath("order")

    private func load() throws {
        guard try place.signature(of: Self.order) != nil else { return }
        let text = String(decoding: try place.content(of: Self.order), as: UTF8.self)
        for name in text.split(separator: "\n") {
            let manifest = try ChangeManifest(bytes: place.content(of: RelativePath("\(name).json")))
            try add(LayerName(isInMemory: false, name: String(name)), expecting: manifest)
        }
    }

    /// Adds a layer on top, with what its changes were based on when they were made.
    @discardableResult
    private func add(_ name: LayerName, expecting manifest: ChangeManifest?) throws -> (Layer, [RelativePath]) {
        let workspace = try place.open(RelativePath("\(name.name)/\(LayerDirectory.workspacePart)"))
        let directory = LayerDirectory(name, of: host, workspace: workspace, isKept: true)
        let view = View(base: session.root, layers: layers.withLock { $0 })
        let scanned = try LayerScan.changes(
            in: directory, on: view, store: session.store, roots: session.roots)
        var changes = scanned.changes
        if let manifest {
            for (path, change) in changes {
                changes[path] = Change(change.state, expected: manifest.expected[path] ?? nil)
            }
        }
        let layer = environment.state.withLock { state in
            let layer = Layer(id: state.worlds.nextLayer(), changes: changes, directory: directory)
            state.worlds.push(layer, on: Self.world)
            return layer
        }
        layers.withLock { $0.append(layer) }
        return (layer, scanned.refused)
    }

    // MARK: - What a person does with it

    /// How a program ended.
    package struct Ended: Sendable, Hashable {
        /// As shells count: 128 and more for a signal, 127 where there is no such program, 126 where it cannot be executed.
        package var status: Int32
        /// Why it could not be executed.
        package var problem: String?
        /// Protected paths that it changed and that were not kept.
        package var refused: [String] = []

        init(status: Int32, problem: String? = nil, refused: [String] = []) {
            self.status = status
            self.problem = problem
            self.refused = refused
        }
    }

    /// Runs a program in the branch, on top of what is there.
    ///
    /// - Parameters:
    ///   - streams: where its standard output and standard error go.
    ///   - variables: its environment.
    /// - Returns: how it ended. Cancelling the task kills it; what it changed until then is kept, too.
    package func execute(
        _ arguments: [String], streams: [Int32], variables: [String: String], network: Bool
    ) async throws(EnvironmentFailure) -> Ended {
        let stack = layers.withLock { $0 }
        let name = LayerName(isInMemory: false, name: "k\(stack.count + 1)")
        do {
            try place.removeTree(RelativePath(name.name))
            let lowers = (1...max(stack.count, 1)).prefix(stack.count).reversed()
                .map { LayerName(isInMemory: false, name: "k\($0)") }
            var run = BranchRun(
                upper: name, lowers: lowers, arguments: arguments, environment: variables, network: network,
                umask: session.umask, outputLimit: 1)
            run.streams = streams
            let (result, _) = try await host.run(run, timeout: .seconds(365 * 86_400))
            let (layer, refused) = try add(name, expecting: nil)
            try place.create(
                RelativePath("\(name.name).json"), content: ChangeManifest(layer.changes).bytes, mode: 0o600,
                modified: Signature.now())
            try write(order: stack.count + 1)
            return Ended(status: result.status, refused: refused.map(\.description))
        } catch {
            try? place.removeTree(RelativePath(name.name))
            if let failure = error as? BranchFailure {
                if let code = failure.execution {
                    return Ended(status: code == ENOENT ? 127 : 126, problem: String(cString: strerror(code)))
                }
                throw EnvironmentFailure(.failed, failure.reason, remedy: failure.remedy)
            }
            throw (error as? FileError)?.failure(remedy: nil) ?? EnvironmentFailure(.failed, "\(error)")
        }
    }

    private func write(order count: Int) throws(FileError) {
        let names = (1...count).map { "k\($0)\n" }.joined()
        let new = RelativePath("order.new")
        try place.removeTree(new)
        try place.create(new, content: Array(names.utf8), mode: 0o600, modified: Signature.now())
        try place.rename(new, to: Self.order, of: place)
    }

    /// A unified diff of the workspace and the branch.
    package func diff() async throws(EnvironmentFailure) -> String {
        try await environment.difference(of: Self.world)
    }

    /// Makes its changes in the workspace, all of them or none, and ends the branch.
    ///
    /// - Parameter run: the name by which that can be undone.
    package func commit(as run: String) async throws(EnvironmentFailure) {
        environment.record(in: CommitRecord(run: run))
        do throws(EnvironmentFailure) { try await environment.commit(Self.world) } catch {
            guard error.code == .conflict else { throw error }
            throw EnvironmentFailure(
                .conflict, error.message,
                remedy: "Take that change back, or end the branch (forerun branch discard) and run its commands again")
        }
        try discard()
    }

    /// Ends the branch and forgets its changes.
    package func discard() throws(EnvironmentFailure) {
        do {
            // Without it, what is left counts for nothing.
            try place.removeTree(Self.order)
            for name in try place.names(in: .root) where !name.elementsEqual("lock".utf8) {
                try place.removeTree(RelativePath(bytes: name))
            }
        } catch {
            throw error.failure(remedy: "Remove \(place.path) by hand")
        }
        layers.withLock { $0 = [] }
    }

    package func close() async { await environment.close() }
}
