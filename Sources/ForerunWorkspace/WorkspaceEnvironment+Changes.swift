package import ForerunCore
import Glibc
import Synchronization

extension WorkspaceEnvironment {
    /// A unified diff of everything that was committed since the workspace was opened; empty where nothing differs.
    ///
    /// What commands outside of branches changed is not known, hence not in it. At most 4 MiB.
    ///
    /// - Parameter sinceMark: only what was committed since ``markChanges()``.
    @concurrent
    package func changes(sinceMark: Bool = false) async throws(EnvironmentFailure) -> String {
        let (session, originals) = state.withLock { ($0.session, sinceMark ? $0.recent : $0.originals) }
        guard let session else { throw Self.closed }
        return try await Self.compare(session) { try Self.lay(originals, session, in: $0) }
    }

    /// What is committed from here on can be told apart.
    package func markChanges() { state.withLock { $0.recent = [:] } }

    /// A unified diff of the real directory and a world; empty where nothing differs.
    @concurrent
    package func difference(of world: WorldID) async throws(EnvironmentFailure) -> String {
        guard let session = state.withLock({ $0.session }) else { throw Self.closed }
        guard let layers = state.withLock({ $0.worlds.layers(of: world) }) else {
            throw EnvironmentFailure(.failed, "the real directory has moved on from \(world)")
        }
        return try await Self.compare(session) { place in
            let (old, new) = (View(base: session.root), View(base: session.root, layers: layers))
            for side in ["a", "b"] { try place.createDirectory(RelativePath(side), mode: 0o700) }
            for path in Layer.merge(layers).keys.sorted() {
                for (side, view) in [("a", old), ("b", new)] {
                    try Self.lay(path, of: view, at: RelativePath(side).appending(path.bytes), in: place)
                }
            }
        }
    }

    private static func lay(
        _ path: RelativePath, of view: View, at target: RelativePath, in place: Directory
    ) throws {
        guard let entry = try view.entry(at: path) else { return }
        switch entry.kind {
        case .symlink:
            try makeParents(of: target, in: place)
            try place.createSymlink(target, target: try view.target(of: path, entry))
        case .file:
            try makeParents(of: target, in: place)
            try place.create(
                target, content: try view.content(of: path, entry), mode: entry.mode & 0o777 | 0o600, modified: 0)
        case .directory, .special: break
        }
    }

    /// What `git diff` says of the directories `a` and `b` that `lay` makes.
    private static func compare(
        _ session: Session, lay: @escaping @Sendable (Directory) throws -> Void
    ) async throws(EnvironmentFailure) -> String {
        let place: Directory
        do {
            place = try await offload {
                let place = try session.scratch.makeDirectory("diff")
                try lay(place)
                return place
            }
        } catch {
            throw (error as? FileError)?.failure(remedy: nil) ?? EnvironmentFailure(.failed, "\(error)")
        }
        defer { session.scratch.remove(place) }
        // No settings of the user: the same changes are shown the same everywhere.
        let text = """
            export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
            if command -v git >/dev/null; then
                git -c core.quotePath=off diff --no-index --no-ext-diff --no-color --no-prefix --no-renames a b
            else
                diff -ruN a b
            fi
            """
        let command = Command(
            arguments: ["/bin/sh", "-c", text], directory: place.path, launcher: [], environment: session.environment,
            timeout: .seconds(60), outputLimit: 4 << 20)
        do {
            let result = try await command.run()
            // 1: there are differences.
            if result.stopped != nil {
                throw EnvironmentFailure(.failed, "the changes cannot be compared: that took more than a minute")
            }
            if result.status <= 1 { return result.output }
            throw EnvironmentFailure(.failed, "the changes cannot be compared: \(result.output)")
        } catch {
            if let failure = error as? EnvironmentFailure { throw failure }
            throw EnvironmentFailure(.failed, "the changes cannot be compared: \(error)", remedy: "Install git or diff")
        }
    }

    /// Makes `a` what the changed paths were and `b` what they are now.
    private static func lay(
        _ originals: [RelativePath: Transaction.Original], _ session: Session, in place: Directory
    ) throws {
        for side in ["a", "b"] { try place.createDirectory(RelativePath(side), mode: 0o700) }
        let view = View(base: session.root)
        for (path, original) in originals.sorted(by: { $0.key < $1.key }) {
            let old = RelativePath("a").appending(path.bytes)
            switch original {
            case .absent, .directory: break
            case .symlink(let target):
                try makeParents(of: old, in: place)
                try place.createSymlink(old, target: target)
            case .file(let content, let mode):
                try makeParents(of: old, in: place)
                try content.write(to: old, of: place, mode: mode | 0o600, modified: 0)
            }
            let new = RelativePath("b").appending(path.bytes)
            guard let entry = try view.entry(at: path) else { continue }
            if entry.kind == .symlink || entry.kind == .file { try makeParents(of: new, in: place) }
            if entry.kind == .symlink { try place.createSymlink(new, target: try view.target(of: path, entry)) }
            if entry.kind == .file {
                try place.create(new, copying: path, of: session.root, mode: entry.mode | 0o600, modified: 0)
            }
        }
    }

    private static func makeParents(of path: RelativePath, in place: Directory) throws {
        for parent in path.ancestors where try place.signature(of: parent) == nil {
            try place.createDirectory(parent, mode: 0o700)
        }
    }

    /// Makes `target`, which must not exist, a copy of `directory`: modes, times and links kept, sockets, pipes and devices
    /// left out.
    @concurrent
    package static func copy(_ directory: String, to target: String) async throws(EnvironmentFailure) {
        guard mkdir(target, 0o700) == 0 else {
            throw FileError("make the directory \(target)", code: errno).failure(remedy: "Name a place that is free")
        }
        do {
            try await offload {
                let source = try Directory(directory)
                var tree = Tree(directory: try Directory(target))
                try tree.update(to: View(base: source)) { _, _, _ in false }
                if let mode = try source.signature(of: .root)?.mode { try tree.directory.setMode(.root, mode) }
            }
        } catch {
            if let slash = target.lastIndex(of: "/"), let parent = try? Directory(String(target[...slash])) {
                try? parent.removeTree(RelativePath(String(target[target.index(after: slash)...])))
            }
            throw (error as? FileError)?.failure(remedy: nil) ?? EnvironmentFailure(.failed, "\(error)")
        }
    }
}
