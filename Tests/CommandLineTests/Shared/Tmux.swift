import Foundation
import Glibc
import Testing

/// A shell in a terminal of tmux, as a person would sit at it.
final class Tmux: Sendable {
    private let socket: String

    /// - Parameter variables: beside those of the home.
    init(
        _ home: TemporaryHome, columns: Int = 80, rows: Int = 24, variables: [String: String] = [:]
    ) throws {
        socket = home.path + "/tmux"
        let all = home.variables.merging(["FORERUN": Program.path, "PS1": "ready> "]) { $1 }.merging(variables) { $1 }
        let settings = all.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        // Nothing of a person's own settings, and no history.
        let shell = "cd \(home.workspace) && exec env -i \(settings) TERM=$TERM bash --norc --noprofile"
        let status = run(["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", shell]).status
        guard status == 0 else { throw POSIXError(.ENOEXEC) }
    }

    deinit { _ = run(["kill-server"]) }

    /// What is on the screen, without spaces at the ends of lines.
    var screen: String { run(["capture-pane", "-p"]).output }

    /// The same with the sequences that colour it.
    var painted: String { run(["capture-pane", "-p", "-e"]).output }

    var lines: [String] { screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    /// Presses keys, by tmux's names: `C-c`, `PageDown`, `d`.
    func press(_ keys: String...) { _ = run(["send-keys"] + keys) }

    /// Types a command line and Enter.
    func enter(_ line: String) {
        _ = run(["send-keys", "-l", line])
        press("Enter")
    }

    func resize(columns: Int, rows: Int) { _ = run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"]) }

    /// Waits until the screen shows what `condition` looks for.
    func wait(_ what: String, limit: Double = 120, until condition: (String) -> Bool) async throws {
        for _ in 0..<Int(limit * 20) {
            if condition(screen) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the screen never showed \(what):\n\(screen)")
    }

    private func run(_ arguments: [String]) -> (status: Int32, output: String) {
        let words = ["tmux", "-S", socket] + arguments
        let line = words.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }.joined(separator: " ")
        // Not inherited by what other tests start meanwhile.
        guard let pipe = popen("LANG=C.UTF-8 TMUX= TERM=xterm-256color \(line) 2>&1", "re") else { return (-1, "") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, 65_536, pipe)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return (pclose(pipe), String(decoding: bytes, as: UTF8.self))
    }
}
