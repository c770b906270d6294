import ForerunCore

/// The user's rules on paths, as one tool is bound by them.
///
/// What a call names is judged before it is performed. Here is what only shows when it is: where symlinks lead to, and
/// which files a search comes across.
struct PathRules: Sendable {
    let tool: String
    /// Absolute paths that stand for the root of the workspace.
    let roots: [String]
    let permission: @Sendable (_ tool: String, _ subject: CallSubject) -> Permission

    /// Refuses `text` where it leads, through symlinks, to something that is judged more strictly than it is itself.
    func check(_ text: String, leadsTo path: RelativePath) throws(Refusal) {
        guard let named = RelativePath(lexically: text, roots: roots), named != path else { return }
        guard decision(path) > decision(named) else { return }
        throw Refusal("\(text) leads to \(path), which the user's policy guards; name that path itself")
    }

    /// Whether a search leaves out what lies at `path`.
    func isHidden(_ path: RelativePath) -> Bool { decision(path) == .deny }

    private func decision(_ path: RelativePath) -> Permission { permission(tool, path.subject(roots: roots)) }
}

extension RelativePath {
    /// Where `text` leads if nothing on the way is a symlink; `nil` where that is outside of the workspace.
    init?(lexically text: String, roots: [String]) {
        var components = text.utf8.split(separator: 47)[...]
        if text.hasPrefix("/") {
            let prefixes = roots.map { $0.utf8.split(separator: 47) }
            guard let root = prefixes.first(where: { components.starts(with: $0, by: { $0.elementsEqual($1) }) }) else {
                return nil
            }
            components = components.dropFirst(root.count)
        }
        var result: [Substring.UTF8View] = []
        for component in components where !component.elementsEqual(".".utf8) {
            if !component.elementsEqual("..".utf8) {
                result.append(component)
            } else if result.popLast() == nil {
                return nil
            }
        }
        self.init(bytes: Array(result.joined(separator: [47])))
    }

    /// What rules call it: the path below the root, the same with a slash for what is a directory, and absolute ones.
    func subject(roots: [String]) -> CallSubject {
        let own = isRoot ? ["."] : [description, description + "/"]
        return CallSubject(own + roots.map { isRoot ? $0 : "\($0)/\(description)" })
    }
}
