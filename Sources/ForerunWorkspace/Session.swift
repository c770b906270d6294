import Dispatch
import ForerunCore
import Glibc

/// An open workspace: what stays the same until it is closed.
final class Session: Sendable {
    let root: Directory
    let state: StateDirectory
    let scratch: Scratch
    /// Keeps other runs out; `nil` where they are let in.
    private let use: Use?
    /// What a process that died left half done, and what became of it.
    let recovered: [Recovery.Outcome]
    let store: ContentStore
    /// Where commands see the workspace.
    let presentedPath: String
    let confinement: Confinement
    /// No branches: changes are made in the real directory at once.
    let isDirect: Bool
    /// `nil` where nothing runs ahead that others could make stale.
    let watch: ChangeWatch?
    let umask: UInt32
    let environment: [String: String]
    let options: WorkspaceOptions

    /// Absolute paths that stand for the root of the workspace.
    var roots: [String] { presentedPath == root.path ? [root.path] : [presentedPath, root.path] }

    /// Whether commands stay in their branch.
    var containsCommands: Bool {
        switch confinement {
        case .branches: true
        case .copies: !options.network
        case .off, .unavailable: false
        }
    }

    /// Whether commands get the network on the real path, and not ahead of it.
    var isRestrictedAhead: Bool { if case .branches = confinement { options.network } else { false } }

    private init(
        root: Directory, state: StateDirectory, scratch: Scratch, use: Use?, recovered: [Recovery.Outcome],
        presentedPath: String, confinement: Confinement, isDirect: Bool, options: WorkspaceOptions
    ) throws(FileError) {
        self.root = root
        self.state = state
        self.scratch = scratch
        self.use = use
        self.recovered = recovered
        store = ContentStore(directory: try scratch.makeDirectory("contents"))
        self.presentedPath = presentedPath
        self.confinement = confinement
        self.isDirect = isDirect
        watch = isDirect ? nil : ChangeWatch(root)
        umask = Self.currentUmask()
        environment = CommandEnvironment.make(allowing: options.environment)
        self.options = options
    }

    /// Opens `path`; leaves nothing behind where that fails.
    @concurrent
    static func open(_ path: String, options: WorkspaceOptions) async throws(EnvironmentFailure) -> Session {
        let root = try openRoot(path)
        let presentedPath = try presented(options.presentedPath, root: root)
        let state: StateDirectory
        let use: Use?
        let recovered: [Recovery.Outcome]
        let scratch: Scratch
        do {
            state = try StateDirectory(for: root, preferred: options.temporaryDirectory)
            use = try await Use.begin(state, options.commits.sharing)
            recovered = try Recovery(
                state: state, history: options.commits.history, onSettled: options.commits.onSettled
            ).run()
            scratch = try Scratch(beside: state)
        } catch {
            throw (error as? EnvironmentFailure)
                ?? (error as? FileError)?.failure(
                    remedy: "Name a writable directory outside of the workspace in TMPDIR")
                ?? EnvironmentFailure(.failed, "\(error)")
        }
        do {
            let confinement = try await confinement(
                options, root: root, presentedPath: presentedPath, state: state, scratch: scratch)
            return try Session(
                root: root, state: state, scratch: scratch, use: use, recovered: recovered,
                presentedPath: presentedPath, confinement: confinement,
                isDirect: isDirect(confinement, root, options), options: options)
        } catch {
            scratch.removeAll()
            use?.end()
            state.removeIfEmpty()
            throw (error as? EnvironmentFailure) ?? (error as? FileError)?.failure(remedy: nil)
                ?? EnvironmentFailure(.failed, "\(error)")
        }
    }

    /// How commands would be kept in branches of `path`.
    static func trial(_ path: String) async throws(EnvironmentFailure) -> Confinement {
        let root = try openRoot(path)
        let state: StateDirectory
        let scratch: Scratch
        do {
            state = try StateDirectory(for: root)
            scratch = try Scratch(beside: state)
        } catch {
            throw error.failure(remedy: "Name a writable directory outside of the workspace in TMPDIR")
        }
        defer { scratch.removeAll() }
        let confinement = try await confinement(
            WorkspaceOptions(), root: root, presentedPath: root.path, state: state, scratch: scratch)
        if case .branches(let keeper, _) = confinement { await keeper.close() }
        return confinement
    }

    /// Ends it: what was committed is on the disk then, and nothing is left but what is kept for undoing.
    func close() {
        // A disk that cannot be written to has said so before.
        if state.exists { try? root.synchronizeAll() }
        scratch.removeAll()
        use?.end()
        state.removeIfEmpty()
    }

