import Foundation
import Glibc
import Testing

/// The built program, and what tests give it.
enum Program {
    /// What a process came to.
    struct Result {
        var status: Int32
        var output: String
        var error: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    enum Input {
        case null
        case text(String)
        case file(String)
        /// A pipe that nobody writes to and nobody closes.
        case silence
        /// A terminal of 80 columns and 24 rows, for output and errors as well.
        case terminal
    }

    /// The root of the repository.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// Beside the tests, where the package manager puts all products.
    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(filePath: tests).deletingLastPathComponent().path + "/forerun"
        return access(beside, X_OK) == 0 ? beside : root + "/.build/debug/forerun"
    }()

    /// Runs the program to its end; kills it after `limit` seconds.
    static func run(
        _ arguments: [String], in home: TemporaryHome, input: Input = .null, variables: [String: String] = [:],
        through wrapper: [String] = [], limit: Double = 60
    ) async throws -> Result {
        let running = try Running(arguments, home, input, variables, wrapper)
        return try await running.end(limit: limit)
    }
}
