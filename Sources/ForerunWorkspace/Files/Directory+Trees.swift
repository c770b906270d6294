import Glibc

extension Directory {
    /// Visits everything below `path`, each directory before what it holds.
    ///
    /// A directory that cannot be listed counts as empty. `visit` says whether to go down into a directory; it may
    /// throw to end the walk.
    package func walk(
        _ path: RelativePath = .root, visit: (RelativePath, Signature) throws -> Bool
    ) throws {
        let names: [[UInt8]]
        do {
            names = try self.names(in: path)
        } catch {
            guard error.code == EACCES || error.code == ENOENT || error.code == ENOTDIR else { throw error }
            return
        }
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let child = path.appending(name)
            // What vanished since the listing was never there; nor is what nobody may look at.
            let signature: Signature?
            do {
                signature = try self.signature(of: child)
            } catch {
                guard error.code == EACCES else { throw error }
                continue
            }
            guard let signature else { continue }
            let goesDown = try visit(child, signature)
            if goesDown, signature.kind == .directory { try walk(child, visit: visit) }
        }
    }

    /// Removes `path` and everything below it, whatever its modes. Nothing there is no error.
    package func removeTree(_ path: RelativePath) throws(FileError) {
        guard let signature = try signature(of: path) else { return }
        guard signature.kind == .directory else { return try remove(path, isDirectory: false) }
        if signature.mode & 0o700 != 0o700 { try setMode(path, signature.mode | 0o700) }
        for name in try names(in: path) { try removeTree(path.appending(name)) }
        try remove(path, isDirectory: true)
    }
}