    static func openRoot(_ path: String) throws(EnvironmentFailure) -> Directory {
        guard let real = RealPath.of(path) else {
            let reason = String(cString: strerror(errno))
            throw EnvironmentFailure(
                .unavailable, "cannot open the workspace \(path): \(reason)",
                remedy: "Make the directory, or name another one")
        }
        guard real != "/" else {
            throw EnvironmentFailure(
                .unavailable, "the workspace is the root of the file system", remedy: "Name the directory to work in")
        }
        let root: Directory
        do { root = try Directory(real) } catch {
            throw EnvironmentFailure(
                .unavailable, "cannot open the workspace \(path): \(error.reason)",
                remedy: error.code == ENOTDIR ? "Name the directory that holds it" : "Check its permissions")
        }
        guard access(real, R_OK | W_OK | X_OK) == 0 else {
            throw EnvironmentFailure(
                .unavailable, "the workspace \(path) cannot be changed: \(String(cString: strerror(errno)))",
                remedy: "Change its permissions, or name another directory")
        }
        return root
    }

    private static func presented(_ chosen: String?, root: Directory) throws(EnvironmentFailure) -> String {
        guard let chosen else { return root.path }
        guard chosen.hasPrefix("/"), chosen != "/" else {
            throw EnvironmentFailure(
                .unavailable, "commands cannot see the workspace at \(chosen)",
                remedy: "Name an absolute path other than /")
        }
        if let real = RealPath.of(chosen), (try? Directory(real)) != nil { return real }
        guard RealPath.isWithin(chosen, "/tmp"), !chosen.split(separator: "/").contains("..") else {
            throw EnvironmentFailure(
                .unavailable, "commands cannot see the workspace at \(chosen): there is no such directory",
                remedy: "Make the directory, or name one below /tmp")
        }
        return "/" + chosen.split(separator: "/").joined(separator: "/")
    }

    private static func confinement(
        _ options: WorkspaceOptions, root: Directory, presentedPath: String, state: StateDirectory, scratch: Scratch
    ) async throws(EnvironmentFailure) -> Confinement {
        if options.sandbox == .off { return .off }
        let layers: String
        do throws(FileError) {
            if let chosen = options.layerDirectory {
                layers = chosen
            } else {
                layers = try scratch.makeDirectory("layers").path
            }
        } catch {
            throw error.failure(remedy: nil)
        }
        let opening = BranchHost.Opening(
            workspace: root.path, presented: presentedPath, disk: layers, memory: options.layerMemory,
            inodes: 1_000_000, masks: Secrets.masks(scratch: [state.path, scratch.path, layers]),
            protected: ProtectedPaths.fixed, reserved: [], homes: Secrets.homes)
        let confinement = await Confinement.probe(opening, program: options.helper)
        if options.sandbox == .required, case .unavailable(let reason, let remedy) = confinement {
            throw EnvironmentFailure(.unavailable, "commands cannot be sandboxed: \(reason)", remedy: remedy)
        }
        return confinement
    }

    /// Overlays need no copies, however large the workspace is.
    private static func isDirect(_ confinement: Confinement, _ root: Directory, _ options: WorkspaceOptions) -> Bool {
        if case .branches = confinement { return false }
        return options.direct || isTooLarge(root, options)
    }

    private struct TooLarge: Error {}

    private static func isTooLarge(_ root: Directory, _ options: WorkspaceOptions) -> Bool {
        var files = 0
        var bytes = 0
        do {
            try root.walk { _, signature in
                files += 1
                bytes += Int(signature.size)
                if files > options.maxFiles || bytes > options.maxBytes { throw TooLarge() }
                return true
            }
            return false
        } catch {
            return error is TooLarge
        }
    }

    /// Asking the kernel for it would set it; /proc tells without.
    private static func currentUmask() -> UInt32 {
        let status = try? Directory("/proc/self").content(of: RelativePath("status"), limit: 4096)
        let line = String(decoding: status ?? [], as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Umask:") }
        return line.flatMap { UInt32($0.dropFirst(6).drop { $0 == "\t" || $0 == " " }, radix: 8) } ?? 0o022
    }
}

extension FileError {
    func failure(remedy: String?) -> EnvironmentFailure {
        isNoSpace
            ? EnvironmentFailure(.noSpace, description, remedy: "Make room on the disk")
            : EnvironmentFailure(.failed, description, remedy: remedy)
    }
}

/// Runs work that blocks on a thread of its own, so that the threads of the concurrency runtime stay free.
func offload<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        blockingWork.async { continuation.resume(with: Swift.Result(catching: work)) }
    }
}

let blockingWork = DispatchQueue(label: "forerun.workspace", attributes: .concurrent)
