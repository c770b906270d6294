import ForerunTesting
import ForerunTransport
import Glibc
import Testing

/// TLS with a real server, OpenSSL's own.
struct TLSTests {
    @Test(.enabled(if: access(openSSL, X_OK) == 0, "needs the openssl program"))
    func onlyTrustedCertificatesAreAccepted() async {
        await #expect(processExitsWith: .success) {
            let server = try TLSServer()
            defer { server.stop() }
            try await eventually { server.isListening }
            await expectFailure(.tls, HTTPRequest(.get, server.url))
        }
        await #expect(processExitsWith: .success) {
            let server = try TLSServer()
            defer { server.stop() }
            unsetenv("CURL_CA_BUNDLE")
            setenv("SSL_CERT_FILE", server.certificate, 1)
            try await eventually { server.isListening }
            #expect(try await HTTPClient().send(HTTPRequest(.get, server.url)).status == 200)
        }
        await #expect(processExitsWith: .success) {
            setenv("CURL_CA_BUNDLE", "/no/such/file.pem", 1)
            let server = try TLSServer()
            defer { server.stop() }
            try await eventually { server.isListening }
            await expectFailure(.tls, HTTPRequest(.get, server.url))
        }
    }
}

private let openSSL = "/usr/bin/openssl"

/// `openssl s_server` with a certificate of its own for 127.0.0.1.
private struct TLSServer {
    let port: UInt16
    let certificate: String
    private let process: pid_t

    init() throws {
        var template = Array("/tmp/forerun-tls-XXXXXX".utf8CString)
        let directory = String(cString: mkdtemp(&template))
        certificate = directory + "/certificate.pem"
        let key = directory + "/key.pem"
        let making = Self.start([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        waitpid(making, nil, 0)
        // A port that was free a moment ago.
        let probe = try LoopbackServer { _, _ in }
        port = probe.port
        probe.close()
        while !probe.isDown { usleep(1000) }
        process = Self.start(["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key, "-www"])
    }

    var url: String { "https://127.0.0.1:\(port)/" }
    var isListening: Bool { !refuses(port) }

    func stop() {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        unlink(certificate)
        unlink(certificate.replacing("certificate.pem", with: "key.pem"))
        rmdir(certificate.replacing("/certificate.pem", with: ""))
    }

    private static func start(_ arguments: [String]) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words = ([openSSL] + arguments).map { strdup($0) } + [nil]
        var process = pid_t()
        posix_spawn(&process, openSSL, &actions, nil, &words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        return process
    }
}
