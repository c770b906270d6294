public import ForerunCore
import Synchronization

extension WorkspaceEnvironment {
    @concurrent
    public func digest(of world: WorldID) async throws(EnvironmentFailure) -> String {
        guard let session = state.withLock({ $0.session }) else { throw Self.closed }
        let leftBehind = EnvironmentFailure(.failed, "the real directory has moved on from \(world)")
        guard let layers = state.withLock({ $0.worlds.layers(of: world) }) else { throw leftBehind }
        let view = View(base: session.root, layers: layers)
        let digest: String
        do { digest = try await offload { try view.digest() } } catch {
            throw (error as? FileError)?.failure(remedy: nil) ?? EnvironmentFailure(.failed, "\(error)")
        }
        if state.withLock({ $0.worlds.layers(of: world) }) == nil { throw leftBehind }
        return digest
    }
}

extension View {
    /// SHA-256 over everything but sockets, pipes and devices, in the order of ``walk(_:visit:)``: for each path its
    /// type, mode, name and content or link target, with lengths before what has no fixed one.
    func digest() throws -> String {
        var digest = StableDigest()
        func add(_ bytes: [UInt8]) {
            digest.update("\(bytes.count):".utf8)
            digest.update(bytes)
        }
        try walk { path, entry in
            switch entry.kind {
            case .special: return false
            case .directory: digest.update("d\(entry.mode):".utf8)
            case .symlink: digest.update("l".utf8)
            case .file: digest.update("f\(entry.mode):".utf8)
            }
            add(path.bytes)
            switch entry.kind {
            case .symlink: add(try target(of: path, entry))
            case .file: add(try content(of: path, entry))
            case .directory, .special: break
            }
            return true
        }
        return digest.hex
    }
}
