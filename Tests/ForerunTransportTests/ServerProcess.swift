import ForerunTesting
import Glibc

/// A server program of the system, for as long as a test needs it.
struct ServerProcess {
    static let openSSL = "/usr/bin/openssl"
    static let nghttpd = "/usr/sbin/nghttpd"

    private let process: pid_t

    /// Starts `program` without input, and with its output in the file `log`.
    init(_ program: String, _ arguments: [String], log: String = "/dev/null") throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let code = posix_spawn(&process, program, &actions, nil, &words, environ)
        guard code == 0 else { throw CannotStart(program: program, reason: String(cString: strerror(code))) }
        self.process = process
    }

    func waitUntilExit() { waitpid(process, nil, 0) }

    func stop() {
        kill(process, SIGKILL)
        waitUntilExit()
    }

    struct CannotStart: Error {
        let program: String
        let reason: String
    }
}

/// A directory with a certificate for 127.0.0.1 that no authority signed.
struct TemporaryCertificate {
    let directory: String
    var certificate: String { directory + "/certificate.pem" }
    var key: String { directory + "/key.pem" }

    init() throws {
        var template = Array("/tmp/forerun-tls-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
        try ServerProcess(
            ServerProcess.openSSL,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory + "/key.pem", "-out",
                directory + "/certificate.pem",
            ]
        ).waitUntilExit()
    }

    func remove() {
        for name in ["certificate.pem", "key.pem", "log", "large", "index.html"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}

/// A port that was free a moment ago.
func freePort() throws -> UInt16 {
    let probe = try LoopbackServer { _, _ in }
    probe.close()
    while !probe.isDown { usleep(1000) }
    return probe.port
}
