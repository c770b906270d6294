import Glibc

/// Repositories that are not called `.git`: git takes any directory with a `HEAD`, `objects` and `refs` for one, and does what
/// its settings and hooks say as soon as somebody asks for the state of a directory in it.
///
/// What such a directory could make git run never gets out of a branch, whether the repository is made, changed, or put
/// together by several calls. One that runs nothing, as `git init --bare` makes it, may be made.
///
/// Source: gitrepository-layout(5), `is_git_directory` in git's setup.c.
struct BareRepositories {
    private let before: View
    private let after: View
    private let changes: [RelativePath: Change]

    /// Paths among `changes` that may not become what they became; with a directory, all that is in it.
    static func refused(of changes: [RelativePath: Change], on view: View) throws -> [RelativePath] {
        let directories = Set(changes.keys.lazy.flatMap(candidates))
        if directories.isEmpty { return [] }
        let after = View(base: view.base, layers: view.layers + [Layer(id: .max, changes: changes)])
        let repositories = BareRepositories(before: view, after: after, changes: changes)
        return try directories.sorted().flatMap { try repositories.refused(in: $0) }
    }

    // MARK: - What belongs to a repository

    private static let heads = ["HEAD", "commondir", "refs", "objects"]
    private static let settings = ["config", "config.worktree"]
    private static let hooks = "hooks"

    /// The directories that a change could make, or could change as, a repository.
    private static func candidates(_ path: RelativePath) -> [RelativePath] {
        let name = String(decoding: path.name, as: UTF8.self)
        guard let parent = path.parent, !isInside(parent) else { return [] }
        if heads.contains(name) || settings.contains(name) || name == hooks { return [parent] }
        return parent.name.elementsEqual(hooks.utf8) ? [parent.parent].compactMap(\.self) : []
    }

    /// Whether ``ProtectedPaths`` looks after it.
    private static func isInside(_ path: RelativePath) -> Bool {
        path.components.contains { String(decoding: $0, as: UTF8.self).lowercased() == ".git" }
    }

    private func isRepository(_ directory: RelativePath, in view: View) throws -> Bool {
        func has(_ name: String) throws -> Bool { try entry(at: directory.appending(name.utf8), in: view) != nil }
        return try has("HEAD") && (has("commondir") || has("objects") && has("refs"))
    }

    // MARK: - What it could run

    private struct Danger: Hashable {
        var path: RelativePath
        /// What of it: two of the same are no news.
        var what: String
    }

    private func dangers(of directory: RelativePath, in view: View) throws -> Set<Danger> {
        guard try isRepository(directory, in: view) else { return [] }
        var dangers: Set<Danger> = []
        for name in Self.settings {
            let path = directory.appending(name.utf8)
            guard let entry = try entry(at: path, in: view), entry.kind != .directory else { continue }
            if entry.kind == .file, let content = try? view.content(of: path, entry) {
                dangers.formUnion(GitSettings.programs(in: content).map { Danger(path: path, what: $0) })
            } else {
                dangers.insert(Danger(path: path, what: try describe(path, entry, in: view)))
            }
        }
        let common = directory.appending("commondir".utf8)
        if let entry = try entry(at: common, in: view), try !isWorktree(directory, common, entry, in: view) {
            dangers.insert(Danger(path: common, what: try describe(common, entry, in: view)))
        }
        let hooks = directory.appending(Self.hooks.utf8)
        if let entry = try entry(at: hooks, in: view) {
            if entry.kind != .directory {
                dangers.insert(Danger(path: hooks, what: try describe(hooks, entry, in: view)))
            } else {
                for (path, hook) in try view.children(of: hooks)
                where hook.kind != .directory && !path.name.suffix(7).elementsEqual(".sample".utf8) {
                    dangers.insert(Danger(path: path, what: try describe(path, hook, in: view)))
                }
            }
        }
        return dangers
    }

    /// Whether this is a worktree of the repository two levels up, which is looked at by itself.
    private func isWorktree(
        _ directory: RelativePath, _ common: RelativePath, _ entry: View.Entry, in view: View
    ) throws -> Bool {
        guard directory.parent?.name.elementsEqual("worktrees".utf8) == true, entry.kind == .file else { return false }
        return (try? view.content(of: common, entry))?.filter { $0 != 10 }.elementsEqual("../..".utf8) ?? false
    }

    /// What nobody may look at is not there.
    private func entry(at path: RelativePath, in view: View) throws(FileError) -> View.Entry? {
        do { return try view.entry(at: path) } catch {
            guard error.code == EACCES else { throw error }
            return nil
        }
    }

    private func describe(_ path: RelativePath, _ entry: View.Entry, in view: View) throws -> String {
        switch entry.kind {
        case .symlink: "link \(try view.target(of: path, entry))"
        case .file:
            // One that cannot be read has not been changed by whoever is asked about here.
            "\(entry.mode & 0o111) \((try? view.content(of: path, entry)).map { ContentDigest(of: $0).value } ?? 0)"
        case .directory, .special: "\(entry.kind)"
        }
    }

    // MARK: - What is refused

    private func refused(in directory: RelativePath) throws -> [RelativePath] {
        let news = try dangers(of: directory, in: after).subtracting(dangers(of: directory, in: before))
        if news.isEmpty { return [] }
        let changed = Set(news.map(\.path)).filter { changes[$0] != nil }.sorted()
        // What was harmless until now is not made harmful by what makes a repository of it.
        guard changed.count < Set(news.map(\.path)).count else { return changed }
        return changed
            + Self.heads.lazy.map { directory.appending($0.utf8) }.filter { changes[$0]?.kind != nil }.prefix(1)
    }
}
