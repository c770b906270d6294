import Dispatch
import ForerunRuntime
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM: the first one ends what runs cleanly, the second one ends the process at once.
final class Signals: Sendable {
    private struct State {
        var count = 0
        var end: (@Sendable () -> Void)?
    }

    private static let numbers = [SIGINT, SIGTERM]
    private let queue = DispatchQueue(label: "forerun.signals")
    private let state = Mutex(State())

    init() {
        for number in Self.numbers {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            // The source keeps itself: it lives as long as the process.
            source.setEventHandler { [self] in withExtendedLifetime(source) { arrived() } }
            source.activate()
        }
    }

    /// - Parameter end: ends what runs. Called at once if the signal was there before.
    func onFirst(_ end: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.end = end
            return state.count > 0
        }
        if isLate { end() }
    }

    /// What ran is over: a signal now ends the process, and nothing is kept alive for it.
    func clear() { state.withLock { $0.end = nil } }

    private func arrived() {
        let (count, end) = state.withLock { state in
            state.count += 1
            return (state.count, state.end)
        }
        guard count == 1, let end else {
            Console.restoreTerminal()
            // Sandboxed children die with this process.
            OutputFile.error.write("\n")
            TerminalMode.restore()
            _exit(ExitStatus.interrupted.code)
        }
        end()
    }
}
