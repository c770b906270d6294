import Glibc
import Synchronization

/// A real HTTP/1.1 server on a loopback port, whose handler decides every byte, pause and reset.
///
/// One thread a connection; meant for tests. Connections are kept alive until the handler or the client ends them.
package final class LoopbackServer: Sendable {
    package struct Request: Sendable {
        package let method: String
        package let path: String
        /// The header as it arrived, request line first.
        package let header: String
        package let body: [UInt8]
    }

    package struct Counts: Sendable {
        package var connections = 0
        package var requests = 0
        /// Clients that went away while a handler watched for it.
        package var disconnects = 0
    }

    package typealias Handler = @Sendable (Request, Connection) -> Void

    private struct State {
        var counts = Counts()
        var open: Set<Int32> = []
        var isClosed = false
    }

    package let port: UInt16
    private let listener: Int32
    private let greeting: String
    private let handler: Handler
    private let state = Mutex(State())

    /// - Parameter greeting: sent to each client before it says anything, as HTTP servers never do.
    /// - Throws: the `errno` of the system call that failed.
    package init(greeting: String = "", _ handler: @escaping Handler) throws(SystemCallError) {
        self.greeting = greeting
        self.handler = handler
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                listener >= 0 && bind(listener, address, size) == 0 && listen(listener, 1024) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else {
            let code = errno
            Glibc.close(listener)
            throw SystemCallError(code: code)
        }
        state.withLock { _ = $0.open.insert(listener) }
        startThread { [self] in accept() }
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var counts: Counts { state.withLock { $0.counts } }

    /// Whether all descriptors are closed, some time after ``close()``.
    package var isDown: Bool { state.withLock { $0.open.isEmpty } }

    /// Ends all connections and stops listening.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            // The threads wake up and close them.
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 || errno == EINTR || errno == ECONNABORTED else { break }
            guard descriptor >= 0 else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            // Small chunks must not wait for the acknowledgement of the one before.
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            let isOpen = state.withLock { state in
                guard !state.isClosed else { return false }
                state.counts.connections += 1
                state.open.insert(descriptor)
                return true
            }
            guard isOpen else {
                Glibc.close(descriptor)
                continue
            }
            startThread { [self] in
                let connection = Connection(descriptor: descriptor)
                if !greeting.isEmpty { connection.send(greeting) }
                while let request = connection.readRequest() {
                    state.withLock { $0.counts.requests += 1 }
                    handler(request, connection)
                    if connection.sawDisconnect { state.withLock { $0.counts.disconnects += 1 } }
                    if connection.isOver { break }
                }
                end(descriptor)
            }
        }
        end(listener)
    }

    /// Closes a descriptor under the lock, so that ``close()`` never meets its successor.
    private func end(_ descriptor: Int32) {
        state.withLock { state in
            state.open.remove(descriptor)
            Glibc.close(descriptor)
        }
    }

    private func startThread(_ body: @escaping @Sendable () -> Void) {
        final class Work: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let context = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, context.toOpaque())
        if code == 0 { pthread_detach(thread) } else { context.release() }
    }

    package struct SystemCallError: Error {
        package let code: Int32
    }
}

extension LoopbackServer {
    /// What a handler does to its client.
    package final class Connection {
        private let descriptor: Int32
        private var received: [UInt8] = []
        /// The client is gone, or the handler sent it away.
        package private(set) var isOver = false
        fileprivate private(set) var sawDisconnect = false

        fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

        package func send(_ text: String) { send(Array(text.utf8)) }

        /// Sends all bytes at once, or notes that the client is gone.
        package func send(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    isOver = true
                    return
                }
                sent += count
            }
        }

        /// Sends a whole response.
        package func respond(_ status: Int = 200, _ body: String = "", headers: [String] = []) {
            var head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n"
            for header in headers { head += header + "\r\n" }
            send(head + "\r\n" + body)
        }

        /// Starts a chunked response; ``chunk(_:)`` goes on and ``endChunks()`` ends it.
        package func startChunks(_ status: Int = 200, type: String = "text/event-stream") {
            send("HTTP/1.1 \(status) Status\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n")
        }

        package func chunk(_ text: String) { send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n") }
        package func endChunks() { send("0\r\n\r\n") }

        package func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

        /// Closes the connection in the orderly way.
        package func close() { isOver = true }

        /// Aborts the connection: the client sees a reset.
        package func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            isOver = true
        }

        /// Waits until the client goes away or the server is closed; at most five minutes.
        package func waitForDisconnect() {
            isOver = true
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 300_000) > 0 else { return }
            var byte: UInt8 = 0
            sawDisconnect = recv(descriptor, &byte, 1, Int32(MSG_PEEK)) <= 0
        }

        /// The next request; `nil` when the client is gone or sends none.
        fileprivate func readRequest() -> Request? {
            var headerEnd: Int?
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                headerEnd = headerEnd ?? Self.end(ofHeaderIn: received)
                if let headerEnd {
                    let header = String(decoding: received[..<headerEnd], as: UTF8.self)
                    let length = Self.contentLength(header)
                    if received.count >= headerEnd + length {
                        let body = Array(received[headerEnd..<(headerEnd + length)])
                        received.removeFirst(headerEnd + length)
                        let words = header.prefix { $0 != "\r\n" }.split(separator: " ")
                        guard words.count >= 2 else { return nil }
                        return Request(method: String(words[0]), path: String(words[1]), header: header, body: body)
                    }
                }
                let count = recv(descriptor, &chunk, chunk.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return nil }
                received.append(contentsOf: chunk[..<count])
            }
        }

        private static func end(ofHeaderIn bytes: [UInt8]) -> Int? {
            let mark = Array("\r\n\r\n".utf8)
            guard bytes.count >= 4 else { return nil }
            return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(mark) }.map { $0 + 4 }
        }

        private static func contentLength(_ header: String) -> Int {
            for line in header.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
                return Int(line.dropFirst("content-length:".count).filter { $0 != " " }) ?? 0
            }
            return 0
        }
    }
}
