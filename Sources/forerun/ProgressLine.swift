import ForerunRuntime
import Synchronization

/// One line on a terminal's standard error that says how far something is.
final class ProgressLine: Sendable {
    private struct State {
        var last: ContinuousClock.Instant?
        var isShown: Bool
    }

    private let state: Mutex<State>

    /// - Parameter isShown: standard error is a terminal.
    init(isShown: Bool) { state = Mutex(State(isShown: isShown)) }

    /// Shows a line, but not more often than people can read.
    func show(_ line: String) {
        state.withLock { state in
            let now = ContinuousClock.now
            guard state.isShown, state.last.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
            state.last = now
            OutputFile.error.write("\r\u{1B}[K\(line)")
        }
    }

    func clear() {
        state.withLock { state in
            if state.last != nil { OutputFile.error.write("\r\u{1B}[K") }
            state.last = nil
            state.isShown = false
        }
    }
}
