import Foundation
import Glibc
import Synchronization
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

/// A process of the program.
final class Running: Sendable {
    let process: pid_t
    private let directory: String
    /// The end of a pipe that is kept open.
    private let writer: Int32?

    init(
        _ arguments: [String], _ home: TemporaryHome, _ input: Program.Input = .null, _ variables: [String: String] = [:],
        _ wrapper: [String] = []
    ) throws {
        directory = home.path + "/process-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // A child that is started meanwhile must not inherit the ends of this one's pipe.
        (process, writer) = try Self.spawning.withLock { [directory] _ in
            try Self.spawn(["env", "-C", home.workspace] + wrapper + [Program.path] + arguments, home, input, variables, directory)
        }
    }

    private static let spawning = Mutex(())

    private static func spawn(
        _ words: [String], _ home: TemporaryHome, _ input: Program.Input, _ variables: [String: String], _ directory: String
    ) throws -> (pid_t, writer: Int32?) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var ends: [Int32] = []
        switch input {
        case .null: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
        case .text, .silence:
            ends = [0, 0]
            guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        }
        for (number, name) in [(Int32(1), "output"), (2, "error")] {
            posix_spawn_file_actions_addopen(
                &actions, number, directory + "/" + name, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        let environment = home.variables.merging(variables) { $1 }.map { "\($0.key)=\($0.value)" }
        var process = pid_t()
        let status = withArrayOfCStrings(words) { words in
            withArrayOfCStrings(environment) { environment in
                posix_spawnp(&process, "env", &actions, nil, words, environment)
            }
        }
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .ENOENT) }
        guard let reader = ends.first, let writer = ends.last else { return (process, nil) }
        close(reader)
        guard case .text(let text) = input else { return (process, writer) }
        _ = text.withCString { write(writer, $0, strlen($0)) }
        close(writer)
        return (process, nil)
    }

    deinit { if let writer { close(writer) } }

    func send(_ signal: Int32) { kill(process, signal) }

    var output: String { (try? String(contentsOfFile: directory + "/output", encoding: .utf8)) ?? "" }
    var error: String { (try? String(contentsOfFile: directory + "/error", encoding: .utf8)) ?? "" }

    /// Waits until standard output holds what `condition` looks for.
    func waitForOutput(limit: Double = 30, _ condition: (String) -> Bool) async throws {
        for _ in 0..<Int(limit * 100) {
            if condition(output) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("standard output never held what was waited for: \(output) \(error)")
    }

    /// Waits for the end; kills the process after `limit` seconds.
    func end(limit: Double = 60) async throws -> Program.Result {
        for _ in 0..<Int(limit * 100) {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                let signal = status & 0x7f
                return Program.Result(
                    status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: output, error: error)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        Issue.record("the program did not end within \(limit) seconds: \(output) \(error)")
        return Program.Result(status: -1, output: output, error: error)
    }
}

private func withArrayOfCStrings<Value>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
