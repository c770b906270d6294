import Dispatch
import ForerunCore
import Glibc
import Synchronization

/// Notices what others change in a workspace, by inotify(7): editors, builds, people.
///
/// There is no thread: who wants to know asks, and the kernel has noted by then whatever was changed before. What the
/// runtime itself commits is told from that by what the files look like afterwards.
final class ChangeWatch: Sendable {
    private struct State {
        /// By watch descriptor.
        var directories: [Int32: RelativePath] = [:]
        var watches: [RelativePath: Int32] = [:]
        /// How paths look that the runtime changed; `nil`: it removed them.
        var own: [RelativePath: Signature?] = [:]
        /// Being changed by the runtime now.
        var busy: Set<RelativePath> = []
        var deferred: Set<RelativePath> = []
        /// What was changed where nobody was looking yet.
        var unseen: Footprint = .nothing
        /// The kernel watches no more directories.
        var isBlind = false
    }

    /// More directories than this are not watched: each takes the kernel's memory.
    private static let mostDirectories = 50_000
    /// Directories that are looked at before the workspace counts as open; the others follow beside.
    private static let firstDirectories = 200
    private static let mask = UInt32(
        IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR
            | IN_DONT_FOLLOW | IN_EXCL_UNLINK)

    private let root: Directory
    private let descriptor: Int32
    private let state = Mutex(State())

    /// - Returns: `nil` where the kernel has no more of this to give.
    init?(_ root: Directory) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.root = root
        var pending = [RelativePath.root]
        watch(&pending, limit: Self.firstDirectories)
        guard !pending.isEmpty else { return }
        blockingWork.async { [weak self, pending] in
            var pending = pending
            self?.watch(&pending, limit: .max)
            // Nobody saw what happened in these so far.
            self?.state.withLock { $0.unseen = .everything }
        }
    }

    deinit { close(descriptor) }

    /// Whether some directories are not watched.
    var isBlind: Bool { state.withLock { $0.isBlind } }

    /// Looks at directories and those in them, the outer ones first.
    private func watch(_ pending: inout [RelativePath], limit: Int) {
        var count = 0
        var next = 0
        while next < pending.count, count < limit {
            let path = pending[next]
            next += 1
            count += 1
            guard add(path), let names = try? root.names(in: path) else { continue }
            for name in names {
                let child = path.appending(name)
                if path.isRoot, StateDirectory.isStaging(name) { continue }
                if (try? root.signature(of: child))?.kind == .directory { pending.append(child) }
            }
        }
        pending.removeFirst(next)
    }

    private func add(_ path: RelativePath) -> Bool {
        let place = path.isRoot ? root.path : "\(root.path)/\(String(decoding: path.bytes, as: UTF8.self))"
        return state.withLock { state in
            guard !state.isBlind, state.directories.count < Self.mostDirectories else {
                state.isBlind = true
                return false
            }
            let watch = inotify_add_watch(descriptor, place, Self.mask)
            if watch < 0 {
                // Gone, or not for us to see: then nobody reads it either.
                if ![ENOENT, ENOTDIR, EACCES, ELOOP].contains(errno) { state.isBlind = true }
                return false
            }
            state.directories[watch] = path
            state.watches[path] = watch
            return true
        }
    }

    // MARK: - What the runtime does itself

    /// The runtime is about to change these paths.
    func begin(_ paths: some Sequence<RelativePath>) { state.withLock { $0.busy.formUnion(paths) } }

    /// The runtime is done with these paths, whether it changed them or not.
    func end(_ paths: some Sequence<RelativePath>) {
        let found = paths.map { ($0, try? root.signature(of: $0)) }
        state.withLock { state in
            for (path, signature) in found {
                state.busy.remove(path)
                state.own[path] = .some(signature)
            }
        }
    }

    // MARK: - Asking

    /// What others changed since this was last asked; `nil`: nothing.
    func changes() -> Footprint? {
        var changed = state.withLock { state in
            let paths = state.deferred.subtracting(state.busy)
            state.deferred.subtract(paths)
            return paths
        }
        var isEverything = state.withLock { state in
            defer { state.unseen = .nothing }
            return state.unseen != .nothing
        }
        var grown: [RelativePath] = []
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress!, buffer.count)
                guard count > 0 else { return }
                if !take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &changed, &grown) { isEverything = true }
            }
        }
        var resources: Set<String> = []
        for path in changed where isByOthers(path) { resources.formUnion([path.resource, path.tree]) }
        for path in grown {
            var pending = [path]
            watch(&pending, limit: .max)
        }
        if isEverything { return .everything }
        return resources.isEmpty ? nil : .resources(resources)
    }

    /// - Returns: whether the kernel had room for all events.
    private func take(
        _ bytes: UnsafeRawBufferPointer, _ changed: inout Set<RelativePath>, _ grown: inout [RelativePath]
    ) -> Bool {
        var place = 0
        var isWhole = true
        let header = MemoryLayout<inotify_event>.size
        state.withLock { state in
            while place + header <= bytes.count {
                let event = bytes.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
                let name = bytes[(place + header)..<(place + header + Int(event.len))].prefix { $0 != 0 }
                place += header + Int(event.len)
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { isWhole = false }
                guard let directory = state.directories[event.wd] else { continue }
                if event.mask & UInt32(IN_IGNORED) != 0 {
                    state.directories[event.wd] = nil
                    if state.watches[directory] == event.wd { state.watches[directory] = nil }
                    continue
                }
                let path = name.isEmpty ? directory : directory.appending(name)
                if directory.isRoot, StateDirectory.isStaging(name) { continue }
                if event.mask & UInt32(IN_ISDIR) != 0 {
                    if event.mask & UInt32(IN_MOVED_FROM) != 0 { forget(path, &state) }
                    if event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 { grown.append(path) }
                }
                if state.busy.contains(path) { state.deferred.insert(path) } else { changed.insert(path) }
            }
        }
        return isWhole
    }

    /// A directory has another name now, or is elsewhere.
    private func forget(_ path: RelativePath, _ state: inout State) {
        for (inner, watch) in state.watches where inner.isWithin(path) {
            inotify_rm_watch(descriptor, watch)
            state.watches[inner] = nil
            state.directories[watch] = nil
        }
    }

    private func isByOthers(_ path: RelativePath) -> Bool {
        let now = try? root.signature(of: path)
        return state.withLock { state in
            guard let own = state.own[path] else { return true }
            if own == now { return false }
            state.own[path] = nil
            return true
        }
    }
}
