import Glibc
import Testing

@testable import ForerunWorkspace

struct RunningCommandTests {
    /// Nobody had a turn to notice: that is no reason to say that it took too long.
    @Test func whatHasEndedWasInTime() throws {
        let running = RunningCommand()
        let session = try Self.session("exit 0")
        // Stays a zombie, as a process does whose end was not read.
        var info = siginfo_t()
        #expect(waitid(P_PID, id_t(session), &info, WEXITED | WNOWAIT) == 0)
        running.started(session: session)
        running.timeOut()
        #expect(running.reason == nil)
        #expect(waitpid(session, nil, 0) == session)
    }

    @Test func whatRunsIsStopped() throws {
        let running = RunningCommand()
        let session = try Self.session("sleep 1000")
        running.started(session: session)
        running.timeOut()
        #expect(running.reason == .timedOut)
        var status: Int32 = 0
        #expect(waitpid(session, &status, 0) == session)
        #expect(status & 0x7f == SIGKILL)
    }

    @Test func nothingIsStoppedWhenItIsFinished() throws {
        let running = RunningCommand()
        running.finished()
        running.timeOut()
        #expect(running.reason == nil)
    }

    /// A shell in a session of its own.
    private static func session(_ command: String) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID, which is not imported.
        posix_spawnattr_setflags(&attributes, 0x80)
        var arguments: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", command].map { (argument: String) in
            strdup(argument)
        }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var id: pid_t = 0
        try #require(posix_spawn(&id, "/bin/sh", nil, &attributes, &arguments, environ) == 0)
        return id
    }
}
