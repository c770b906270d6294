/// An agent as its file describes it: settings in the YAML front matter, instructions below.
package struct AgentDefinition: Sendable, Hashable {
    package var name: String
    /// One sentence for people who choose.
    package var description: String
    package var instructions: String
    package var file: String
    /// What the file says of ``AgentSettings``, still to be laid over the defaults.
    package var overrides: ConfigurationValue

    /// Reads and checks the file of an agent.
    package init(file: String) throws(ConfigurationError) {
        guard let text = try FileAccess.text(of: file) else {
            throw ConfigurationError(
                .notFound, "there is no agent file \(file)", remedy: "`forerun agents` lists the agents by name")
        }
        try self.init(text: text, file: file)
    }

    /// Reads and checks an agent.
    ///
    /// - Parameter file: the name for messages; the agent's name is its last component.
    package init(text: String, file: String) throws(ConfigurationError) {
        let (frontMatter, body) = try Self.split(text, file)
        let document = try ConfigurationValue(yaml: frontMatter, file: file, firstLine: 2)
        var draft = AgentDraft()
        var journal = ConfigurationJournal()
        try AgentDraft.schema.apply(document, to: &draft, journal: &journal)

        let base = file.split(separator: "/").last.map(String.init) ?? file
        let expectedName = base.hasSuffix(".md") ? String(base.dropLast(3)) : base
        if let name = draft.name, name != expectedName {
            throw ConfigurationError(
                .unknownValue, "name is “\(name)”, but the file is called \(base)", at: document["name"]?.origin,
                remedy: "Rename one of them, or leave name out")
        }
        guard let description = draft.description else {
            throw ConfigurationError(
                .missing, "the agent has no description", at: .file(file, line: 1),
                remedy: "Add description: with one sentence on what it is for")
        }
        name = expectedName
        self.description = description
        instructions = body
        self.file = file
        overrides = document.without(["name", "description"])
    }

    /// Lays what the file says over `settings`.
    package func apply(
        to settings: inout AgentSettings, journal: inout ConfigurationJournal
    ) throws(ConfigurationError) {
        try AgentSettings.schema.apply(overrides, to: &settings, journal: &journal)
    }

    /// Text between two lines `---`, and what follows.
    private static func split(_ text: String, _ file: String) throws(ConfigurationError) -> (String, String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.first.map(isFence) ?? false else {
            throw ConfigurationError(
                .syntax, "the agent file has no front matter", at: .file(file, line: 1),
                remedy: "Begin it with a line ---, keys such as description:, and another line ---")
        }
        guard let end = lines.dropFirst().firstIndex(where: isFence) else {
            throw ConfigurationError(
                .syntax, "the front matter has no end", at: .file(file, line: 1),
                remedy: "Close it with a line ---")
        }
        let body = lines[(end + 1)...].joined(separator: "\n")
        guard let start = body.firstIndex(where: { !$0.isWhitespace }),
            let last = body.lastIndex(where: { !$0.isWhitespace })
        else { return (lines[1..<end].joined(separator: "\n"), "") }
        return (lines[1..<end].joined(separator: "\n"), String(body[start...last]))
    }

    private static func isFence(_ line: Substring) -> Bool {
        line.hasPrefix("---") && line.dropFirst(3).allSatisfy(\.isWhitespace)
    }
}

/// The front matter, key by key.
private struct AgentDraft: Sendable {
    var name: String?
    var description: String?
    var settings = AgentSettings()

    static let schema = ConfigurationSchema<Self>(
        [.optional("name", \.name, .text), .optional("description", \.description, .text)]
            + AgentSettings.schema.settings.map { $0.lifted(\.settings) })
}

extension ConfigurationValue {
    fileprivate func without(_ keys: Set<String>) -> ConfigurationValue {
        guard case .map(let members) = content else { return self }
        return ConfigurationValue(.map(members.filter { !keys.contains($0.key) }), at: origin)
    }
}
