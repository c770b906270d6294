import ForerunEndpoints
import Glibc
import Testing

/// A key in a file of its own, removed with the last reference. (The environment is no place for tests that run at once:
/// whoever writes it disturbs whoever reads it.)
final class KeyFile {
    private let path: String

    init(_ key: String) throws {
        path = "/tmp/forerun-key-\(UInt64.random(in: 0...UInt64.max))"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(write(descriptor, key, key.utf8.count) == key.utf8.count)
    }

    deinit { unlink(path) }

    var source: KeySource { .file(path) }
}
