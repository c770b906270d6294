import FoundationEssentials

@testable import ForerunRuntime

/// A user's home, a project and a configuration of their own, on a real file system.
struct Scene: ~Copyable {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/forerun-configuration-\(UUID().uuidString)"
        for directory in ["/home", "/project/.forerun"] {
            try FileManager.default.createDirectory(atPath: root + directory, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    var project: String { FileAccess.canonical(root + "/project") ?? "" }
    var user: String { root + "/home/.config/forerun" }

    func write(_ path: String, _ text: String) throws { try FileAccess.replace(root + "/" + path, with: text) }

    func places() throws -> ConfigurationPlaces {
        try ConfigurationPlaces(
            environment: ["HOME": root + "/home", "FORERUN_SHARE": repository], workspace: root + "/project")
    }

    func layers(
        environment: [String: String] = [:], flags: [ConfigurationAssignment] = []
    ) throws -> ConfigurationLayers {
        try ConfigurationLayers(places: places(), environment: environment, flags: flags)
    }
}

/// The root of the checkout, above `Tests/ForerunRuntimeTests/Configuration`.
let repository: String = {
    var path = #filePath
    for _ in 0..<4 { path = FileAccess.parent(of: path) }
    return path
}()

/// The one line that `body` fails with.
func complaint<Result>(_ body: () throws -> Result) -> String {
    do {
        _ = try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}

/// A configuration made of one user file.
func resolved(_ yaml: String) throws -> ResolvedConfiguration {
    let scene = try Scene()
    try scene.write("home/.config/forerun/config.yaml", yaml)
    return try scene.layers().resolved()
}

/// What is wrong with a front matter; its file is called `some.md`.
func agentComplaint(_ frontMatter: String) -> String {
    complaint { try AgentDefinition(text: "---\n\(frontMatter)\n---\nBody", file: "some.md") }
}
