import FoundationEssentials
import Testing

@testable import ForerunRuntime

struct ResourceLocatorTests {
    private static let text = "---\ndescription: Mine.\n---"

    @Test func nearerFilesWinOnceTheProjectIsTrusted() throws {
        let scene = try Scene()
        #expect(try ResourceLocator(scene.places()).agent("coder") == repository + "/Agents/coder.md")
        try scene.write("home/.config/forerun/agents/coder.md", Self.text)
        let users = scene.user + "/agents/coder.md"
        #expect(try ResourceLocator(scene.places()).agent("coder") == users)
        try scene.write("project/.forerun/agents/coder.md", Self.text)
        #expect(try ResourceLocator(scene.places()).agent("coder") == users)
        try scene.places().trustedProjects.trust(scene.project)
        let locator = try ResourceLocator(scene.places())
        #expect(try locator.agent("coder") == scene.project + "/.forerun/agents/coder.md")
        #expect(locator.agents().map(\.name) == ["chess", "coder", "shell"])
        #expect(locator.agents().map(\.origin) == [.shipped, .project, .shipped])
    }

    @Test func unknownAgentsAreExplained() throws {
        let scene = try Scene()
        let locator = try ResourceLocator(scene.places())
        #expect(complaint { try locator.agent("coderr") } == "unknown agent “coderr”. Did you mean “coder”?")
        #expect(
            complaint { try locator.agent("gardener") }
                == "unknown agent “gardener”. Known here: chess, coder, shell")
        #expect(
            complaint { try locator.agent("./gardener.md") }
                == "there is no agent file ./gardener.md. `forerun agents` lists the agents by name")
        let path = scene.project + "/.forerun/agents/gardener.md"
        try scene.write("project/.forerun/agents/gardener.md", Self.text)
        #expect(
            complaint { try locator.agent("gardener") }
                == "agent “gardener” belongs to a project that is not trusted: \(path). "
                + "Read it, then trust the project (forerun init --trust) or name the file itself")
        #expect(try locator.agent(path) == path)
    }

    @Test func missingShippedFilesAreExplained() throws {
        let scene = try Scene()
        let places = ConfigurationPlaces(
            home: scene.root, userDirectory: scene.user, project: nil, share: scene.root + "/nowhere")
        #expect(
            complaint { try ResourceLocator(places).agent("coder") }
                == "unknown agent “coder”, and the shipped ones are nowhere to be found. "
                + "Set FORERUN_SHARE to the directory that holds Agents and Prompts")
    }

    @Test func promptsAreFoundTheSameWay() throws {
        let scene = try Scene()
        #expect(try ResourceLocator(scene.places()).prompt("speculator").contains("{{#tools}}"))
        try scene.write("home/.config/forerun/prompts/speculator.mustache", "mine")
        #expect(try ResourceLocator(scene.places()).prompt("speculator") == "mine")
    }

    @Test func shippedFilesAreFoundFromTheExecutable() throws {
        let scene = try Scene()
        func share(_ executable: String) throws -> String? {
            try ConfigurationPlaces(environment: [:], workspace: scene.root, executable: executable).share
        }
        // Installed: PREFIX/bin and PREFIX/share.
        for path in ["bin/forerun", "share/forerun/Agents/a.md", "share/forerun/Prompts/p.mustache"] {
            try scene.write("prefix/" + path, "")
        }
        let root = try #require(FileAccess.canonical(scene.root))
        #expect(try share(scene.root + "/prefix/bin/forerun") == root + "/prefix/share/forerun")
        // Built in a checkout, also through a link.
        for path in [".build/debug/forerun", "Agents/a.md", "Prompts/p.mustache"] {
            try scene.write("checkout/" + path, "")
        }
        try FileManager.default.createSymbolicLink(
            atPath: scene.root + "/link", withDestinationPath: scene.root + "/checkout/.build/debug/forerun")
        #expect(try share(scene.root + "/link") == root + "/checkout")
        #expect(try share(scene.root + "/home") == nil)
    }

    @Test func projectsAreLookedForUpToTheRepository() throws {
        let scene = try Scene()
        try scene.write("project/deep/down/file", "")
        let trusted = try scene.places().trustedProjects
        #expect(try Project(around: scene.project + "/deep/down", trusted: trusted)?.root == scene.project)
        try scene.write("project/deep/.git", "")
        #expect(try Project(around: scene.project + "/deep/down", trusted: trusted) == nil)
        #expect(try Project(around: scene.root + "/nowhere", trusted: trusted) == nil)
    }

    @Test func trustIsKept() throws {
        let scene = try Scene()
        let trusted = try scene.places().trustedProjects
        #expect(try !trusted.contains(scene.project))
        try trusted.trust(scene.root + "/project/../project")
        try trusted.trust(scene.project)
        #expect(try trusted.contains(scene.project))
        #expect(try FileAccess.text(of: trusted.file) == scene.project + "\n")
        #expect(complaint { try trusted.trust("/nowhere/at/all") }.hasPrefix("there is no directory /nowhere/at/all"))
    }

    @Test func filesThatCannotBeReadAreExplained() throws {
        let scene = try Scene()
        try FileManager.default.createDirectory(
            atPath: scene.user + "/config.yaml", withIntermediateDirectories: true)
        #expect(
            complaint { try scene.layers() }
                == "\(scene.user)/config.yaml: cannot be read: it is a directory. Check its permissions")
        let other = try Scene()
        try other.write("home/.config/forerun/config.yaml", "")
        try Data([0x61, 0xFF]).write(to: URL(filePath: other.user + "/config.yaml"))
        #expect(
            complaint { try other.layers() }
                == "\(other.user)/config.yaml: the file is not UTF-8. Save it as UTF-8")
    }
}
