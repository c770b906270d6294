import Glibc
import Synchronization

/// A child process that takes lines and answers with lines.
///
/// One socket pair is its standard input and output: a socket, unlike a pipe, can be written to without risking SIGPIPE
/// when the process has just died. The process ends when this object goes, and also when the whole program does, since
/// its input then ends. It gets a process group of its own, so that Ctrl-C in a terminal does not reach it.
package final class EngineProcess: Sendable {
    package let processID: Int32
    private let link: EngineLink

    /// - Parameters:
    ///   - executable: the path of the program.
    ///   - niceness: what is added to the scheduling niceness, 0…19.
    package init(executable: String, arguments: [String] = [], niceness: Int = 0) throws(EngineFailure) {
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            throw Self.failure(.noResources, executable, errno)
        }
        let child = Self.spawn(executable, arguments, standardStreams: sockets[1])
        close(sockets[1])
        switch child {
        case .success(let pid):
            processID = pid
        case .failure(let error):
            close(sockets[0])
            throw error
        }
        if niceness > 0 {
            // By group: on Linux a niceness belongs to a thread, and the engine may have started some already.
            setpriority(__priority_which_t(PRIO_PGRP.rawValue), id_t(processID), Int32(min(niceness, 19)))
        }
        link = EngineLink(socket: sockets[0], processID: processID)
        let error = link.startReading()
        guard error == 0 else {
            link.abandon()
            throw Self.failure(.noResources, executable, error)
        }
    }

    deinit { link.kill(because: EngineFailure(.closed, "its owner is gone")) }

    /// Whether it can still be talked to.
    package var isRunning: Bool { link.isRunning }

    /// Ends the process group at once. Who waits for an answer gets `reason`.
    package func kill(because reason: EngineFailure) { link.kill(because: reason) }

    /// Closes the standard input, by which a well-behaved engine knows that it is to end.
    package func closeInput() { link.closeInput() }

    /// Returns when the process is gone and its exit status has been collected.
    package func waitUntilGone() async {
        await withCheckedContinuation { link.whenGone(resume: $0) }
    }

    /// Sends `lines` and collects what comes back, up to the first line for which `isLast` holds.
    ///
    /// - Parameter interrupt: sent when the task is cancelled. The process then has `grace` to come to its last line,
    ///   else it is killed. Without, the exchange is too short to be worth interrupting, and has `grace` in all.
    package func exchange(
        _ lines: [String], interrupt: String? = nil, grace: Duration = .seconds(30),
        until isLast: @escaping @Sendable (String) -> Bool
    ) async throws(EngineFailure) -> [String] {
        let link = link
        let number = link.nextNumber()
        let watchdog = interrupt == nil ? Self.watch(link, exchange: number, for: grace) : nil
        let result: Result<[String], EngineFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                link.begin(number, isLast: isLast, continuation: continuation)
                guard link.send(lines, exchange: number) else { return }
                // Cancelled before there was anything to interrupt: the handler has then run too early.
                if let interrupt, Task.isCancelled { link.send([interrupt], exchange: number) }
            }
        } onCancel: {
            guard let interrupt else { return }
            link.send([interrupt], exchange: number)
            _ = Self.watch(link, exchange: number, for: grace)
        }
        watchdog?.cancel()
        return try result.get()
    }

    /// Kills the process if it has not finished the exchange in time. The task outlives the caller's cancellation.
    private static func watch(_ link: EngineLink, exchange: Int, for grace: Duration) -> Task<Void, Never> {
        Task {
            guard (try? await Task.sleep(for: grace)) != nil else { return }
            link.kill(because: EngineFailure(.died, "no answer within \(grace); it was killed"), ifStillIn: exchange)
        }
    }

    private static func failure(_ kind: EngineFailure.Kind, _ executable: String, _ code: Int32) -> EngineFailure {
        EngineFailure(kind, "\(executable): \(String(cString: strerror(code)))")
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], standardStreams socket: Int32
    ) -> Result<Int32, EngineFailure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that this program ignores or blocks are none of the engine's business.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, executable, &actions, &attributes, &argv, environ)
        switch code {
        case 0: return .success(pid)
        case ENOENT, EACCES, ENOEXEC, ENOTDIR:
            var error = failure(.missing, executable, code)
            error.remedy = EngineLocation.remedy
            return .failure(error)
        default: return .failure(failure(.noResources, executable, code))
        }
    }
}
