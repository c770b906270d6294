/// Paths that what commands do must never reach, since programs outside of the branch would act on them.
///
/// Case is ignored: some file systems do, and git protects the same way.
package struct ProtectedPaths: Sendable, Hashable {
    private let contents: [[String]]
    private let entries: [[String]]

    /// - Parameters:
    ///   - contents: may not change, nor may anything below: as `.git/hooks`, where `*` stands for any one name. They
    ///     count at any depth, as a workspace may hold several repositories.
    ///   - entries: may not be made, removed or become something else, while what they hold may change: as `.git`.
    package init(contents: [String], entries: [String] = []) {
        self.contents = contents.map { $0.split(separator: "/").map { $0.lowercased() } }
        self.entries = entries.map { $0.split(separator: "/").map { $0.lowercased() } }
    }

    package static let none = ProtectedPaths(contents: [])

    /// What git runs or obeys.
    package static let git = ProtectedPaths(
        contents: [
            ".git/hooks", ".git/config", ".git/config.worktree", ".git/info/attributes", ".git/commondir",
            ".git/gitdir", ".git/modules/*/hooks", ".git/modules/*/config", ".git/worktrees/*/config.worktree",
        ], entries: [".git"])

    var isEmpty: Bool { contents.isEmpty && entries.isEmpty }

    /// Whether `path` may not change from one kind to the other; `nil` stands for nothing there.
    func protects(_ path: RelativePath, from old: Signature.Kind?, to new: Signature.Kind?) -> Bool {
        if isEmpty { return false }
        let names = path.components.map { String(decoding: $0, as: UTF8.self).lowercased() }
        return contents.contains { Self.occurs($0, in: names, isAtEnd: false) }
            || (old != new && entries.contains { Self.occurs($0, in: names, isAtEnd: true) })
    }

    private static func occurs(_ pattern: [String], in names: [String], isAtEnd: Bool) -> Bool {
        guard names.count >= pattern.count else { return false }
        return (0...(names.count - pattern.count)).contains { start in
            let part = names[start..<(start + pattern.count)]
            return (!isAtEnd || part.endIndex == names.count) && zip(pattern, part).allSatisfy { $0 == "*" || $0 == $1 }
        }
    }
}
