/// What programs outside of a branch act on of their own accord when a person, git, an editor or an agent comes by: no
/// command and no file tool gets such a change out of its branch.
///
/// Case is ignored: there are file systems that do not tell it apart, and git protects the same way. Repositories count at
/// any depth. A setting of git that runs nothing may change, so that `git init`, `git clone` and `git remote` work.
enum ProtectedPaths {
    /// Below the root of the workspace, whole: shown to commands as they are and read-only.
    static let fixed = [
        ".git/hooks", ".forerun", ".vscode", ".idea", ".claude", ".cursor", ".envrc", ".mcp.json",
    ]

    private static let fixedNames = fixed.filter { $0 != ".git/hooks" }

    private enum Rule: Equatable {
        case free
        case closed
        /// Of the files in a directory of hooks, git runs none that ends in `.sample`.
        case hooks
        case hook
        case settings
        /// Says where the repository is; a directory is one itself.
        case repository
        /// Says where the repository of a worktree is.
        case common
    }

    /// Whether a path may become what it became.
    ///
    /// - Parameters:
    ///   - roots: the absolute paths that stand for the workspace.
    ///   - content: of a file.
    ///   - before: what the file held before; `nil`: there was none.
    static func allow(
        _ path: RelativePath, _ kind: Signature.Kind, roots: [String], content: () throws -> [UInt8],
        before: () throws -> [UInt8]?
    ) throws -> Bool {
        switch rule(for: path) {
        case .free: return true
        case .closed: return false
        case .hooks: return kind == .directory
        case .hook: return kind == .directory || path.bytes.ends(with: ".sample")
        case .settings:
            if kind == .directory { return true }
            guard kind == .file else { return false }
            return try GitSettings.programs(in: content()).isSubset(of: GitSettings.programs(in: before() ?? []))
        case .repository:
            if kind == .directory { return true }
            return try kind == .file && isInside(content(), seenFrom: path, roots: roots)
        case .common:
            return try kind == .file && content().filter { $0 != 10 }.elementsEqual("../..".utf8)
        }
    }

    /// Whether a tool that writes whole files must leave a path alone.
    static func isClosed(_ path: RelativePath) -> Bool {
        switch rule(for: path) {
        case .free: false
        case .hook: !path.bytes.ends(with: ".sample")
        default: true
        }
    }

    private static func rule(for path: RelativePath) -> Rule {
        let names = path.components.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if let first = names.first, fixedNames.contains(first) { return .closed }
        for index in names.indices where names[index] == ".git" {
            let rule = rule(inRepository: names[(index + 1)...])
            if rule != .free { return rule }
        }
        return .free
    }

    private static func rule(inRepository names: ArraySlice<String>) -> Rule {
        guard let first = names.first, let last = names.last else { return .repository }
        switch first {
        case "hooks": return names.count == 1 ? .hooks : .hook
        case "config", "config.worktree": return names.count == 1 ? .settings : .free
        case "commondir", "gitdir": return names.count == 1 ? .closed : .free
        case "worktrees":
            if names.count != 3 { return .free }
            return last == "commondir" ? .common : last == "config.worktree" ? .settings : .free
        case "modules":
            // The name of a module may have several parts, and modules have modules.
            let inner = names.dropFirst(2)
            if let hooks = inner.lastIndex(of: "hooks") { return hooks == names.endIndex - 1 ? .hooks : .hook }
            if inner.contains(where: { ["refs", "logs", "objects"].contains($0) }) { return .free }
            switch last {
            case "config", "config.worktree": return inner.isEmpty ? .free : .settings
            case "commondir": return .closed
            default: return .free
            }
        default: return .free
        }
    }

    /// Whether a `.git` file names a place of this workspace where modules and worktrees are kept, which is protected.
    private static func isInside(_ content: [UInt8], seenFrom path: RelativePath, roots: [String]) -> Bool {
        let text = String(decoding: content, as: UTF8.self)
        guard text.hasPrefix("gitdir:") else { return false }
        var target = text.dropFirst("gitdir:".count).drop { $0 == " " }.prefix { $0 != "\n" }
        var names = (path.parent ?? .root).components.map { String(decoding: $0, as: UTF8.self) }
        if target.hasPrefix("/") {
            guard let root = roots.first(where: { target.hasPrefix($0 + "/") }) else { return false }
            target = target.dropFirst(root.count)
            names = []
        }
        for name in target.split(separator: "/") where name != "." {
            if name != ".." {
                names.append(String(name))
            } else if names.popLast() == nil {
                return false
            }
        }
        guard let repository = names.firstIndex(of: ".git"), names.indices.contains(repository + 2) else {
            return false
        }
        return ["modules", "worktrees"].contains(names[repository + 1])
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
