import Synchronization

/// What a file of a layer holds: in memory while it is small, else in a file of the private directory.
package final class Content: Sendable {
    private enum Storage: Sendable {
        case memory([UInt8], ContentStore)
        case spilled(Directory, RelativePath)
        /// In a layer that a command wrote, which stays as long as somebody refers to it.
        case layer(LayerDirectory, RelativePath)
    }

    private let storage: Storage
    /// Bytes.
    package let count: Int

    fileprivate init(_ bytes: [UInt8], of store: ContentStore) {
        storage = .memory(bytes, store)
        count = bytes.count
    }

    fileprivate init(spilledTo path: RelativePath, of directory: Directory, count: Int) {
        storage = .spilled(directory, path)
        self.count = count
    }

    init(in layer: LayerDirectory, at path: RelativePath, count: Int) {
        storage = .layer(layer, path)
        self.count = count
    }

    deinit {
        switch storage {
        case .layer: break
        case .memory(_, let store): store.release(count)
        // A file that cannot be removed goes with the private directory.
        case .spilled(let directory, let path): try? directory.remove(path, isDirectory: false)
        }
    }

    package func bytes(limit: Int = .max) throws(FileError) -> [UInt8] {
        switch storage {
        case .memory(let bytes, _): bytes.count <= limit ? bytes : Array(bytes.prefix(limit))
        case .spilled(let directory, let path): try directory.content(of: path, limit: limit)
        case .layer(let layer, let path): try layer.workspace.content(of: path, limit: limit)
        }
    }

    /// Writes a new file with this content.
    func write(to path: RelativePath, of directory: Directory, mode: UInt32, modified: Int64) throws(FileError) {
        switch storage {
        case .memory(let bytes, _):
            try directory.create(path, content: bytes, mode: mode, modified: modified)
        case .spilled(let source, let name):
            try directory.create(path, copying: name, of: source, mode: mode, modified: modified)
        case .layer(let layer, let name):
            try directory.create(path, copying: name, of: layer.workspace, mode: mode, modified: modified)
        }
    }
}

/// Makes contents, and decides which stay in memory.
package final class ContentStore: Sendable {
    private let directory: Directory
    /// The largest content and the largest sum of contents, in bytes, that stay in memory.
    private let limits: (one: Int, all: Int)
    private let held = Atomic(0)
    private let next = Atomic(0)

    /// - Parameter directory: where larger contents go; an empty directory of its own.
    package init(directory: Directory, memoryPerFile: Int = 256 * 1024, memory: Int = 64 * 1024 * 1024) {
        self.directory = directory
        limits = (memoryPerFile, memory)
    }

    package func make(_ bytes: [UInt8]) throws(FileError) -> Content {
        if reserve(bytes.count) { return Content(bytes, of: self) }
        let name = newName()
        try directory.create(name, content: bytes, mode: 0o600, modified: 0)
        return Content(spilledTo: name, of: directory, count: bytes.count)
    }

    /// A copy of a file of `size` bytes as it is now.
    package func make(copying path: RelativePath, of source: Directory, size: Int) throws(FileError) -> Content {
        if reserve(size) {
            do {
                let bytes = try source.content(of: path)
                held.add(bytes.count - size, ordering: .relaxed)
                return Content(bytes, of: self)
            } catch {
                release(size)
                throw error
            }
        }
        let name = newName()
        try directory.create(name, copying: path, of: source, mode: 0o600, modified: 0)
        return Content(spilledTo: name, of: directory, count: size)
    }

    /// Takes over the file itself, which must be on the same mounted file system.
    package func make(moving path: RelativePath, of source: Directory, size: Int) throws(FileError) -> Content {
        let name = newName()
        try source.rename(path, to: name, of: directory)
        return Content(spilledTo: name, of: directory, count: size)
    }

    /// A second name of the file itself, or a copy where that cannot be had.
    package func make(linking path: RelativePath, of source: Directory, size: Int) throws(FileError) -> Content {
        let name = newName()
        do { try source.link(path, to: name, of: directory) } catch {
            return try make(copying: path, of: source, size: size)
        }
        return Content(spilledTo: name, of: directory, count: size)
    }

    fileprivate func release(_ count: Int) { held.subtract(count, ordering: .relaxed) }

    private func reserve(_ count: Int) -> Bool {
        guard count <= limits.one else { return false }
        if held.add(count, ordering: .relaxed).newValue <= limits.all { return true }
        release(count)
        return false
    }

    private func newName() -> RelativePath {
        RelativePath("c\(next.add(1, ordering: .relaxed).newValue)")
    }
}
