/// The project that a run takes place in: the nearest directory with a `.forerun` in it.
package struct Project: Sendable, Hashable {
    /// Absolute, without links.
    package let root: String
    /// The user said that its configuration and agents count in full.
    package let isTrusted: Bool

    package var directory: String { root + "/.forerun" }

    package init(root: String, isTrusted: Bool) {
        self.root = root
        self.isTrusted = isTrusted
    }

    /// Looks from `directory` upwards, at most to the root of its repository.
    package init?(around directory: String, trusted: TrustedProjects) throws(ConfigurationError) {
        guard var current = FileAccess.canonical(directory) else { return nil }
        while true {
            if FileAccess.isDirectory(current + "/.forerun") {
                self.init(root: current, isTrusted: try trusted.contains(current))
                return
            }
            if current == "/" || FileAccess.exists(current + "/.git") { return nil }
            current = FileAccess.parent(of: current)
        }
    }
}

/// The projects that the user trusts: `trusted-projects` in the user's configuration, one absolute path a line.
package struct TrustedProjects: Sendable {
    package let file: String

    package init(userDirectory: String) { file = userDirectory + "/trusted-projects" }

    package func contains(_ root: String) throws(ConfigurationError) -> Bool { try paths().contains(root) }

    /// Adds a project. A second time changes nothing.
    package func trust(_ root: String) throws(ConfigurationError) {
        guard let path = FileAccess.canonical(root) else {
            throw ConfigurationError(.notFound, "there is no directory \(root)", remedy: "Name one that exists")
        }
        var paths = try paths()
        guard !paths.contains(path) else { return }
        paths.append(path)
        try FileAccess.replace(file, with: paths.map { $0 + "\n" }.joined())
    }

    private func paths() throws(ConfigurationError) -> [String] {
        try FileAccess.text(of: file)?.split(whereSeparator: \.isNewline).map(String.init) ?? []
    }
}
