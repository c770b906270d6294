import Glibc
import Testing

@testable import ForerunWorkspace

/// A directory of a test, removed with this object.
final class TemporaryDirectory: Sendable {
    let path: String
    let directory: Directory

    init(in place: String = "/tmp", _ files: [String: String] = [:]) throws {
        var template = Array("\(place)/forerun-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError("make a directory in \(place)", code: errno) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        directory = try Directory(path)
        for (name, text) in files { write(name, text) }
    }

    deinit {
        guard let parent = try? Directory(path + "/..") else { return }
        try? parent.removeTree(RelativePath(String(path.split(separator: "/").last ?? "")))
    }

    func write(_ name: String, _ text: String, mode: UInt32 = 0o644) {
        let path = RelativePath(name)
        for parent in path.ancestors { try? directory.createDirectory(parent, mode: 0o755) }
        do {
            try directory.removeTree(path)
            try directory.create(path, content: Array(text.utf8), mode: mode, modified: Signature.now())
        } catch {
            Issue.record(error)
        }
    }

    func text(_ name: String) -> String? {
        (try? directory.content(of: RelativePath(name))).map { String(decoding: $0, as: UTF8.self) }
    }

    func signature(_ name: String) -> Signature? { try? directory.signature(of: RelativePath(name)) }

    /// The paths below, sorted.
    var names: [String] {
        var names: [String] = []
        try? directory.walk { path, signature in
            names.append(path.description)
            return true
        }
        return names
    }
}
