/// Afterwards.
extension Transaction {
    /// What a path held before the first commit that changed it.
    enum Original: Sendable {
        case absent
        case directory
        case symlink(target: [UInt8])
        case file(Content, mode: UInt32)
    }

    /// How the paths for which `isWanted` holds were before.
    ///
    /// - Parameter isMovable: whether the directory of the transaction and the store are on the same mounted file system.
    func originals(
        to store: ContentStore, isMovable: Bool, where isWanted: (RelativePath) -> Bool
    ) -> [RelativePath: Original] {
        var originals: [RelativePath: Original] = [:]
        for path in paths where present[path] == nil && isWanted(path) { originals[path] = .absent }
        for path in paths where present[path]?.kind == .directory && isWanted(path) { originals[path] = .directory }
        for (index, operation) in journal.operations.enumerated() where isWanted(operation.path) {
            guard let old = OldVersion(operation, index, in: place) else { continue }
            // What cannot be kept is missing from the list of changes, no more.
            switch old.version.kind {
            case .symlink:
                if let target = try? place.target(of: old.name) { originals[operation.path] = .symlink(target: target) }
            case .file:
                if let content = try? content(of: old, store, isMovable: isMovable) {
                    originals[operation.path] = .file(content, mode: old.version.mode)
                }
            case .directory, .special: continue
            }
        }
        return originals
    }

    private func content(of old: OldVersion, _ store: ContentStore, isMovable: Bool) throws(FileError) -> Content {
        let size = Int(old.version.size)
        if !isMovable { return try store.make(copying: old.name, of: place, size: size) }
        if journal.run != nil { return try store.make(linking: old.name, of: place, size: size) }
        return try store.make(moving: old.name, of: place, size: size)
    }
}
