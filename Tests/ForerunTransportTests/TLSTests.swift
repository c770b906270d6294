import ForerunTesting
import ForerunTransport
import Glibc
import Testing

/// TLS with a real server, OpenSSL's own.
struct TLSTests {
    @Test(.enabled(if: access(ServerProcess.openSSL, X_OK) == 0, "needs the openssl program"))
    func onlyTrustedCertificatesAreAccepted() async {
        await #expect(processExitsWith: .success) {
            let server = try TLSServer()
            defer { server.stop() }
            #expect(await eventually { server.isListening })
            await expectFailure(.tls, HTTPRequest(.get, server.url))
        }
        await #expect(processExitsWith: .success) {
            let server = try TLSServer()
            defer { server.stop() }
            unsetenv("CURL_CA_BUNDLE")
            setenv("SSL_CERT_FILE", server.certificate, 1)
            #expect(await eventually { server.isListening })
            #expect(try await HTTPClient().send(HTTPRequest(.get, server.url)).status == 200)
        }
        await #expect(processExitsWith: .success) {
            setenv("CURL_CA_BUNDLE", "/no/such/file.pem", 1)
            let server = try TLSServer()
            defer { server.stop() }
            #expect(await eventually { server.isListening })
            await expectFailure(.tls, HTTPRequest(.get, server.url))
        }
    }
}

/// `openssl s_server` with a certificate of its own for 127.0.0.1.
private struct TLSServer {
    let port: UInt16
    let certificate: String
    private let directory: TemporaryCertificate
    private let process: ServerProcess

    init() throws {
        directory = try TemporaryCertificate()
        certificate = directory.certificate
        port = try freePort()
        process = try ServerProcess(
            ServerProcess.openSSL,
            ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", directory.key, "-www"])
    }

    var url: String { "https://127.0.0.1:\(port)/" }
    var isListening: Bool { !refuses(port) }

    func stop() {
        process.stop()
        directory.remove()
    }
}
