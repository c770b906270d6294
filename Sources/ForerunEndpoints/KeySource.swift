package import ForerunCore
import Glibc

/// Where the key of an endpoint comes from.
package enum KeySource: Sendable, Hashable {
    /// The endpoint wants no key.
    case none
    /// An environment variable.
    case environment(String)
    /// A file that only its owner can read. A leading `~/` stands for the home directory.
    case file(String)

    /// Reads `env:NAME`, `file:PATH` or `none`, as they are written in configuration; `nil` for anything else.
    ///
    /// A key itself is never accepted there: configuration is shared and committed.
    package init?(_ text: String) {
        switch text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) {
        case ["none"]: self = .none
        case let parts where parts.count == 2 && parts[0] == "env" && !parts[1].isEmpty: self = .environment(parts[1])
        case let parts where parts.count == 2 && parts[0] == "file" && !parts[1].isEmpty: self = .file(parts[1])
        default: return nil
        }
    }

    /// The key; `nil` where none is wanted.
    ///
    /// - Throws: a failure of kind `.authentication` that says what to set or to change.
    package func resolve() throws(ModelFailure) -> Secret? {
        switch self {
        case .none: return nil
        case .environment(let name):
            let value = getenv(name).map { String(cString: $0) } ?? ""
            return try Self.secret(Array(value.utf8), from: "The environment variable \(name)", remedy: remedy)
        case .file(let path):
            return try Self.secret(Self.contents(of: Self.expanded(path)), from: "The key file \(path)", remedy: remedy)
        }
    }

    /// The same for a token that a server of ours asks for, and has to compare itself; `nil` where none is wanted.
    package func resolveToken() throws(ModelFailure) -> String? { try resolve()?.exposed }

    /// What to do where the key is missing or wrong.
    package var remedy: String {
        switch self {
        case .none: "Name the key of this endpoint: key: env:NAME or key: file:PATH."
        case .environment(let name): "Set \(name) to a valid key."
        case .file(let path): "Write a valid key into \(path)."
        }
    }

    private static func secret(_ bytes: [UInt8], from place: String, remedy: String) throws(ModelFailure) -> Secret {
        var key = bytes[...]
        while let first = key.first, first <= 0x20 { key.removeFirst() }
        while let last = key.last, last <= 0x20 { key.removeLast() }
        guard !key.isEmpty else { throw ModelFailure(.authentication, "\(place) holds no key", remedy: remedy) }
        guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ModelFailure(
                .authentication, "\(place) holds a key with spaces, line breaks or characters outside ASCII",
                remedy: remedy)
        }
        return Secret(String(decoding: key, as: UTF8.self))
    }

    private static func contents(of path: String) throws(ModelFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ModelFailure(
                .authentication, "The key file \(path) cannot be read: \(String(cString: strerror(errno)))",
                remedy: "Write the key into it, for you alone: chmod 600 \(path).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ModelFailure(
                .authentication, "\(path) is no file", remedy: "Name a file that holds nothing but the key.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ModelFailure(
                .authentication,
                "Others can read the key file \(path) (mode \(String(status.st_mode & 0o777, radix: 8)))",
                remedy: "Keep it to yourself: chmod 600 \(path).")
        }
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    private static func expanded(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
        return String(cString: home) + path.dropFirst()
    }
}
