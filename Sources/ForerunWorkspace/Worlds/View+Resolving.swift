/// Why a tool refuses its arguments, in words that let a model correct them.
package struct Refusal: Error, Sendable, Hashable {
    package let message: String
    package init(_ message: String) { self.message = message }
}

/// Where a path that a model wrote leads to.
package struct ResolvedPath: Sendable {
    /// Free of symlinks.
    package let path: RelativePath
    package let entry: View.Entry?
    /// What was looked at on the way, for footprints.
    package let looked: Set<String>
}

extension View {
    /// Follows `text`, symlinks included, and refuses whatever lies outside of the workspace.
    ///
    /// - Parameters:
    ///   - text: relative to the root of the workspace, or absolute below one of `roots`.
    ///   - roots: the absolute paths that stand for the root of the workspace.
    package func resolve(_ text: String, roots: [String]) throws -> ResolvedPath {
        guard !text.utf8.contains(0) else { throw Refusal("the path holds a NUL character") }
        var pending = try Self.components(of: Array(text.utf8), roots: roots, named: text)
        pending.reverse()
        var current = RelativePath.root
        var entry = try entry(at: .root)
        var looked: Set<String> = []
        var links = 0
        while let name = pending.popLast() {
            if name == [46] { continue }
            if name == [46, 46] {
                guard let parent = current.parent else { throw Self.outside(text) }
                current = parent
                entry = try self.entry(at: current)
                continue
            }
            if let entry, entry.kind != .directory {
                throw Refusal("\(text): \(current) is no directory")
            }
            let next = current.appending(name)
            looked.insert(next.resource)
            let found = try self.entry(at: next)
            guard let found, found.kind == .symlink else {
                (current, entry) = (next, found)
                continue
            }
            links += 1
            guard links <= 40 else { throw Refusal("\(text): too many symbolic links, or a circle of them") }
            let target = try target(of: next, found)
            if target.first == 47 {
                current = .root
                entry = try self.entry(at: .root)
                pending += try Self.components(of: target, roots: roots, named: text).reversed()
            } else {
                pending += target.split(separator: 47).map(Array.init).reversed()
            }
        }
        if entry?.kind == .special {
            throw Refusal("\(text) is a device, a pipe or a socket; only files and directories can be used")
        }
        return ResolvedPath(path: current, entry: entry, looked: looked)
    }

    private static func components(of path: [UInt8], roots: [String], named text: String) throws(Refusal) -> [[UInt8]] {
        guard path.first == 47 else { return path.split(separator: 47).map(Array.init) }
        let whole = path.split(separator: 47).map(Array.init).filter { $0 != [46] }
        for root in roots {
            let prefix = root.utf8.split(separator: 47).map(Array.init)
            if whole.starts(with: prefix) { return Array(whole.dropFirst(prefix.count)) }
        }
        throw outside(text)
    }

    private static func outside(_ text: String) -> Refusal {
        Refusal("\(text) is outside of the workspace; use a path relative to its root")
    }
}
