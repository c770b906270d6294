import ForerunTransport
import Glibc
import Testing

/// Expects that `request` fails in the way of `code`, and that the error says something.
func expectFailure(
    _ code: TransportError.Code, _ request: HTTPRequest, client: HTTPClient = HTTPClient(), limit: Int = 1 << 20,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    do throws(TransportError) {
        let response = try await client.send(request, limit: limit)
        Issue.record("got status \(response.status)", sourceLocation: sourceLocation)
    } catch {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        #expect(!error.message.isEmpty || code == .cancelled, sourceLocation: sourceLocation)
    }
}

/// Whether connecting to a port of this machine is refused.
func refuses(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
        }
    }
}
