import Foundation
import Glibc

/// A home of its own for a test, with a workspace in it; removed with the last reference.
final class TemporaryHome: Sendable {
    let path: String
    var workspace: String { path + "/workspace" }

    init(files: [String: String] = ["a.txt": "one\ntwo\n"]) throws {
        path = "/tmp/forerun-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path + "/workspace", withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
    }

    deinit {
        chmod(workspace, 0o755)
        try? FileManager.default.removeItem(atPath: path)
    }

    /// All that the program gets to see of the environment.
    var variables: [String: String] {
        [
            "HOME": path, "PATH": "/usr/local/bin:/usr/bin:/bin", "FORERUN_SHARE": Program.root, "LANG": "C.UTF-8",
            "TMPDIR": "/tmp",
        ]
    }

    /// Writes a file of the workspace, or elsewhere below the home (`../…`).
    func write(_ name: String, _ text: String) throws {
        let file = URL(filePath: workspace + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    func read(_ name: String) -> String? { try? String(contentsOfFile: workspace + "/" + name, encoding: .utf8) }

    func configure(_ yaml: String) throws { try write("../.config/forerun/config.yaml", yaml) }

    /// Everything in the workspace, by path.
    var contents: [String: String] {
        var result: [String: String] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: workspace) ?? .init() {
            let mode = (try? FileManager.default.attributesOfItem(atPath: workspace + "/" + name))?[.posixPermissions]
            result[name] = "\(mode ?? "") \(read(name) ?? "directory")"
        }
        return result
    }
}
