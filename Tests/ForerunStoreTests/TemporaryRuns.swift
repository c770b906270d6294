import FoundationEssentials
import Testing

@testable import ForerunStore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A directory for runs that disappears with its owner.
final class TemporaryRuns {
    let root: String
    let directory: RunStateDirectory

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "forerun-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        directory = try RunStateDirectory(environment: { [root] in $0 == "XDG_STATE_HOME" ? root : nil })
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }
}

/// The permissions of a file.
func mode(of path: String) throws -> UInt32 {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return UInt32(status.st_mode) & 0o777
}
