import Glibc
import Synchronization

/// Writes the exchanges of a client to a file that only its owner can read. ``RecordedExchange`` has the format.
package final class TrafficRecorder: Sendable {
    private struct State {
        var count = 0
        var failure: String?
    }

    package let path: String
    private let descriptor: Int32
    private let start = MonotonicTime.now
    private let state = Mutex(State())

    /// Creates the file. One that exists is left alone: it may be the only copy of what was recorded before. Devices and
    /// pipes are written to.
    package init(path: String) throws(RecordingError) {
        self.path = path
        var info = stat()
        let isStream = stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFREG
        let creation = isStream ? 0 : O_CREAT | O_EXCL
        descriptor = open(path, O_WRONLY | creation | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let number = errno
            throw RecordingError(
                "the recording \(path) cannot be made: \(String(cString: strerror(number)))",
                remedy: number == EEXIST
                    ? "Choose another name, or remove the file" : "Name a file in a directory that you can write to")
        }
        write(RecordingLine.header)
        // From here on, leaving runs deinit, which closes the file.
        if let failure {
            if !isStream { unlink(path) }
            throw RecordingError("the recording cannot be made: \(failure)", remedy: "Make room on its disk")
        }
    }

    deinit { close(descriptor) }

    /// Why the recording ends before the traffic does; `nil`: it does not. Requests go on all the same.
    package var failure: String? { state.withLock { $0.failure } }

    /// Adds an exchange that has ended.
    func add(_ request: HTTPRequest, _ tape: ExchangeTape, response: HTTPResponse?, failure: TransportError?) {
        guard self.failure == nil, request.method != .head else { return }
        let mask = SecretMask(request.headers.secrets)
        let identity = RequestIdentity(request)
        let manner: RecordedExchange.End.Manner =
            failure == nil ? .complete : failure?.code == .cancelled ? .cancelled : .failed
        let end = RecordedExchange.End(
            at: Self.seconds(tape.start, MonotonicTime.now), how: manner,
            code: manner == .failed ? failure?.code.description : nil,
            message: manner == .failed ? failure.map { Self.text($0.message, mask) } : nil)
        let bodies = mask.masked(tape.chunks.map(\.bytes))
        var exchange = RecordedExchange(
            exchange: 0, method: identity.method, host: RequestIdentity.host(of: request.url), path: identity.path,
            request: RecordedBytes(identity.body), started: Self.seconds(start, tape.start),
            header: (response?.headerWithoutCookies).map { RecordedBytes(mask.masked($0)) },
            headerAt: tape.header.map { Self.seconds(tape.start, $0) },
            chunks: zip(tape.chunks, bodies).map { chunk, body in
                RecordedExchange.Chunk(at: Self.seconds(tape.start, chunk.time), bytes: RecordedBytes(body))
            }, end: end)
        state.withLock { state in
            state.count += 1
            exchange.exchange = state.count
            guard state.failure == nil, let line = try? RecordingLine.line(exchange) else { return }
            state.failure = Self.append(line, to: descriptor, path: path)
        }
    }

    private func write(_ bytes: [UInt8]) {
        state.withLock { $0.failure = Self.append(bytes, to: descriptor, path: path) }
    }

    private static func append(_ bytes: [UInt8], to descriptor: Int32, path: String) -> String? {
        bytes.withUnsafeBytes { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return "\(path): \(String(cString: strerror(written < 0 ? errno : ENOSPC)))" }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return nil
        }
    }

    private static func text(_ text: String, _ mask: SecretMask) -> String {
        String(decoding: mask.masked(Array(text.utf8)), as: UTF8.self)
    }

    /// Seconds between two times, to the microsecond.
    private static func seconds(_ from: Int64, _ to: Int64) -> Double { Double(max(0, to - from) / 1000) / 1e6 }
}

extension HTTPResponse {
    /// The header without what servers want to recognise the client by.
    fileprivate var headerWithoutCookies: [UInt8] {
        let lines = header.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let kept = lines.filter { line in
            !String(decoding: line.prefix(11), as: UTF8.self).lowercased().hasPrefix("set-cookie")
        }
        return Array(kept.joined(separator: [UInt8(ascii: "\n")]))
    }
}
