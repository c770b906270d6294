import Glibc
import Synchronization

/// The shared state of an ``EngineProcess`` and of the thread that reads what it writes.
///
/// A thread of its own, since `read` blocks; there are as many as engines, that is, a handful.
final class EngineLink: Sendable {
    private struct Exchange {
        let number: Int
        let isLast: @Sendable (String) -> Bool
        let continuation: CheckedContinuation<Result<[String], EngineFailure>, Never>
        var lines: [String] = []
    }

    private struct State {
        var exchange: Exchange?
        var lastNumber = 0
        /// Why nobody can talk to the process any more.
        var end: EngineFailure?
        /// Until its status is collected, the process id can name no other process.
        var isGone = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// No UCI line comes near this; who writes so much without a line break is no engine.
    private static let longestLine = 1 << 20

    private let socket: Int32
    private let processID: Int32
    private let state = Mutex(State())

    init(socket: Int32, processID: Int32) {
        self.socket = socket
        self.processID = processID
    }

    var isRunning: Bool { state.withLock { $0.end == nil } }

    func nextNumber() -> Int {
        state.withLock {
            $0.lastNumber += 1
            return $0.lastNumber
        }
    }

    // MARK: Talking

    func begin(
        _ number: Int, isLast: @escaping @Sendable (String) -> Bool,
        continuation: CheckedContinuation<Result<[String], EngineFailure>, Never>
    ) {
        let refusal = state.withLock { state -> EngineFailure? in
            if let end = state.end { return end }
            guard state.exchange == nil else { return EngineFailure(.busy, "one exchange at a time") }
            state.exchange = Exchange(number: number, isLast: isLast, continuation: continuation)
            return nil
        }
        if let refusal { continuation.resume(returning: .failure(refusal)) }
    }

    /// Sends `lines` unless the exchange is over.
    @discardableResult
    func send(_ lines: [String], exchange number: Int) -> Bool {
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        return state.withLock { state in
            guard state.exchange?.number == number, state.end == nil else { return false }
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Glibc.send(
                        socket, buffer.baseAddress! + sent, bytes.count - sent,
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
                if count >= 0 {
                    sent += count
                } else if errno != EINTR {
                    // Gone, or it has left some 200 KB unread: then it does not listen any more.
                    end(&state, because: EngineFailure(.died, "it takes no input: \(String(cString: strerror(errno)))"))
                    return false
                }
            }
            return true
        }
    }

    func closeInput() {
        state.withLock { if !$0.isGone { shutdown(socket, Int32(SHUT_WR)) } }
    }

    // MARK: Ending

    func kill(because reason: EngineFailure) { state.withLock { end(&$0, because: reason) } }

    func kill(because reason: EngineFailure, ifStillIn number: Int) {
        state.withLock { if $0.exchange?.number == number { end(&$0, because: reason) } }
    }

    private func end(_ state: inout State, because reason: EngineFailure) {
        guard !state.isGone else { return }
        state.end = state.end ?? reason
        Glibc.kill(-processID, SIGKILL)
    }

    func whenGone(resume continuation: CheckedContinuation<Void, Never>) {
        let isGone = state.withLock { state in
            if !state.isGone { state.waiting.append(continuation) }
            return state.isGone
        }
        if isGone { continuation.resume() }
    }

    /// Ends and collects a process that nobody reads from.
    func abandon() {
        kill(because: EngineFailure(.noResources, "no thread to read from it"))
        collect()
    }

    // MARK: Reading

    /// Starts the thread.
    ///
    /// - Returns: 0 or the error number.
    func startReading() -> Int32 {
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<EngineLink>.fromOpaque(context).takeRetainedValue().read() }
                return nil
            }, context.toOpaque())
        if code == 0 { pthread_detach(thread) } else { context.release() }
        return code
    }

    private func read() {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0, pending.count < Self.longestLine else { break }
            pending += buffer[..<count]
            guard let lastBreak = pending.lastIndex(of: 0x0A) else { continue }
            for line in pending[..<lastBreak].split(separator: 0x0A, omittingEmptySubsequences: false) {
                received(String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self))
            }
            pending.removeSubrange(...lastBreak)
        }
        collect()
    }

    private func received(_ line: String) {
        let finished = state.withLock { state -> Exchange? in
            state.exchange?.lines.append(line)
            guard let exchange = state.exchange, exchange.isLast(line) else { return nil }
            state.exchange = nil
            return exchange
        }
        finished?.continuation.resume(returning: .success(finished?.lines ?? []))
    }

    /// Waits for the end of the process, which may have closed its output long before, and tells everybody.
    private func collect() {
        shutdown(socket, Int32(SHUT_RDWR))
        // A process that has closed its output is of no use; one that is about to exit by itself gets a moment for it.
        var information = siginfo_t()
        for _ in 0..<100 {
            information = siginfo_t()
            let code = waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT | WNOHANG)
            if code != 0 || information.si_signo != 0 { break }
            usleep(1_000)
        }
        Glibc.kill(-processID, SIGKILL)
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}

        let (exchange, end, waiting) = state.withLock { state in
            var status: Int32 = 0
            waitpid(processID, &status, 0)
            close(socket)
            state.isGone = true
            let end = state.end ?? EngineFailure(.died, Self.describe(status))
            state.end = end
            defer {
                state.exchange = nil
                state.waiting = []
            }
            return (state.exchange, end, state.waiting)
        }
        exchange?.continuation.resume(returning: .failure(end))
        for continuation in waiting { continuation.resume() }
    }

    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "it exited with status \((status >> 8) & 0xFF)" : "it was ended by signal \(signal)"
    }
}
