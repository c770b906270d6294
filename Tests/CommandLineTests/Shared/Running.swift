import Foundation
import Glibc
import Synchronization
import Testing

/// A process of the program.
final class Running: Sendable {
    let process: pid_t
    private let home: TemporaryHome
    private let directory: String
    /// The other end of its standard input, kept open; of its terminal, where it has one.
    private let other: Int32?
    private let isTerminal: Bool
    private let drained = Mutex("")

    init(
        _ arguments: [String], _ home: TemporaryHome, _ input: Program.Input = .null,
        _ variables: [String: String] = [:],
        _ wrapper: [String] = []
    ) throws {
        self.home = home
        directory = home.path + "/process-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if case .terminal = input { isTerminal = true } else { isTerminal = false }
        let words = ["env", "-C", home.workspace] + wrapper + [Program.path] + arguments
        // A child that is started meanwhile must not inherit the ends of this one's pipe.
        (process, other) = try Self.spawning.withLock { [directory] _ in
            try Self.spawn(words, home.variables.merging(variables) { $1 }, input, directory)
        }
    }

    deinit { if let other { close(other) } }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Types into its terminal.
    func type(_ text: String) {
        if let other { _ = text.withCString { write(other, $0, strlen($0)) } }
    }

    /// Whether its terminal gathers whole lines, and shows them as they are typed; `nil`: it has none.
    var isCanonical: Bool? {
        var modes = termios()
        guard isTerminal, let other, tcgetattr(other, &modes) == 0 else { return nil }
        return modes.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO)
    }

    /// What it wrote so far; of a terminal, errors included.
    var output: String {
        guard isTerminal else { return (try? String(contentsOfFile: directory + "/output", encoding: .utf8)) ?? "" }
        return drained.withLock { text in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while let other, case let count = read(other, &buffer, buffer.count), count > 0 {
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return text
        }
    }

    var error: String { (try? String(contentsOfFile: directory + "/error", encoding: .utf8)) ?? "" }

    /// Waits until standard output holds what `condition` looks for.
    func waitForOutput(limit: Double = 180, _ condition: (String) -> Bool) async throws {
        for _ in 0..<Int(limit * 100) {
            if condition(output) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("standard output never held what was waited for: \(output) \(error)")
    }

    /// Waits for the end; kills the process after `limit` seconds.
    func end(limit: Double = 180) async throws -> Program.Result {
        for _ in 0..<Int(limit * 100) {
            _ = output
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

extension Running {
    private static let spawning = Mutex(())

    private static func spawn(
        _ words: [String], _ variables: [String: String], _ input: Program.Input, _ directory: String
    ) throws -> (pid_t, other: Int32?) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var ends: [Int32] = []
        for (number, name) in [(Int32(1), "output"), (2, "error")] {
            posix_spawn_file_actions_addopen(
                &actions, number, directory + "/" + name, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        switch input {
        case .null: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
        case .text, .silence:
            ends = [0, 0]
            guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        case .terminal:
            let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var number: CInt = 0
            var lock: CInt = 0
            // TIOCSPTLCK and TIOCGPTN: what unlockpt and ptsname do.
            guard terminal >= 0, ioctl(terminal, 0x4004_5431, &lock) == 0, ioctl(terminal, 0x8004_5430, &number) == 0
            else {
                throw POSIXError(.ENODEV)
            }
            let name = "/dev/pts/\(number)"
            _ = fcntl(terminal, F_SETFD, FD_CLOEXEC)
            _ = fcntl(terminal, F_SETFL, O_NONBLOCK)
            var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
            ends = [terminal]
            // The first terminal that the leader of a session opens becomes its own.
            posix_spawnattr_setflags(&attributes, 0x80)
            posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
            for number in [Int32(1), 2] { posix_spawn_file_actions_adddup2(&actions, 0, number) }
        }
        var process = pid_t()
        let status = withArrayOfCStrings(words) { words in
            withArrayOfCStrings(variables.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawnp(&process, "env", &actions, &attributes, words, environment)
            }
        }
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .ENOENT) }
        guard ends.count == 2 else { return (process, ends.first) }
        close(ends[0])
        guard case .text(let text) = input else { return (process, ends[1]) }
        _ = text.withCString { write(ends[1], $0, strlen($0)) }
        close(ends[1])
        return (process, nil)
    }
}

private func withArrayOfCStrings<Value>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value
{
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
