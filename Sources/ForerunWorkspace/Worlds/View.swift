import Glibc

/// One world as it is seen: the real directory with layers of changes on top. Nothing is copied.
package struct View: Sendable {
    package let base: Directory
    /// Lowest first.
    package let layers: [Layer]

    package init(base: Directory, layers: [Layer] = []) {
        self.base = base
        self.layers = layers
    }

    /// What lies at one path of a world.
    package struct Entry: Sendable {
        package enum Body: Sendable {
            /// In the real directory.
            case base
            case content(Content)
            case target([UInt8])
            /// A directory of a layer.
            case none
        }

        package let kind: Signature.Kind
        package let mode: UInt32
        package let size: Int
        /// Nanoseconds since 1970; `nil` for what keeps no time (links and directories of layers).
        package let modified: Int64?
        package let origin: Origin
        let body: Body

        init(_ signature: Signature) {
            kind = signature.kind
            mode = signature.mode
            size = Int(signature.size)
            modified = signature.modified
            origin = .base(signature)
            body = .base
        }

        /// `nil` where the path was removed.
        init?(_ change: Change, layer: Int) {
            origin = .layer(layer)
            switch change.state {
            case .removed: return nil
            case .directory(let mode):
                (kind, self.mode, size, modified, body) = (.directory, mode, 0, nil, .none)
            case .symlink(let target):
                (kind, mode, size, modified, body) = (.symlink, 0, target.count, nil, .target(target))
            case .file(let content, let mode, let modified):
                (kind, self.mode, size, self.modified, body) = (.file, mode, content.count, modified, .content(content))
            }
        }
    }

    package func entry(at path: RelativePath) throws(FileError) -> Entry? {
        for layer in layers.reversed() {
            if let change = layer.changes[path] { return Entry(change, layer: layer.id) }
        }
        return try base.signature(of: path).map { Entry($0) }
    }

    /// The content of a file, or its first `limit` bytes.
    package func content(of path: RelativePath, _ entry: Entry, limit: Int = .max) throws(FileError) -> [UInt8] {
        switch entry.body {
        case .base, .none: try base.content(of: path, limit: limit)
        case .content(let content): try content.bytes(limit: limit)
        case .target(let target): target
        }
    }

    package func target(of path: RelativePath, _ entry: Entry) throws(FileError) -> [UInt8] {
        if case .target(let target) = entry.body { target } else { try base.target(of: path) }
    }

    /// What a directory holds, sorted by name.
    package func children(of path: RelativePath) throws(FileError) -> [(path: RelativePath, entry: Entry)] {
        var names = Set<[UInt8]>()
        if try base.signature(of: path)?.kind == .directory {
            names.formUnion(try base.names(in: path))
            if path.isRoot { names = names.filter { !StateDirectory.isStaging($0) } }
        }
        for layer in layers { names.formUnion(layer.names[path] ?? []) }
        var result: [(path: RelativePath, entry: Entry)] = []
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let child = path.appending(name)
            do {
                if let entry = try entry(at: child) { result.append((child, entry)) }
            } catch {
                // What nobody may look at is not there.
                guard error.code == EACCES else { throw error }
            }
        }
        return result
    }

    /// Visits everything below `path`, each directory before what it holds, by name. `visit` says whether to go down.
    package func walk(_ path: RelativePath = .root, visit: (RelativePath, Entry) throws -> Bool) throws {
        // A stack of its own: a tree may be deeper than that of a thread.
        var pending = try readable(path)
        while let (child, entry) = pending.popLast() {
            if try visit(child, entry), entry.kind == .directory { pending += try readable(child) }
        }
    }

    /// What a directory holds, the last one first; nothing where it cannot be listed.
    private func readable(_ path: RelativePath) throws(FileError) -> [(path: RelativePath, entry: Entry)] {
        do { return try children(of: path).reversed() } catch {
            guard error.code == EACCES else { throw error }
            return []
        }
    }

    /// Everything in this world but sockets, pipes and devices.
    func entries() throws -> [RelativePath: Entry] {
        var result: [RelativePath: Entry] = [:]
        try base.walk { path, signature in
            if path.bytes.first == 46, StateDirectory.isStaging(path.bytes) { return false }
            if signature.kind != .special { result[path] = Entry(signature) }
            return true
        }
        for layer in layers {
            for (path, change) in layer.changes { result[path] = Entry(change, layer: layer.id) }
        }
        return result
    }
}
