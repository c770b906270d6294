import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What came back on a raw connection.
struct RawResponse: Sendable {
    var status = 0
    var headers: [String: String] = [:]
    var body = ""
    /// The response ended as HTTP says it must.
    var isComplete = false
    var wasReset = false
    /// Everything that was received.
    var raw: [UInt8] = []
    /// The body without its framing.
    var bytes: [UInt8] = []
    /// The sizes of its chunks.
    var chunkSizes: [Int] = []

    /// Whether `text` stands in what was received, header and framing included.
    func holds(_ text: String) -> Bool { raw.firstRange(of: Array(text.utf8)) != nil }

    /// The payloads of the `data:` lines.
    var events: [String] {
        body.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    }
}

/// An HTTP client that shows what is on the wire: one connection on plain sockets, any number of requests in turn.
final class RawClient: Sendable {
    struct Failure: Error {
        var operation: String
        var code: CInt
    }

    private let descriptor: CInt

    init(port: Int) throws {
        #if os(Linux)
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(operation: "connect", code: errno) }
    }

    deinit { close(descriptor) }

    /// Ends the connection; the descriptor stays.
    func hangUp() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    /// Sends a request and returns at once.
    func send(_ method: String, _ path: String, headers: String = "", body: String = "") throws {
        let text =
            "\(method) \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: \(body.utf8.count)\r\n"
            + "content-type: application/json\r\n\(headers)\r\n\(body)"
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard sent > 0 else { throw Failure(operation: "write", code: errno) }
            rest = rest.dropFirst(sent)
        }
    }

    /// Reads until the response or the connection ends; with `until`, no further than that text.
    func receive(until mark: String? = nil) async -> RawResponse {
        await withCheckedContinuation { continuation in
            // A thread of its own: blocking reads on a shared one would starve the server.
            DispatchQueue(label: "RawClient").async { continuation.resume(returning: self.read(until: mark)) }
        }
    }

    /// Reads no further than the header.
    func receiveHead() async -> RawResponse { await receive(until: "") }

    func exchange(
        _ method: String, _ path: String, headers: String = "", body: String = ""
    ) async throws -> RawResponse {
        try send(method, path, headers: headers, body: body)
        return await receive()
    }

    private func read(until mark: String?) -> RawResponse {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var response = Self.parse(bytes)
            if response.isComplete || mark.map({ Self.holds(response, $0) }) ?? false { return response }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 {
                response.wasReset = count < 0 && errno == ECONNRESET
                return response
            }
            bytes += buffer[..<count]
        }
    }

    private static func holds(_ response: RawResponse, _ mark: String) -> Bool {
        mark.isEmpty ? response.status != 0 : response.body.contains(mark)
    }

    private static func parse(_ bytes: [UInt8]) -> RawResponse {
        var response = RawResponse()
        response.raw = bytes
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return response }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        response.status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ": ", maxSplits: 1)
            response.headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
        let headLength = text[..<end.upperBound].utf8.count
        var rest = bytes[headLength...]
        if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.bytes = Array(rest)
            response.body = String(decoding: rest, as: UTF8.self)
            response.isComplete = rest.count >= length
            return response
        }
        guard response.headers["transfer-encoding"] == "chunked" else {
            response.bytes = Array(rest)
            response.body = String(decoding: rest, as: UTF8.self)
            return response
        }
        var body: [UInt8] = []
        while let newline = rest.firstIndex(of: 0x0a),
            let size = Int(String(decoding: rest[..<newline], as: UTF8.self).filter(\.isHexDigit), radix: 16)
        {
            rest = rest[(newline + 1)...]
            if size == 0 {
                // Fields may follow; an empty line ends them.
                let end = Array(rest)
                response.isComplete =
                    end.starts(with: [0x0d, 0x0a]) || end.firstRange(of: Array("\r\n\r\n".utf8)) != nil
                break
            }
            response.chunkSizes.append(size)
            body += rest.prefix(size)
            guard rest.count >= size + 2 else { break }
            rest = rest.dropFirst(size + 2)
        }
        response.bytes = body
        response.body = String(decoding: body, as: UTF8.self)
        return response
    }
}
