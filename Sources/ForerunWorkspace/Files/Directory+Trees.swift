import CBranch
import Glibc

extension Directory {
    /// Visits everything below `path`, each directory before what it holds.
    ///
    /// A directory that cannot be listed counts as empty. `visit` says whether to go down into a directory; it may
    /// throw to end the walk.
    package func walk(
        _ path: RelativePath = .root, visit: (RelativePath, Signature) throws -> Bool
    ) throws {
        // A stack of its own: a tree may be deeper than that of a thread.
        var pending = try children(of: path)
        while let child = pending.popLast() {
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
            if goesDown, signature.kind == .directory { pending += try children(of: child) }
        }
    }

    /// What a directory holds, the last one first.
    private func children(of path: RelativePath) throws(FileError) -> [RelativePath] {
        do {
            return try names(in: path).sorted { $1.lexicographicallyPrecedes($0) }.map { path.appending($0) }
        } catch {
            guard error.code == EACCES || error.code == ENOENT || error.code == ENOTDIR else { throw error }
            return []
        }
    }

    /// Removes `path` and everything below it, whatever its modes and however deep. Nothing there is no error.
    package func removeTree(_ path: RelativePath) throws(FileError) {
        guard path.withCString({ cbranch_delete_tree(descriptor, $0) }) == 0 else {
            throw FileError("remove \(path)", code: errno)
        }
    }
}
