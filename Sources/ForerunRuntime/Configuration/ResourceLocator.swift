/// Finds agents and prompts: those of the project, then the user's, then the shipped ones.
package struct ResourceLocator: Sendable {
    package enum Origin: String, Sendable, CaseIterable {
        case project
        case user
        case shipped
    }

    /// A file that was found by name.
    package struct Resource: Sendable, Hashable {
        package var name: String
        package var path: String
        package var origin: Origin
    }

    private enum Kind {
        case agent
        case prompt

        var directory: String { self == .agent ? "agents" : "prompts" }
        var shippedDirectory: String { self == .agent ? "Agents" : "Prompts" }
        var suffix: String { self == .agent ? ".md" : ".mustache" }
        var noun: String { self == .agent ? "agent" : "prompt" }
    }

    package let places: ConfigurationPlaces

    package init(_ places: ConfigurationPlaces) { self.places = places }

    /// All agents, each name once, as a run would find it.
    package func agents() -> [Resource] { resources(.agent) }

    /// The file of an agent: `name` is one of ``agents()``, or the path of a file (with a slash or `.md`).
    package func agent(_ name: String) throws(ConfigurationError) -> String {
        guard !name.contains("/"), !name.hasSuffix(Kind.agent.suffix) else {
            guard FileAccess.exists(name) else {
                throw ConfigurationError(
                    .notFound, "there is no agent file \(name)", remedy: "`forerun agents` lists the agents by name")
            }
            return name
        }
        return try find(name, .agent)
    }

    /// The text of a prompt.
    package func prompt(_ name: String) throws(ConfigurationError) -> String {
        try FileAccess.text(of: try find(name, .prompt)) ?? ""
    }

    private func find(_ name: String, _ kind: Kind) throws(ConfigurationError) -> String {
        let resources = resources(kind)
        if let resource = resources.first(where: { $0.name == name }) { return resource.path }
        if let project = places.project, !project.isTrusted {
            let path = "\(project.directory)/\(kind.directory)/\(name)\(kind.suffix)"
            if FileAccess.exists(path) {
                throw ConfigurationError(
                    .notTrusted, "\(kind.noun) “\(name)” belongs to a project that is not trusted: \(path)",
                    remedy: "Read it, then trust the project (forerun init --trust) or name the file itself")
            }
        }
        if resources.isEmpty {
            throw ConfigurationError(
                .notFound, "unknown \(kind.noun) “\(name)”, and the shipped ones are nowhere to be found",
                remedy: "Set FORERUN_SHARE to the directory that holds Agents and Prompts")
        }
        throw ConfigurationError(
            .notFound, "unknown \(kind.noun) “\(name)”",
            remedy: Suggestion.remedy(for: name, among: resources.map(\.name)))
    }

    private func resources(_ kind: Kind) -> [Resource] {
        var found: [String: Resource] = [:]
        for (origin, directory) in directories(kind) {
            for file in FileAccess.names(in: directory) where file.hasSuffix(kind.suffix) && !file.hasPrefix(".") {
                let name = String(file.dropLast(kind.suffix.count))
                if found[name] == nil {
                    found[name] = Resource(name: name, path: directory + "/" + file, origin: origin)
                }
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// Where to look, best first. The files of a project that is not trusted would replace the user's own.
    private func directories(_ kind: Kind) -> [(Origin, String)] {
        var result: [(Origin, String)] = []
        if let project = places.project, project.isTrusted {
            result.append((.project, "\(project.directory)/\(kind.directory)"))
        }
        result.append((.user, "\(places.userDirectory)/\(kind.directory)"))
        if let share = places.share { result.append((.shipped, "\(share)/\(kind.shippedDirectory)")) }
        return result
    }
}
