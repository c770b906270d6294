import HTTPTypes
import HummingbirdCore
import NIOCore

/// Plays a ``Reply`` on a connection, in time, and keeps what the log wants to know.
struct Play: ~Copyable {
    /// The connection cannot be used any more.
    struct Ended: Error {}

    private let reply: Reply
    private let arrival: NIODeadline
    private(set) var firstByte: NIODeadline?
    /// Of the body; of responses that no HTTP library would send, header and framing count as well.
    private(set) var bytes = 0
    private(set) var ending = RequestRecord.Ending.complete

    init(_ reply: Reply, arrival: NIODeadline) {
        self.reply = reply
        self.arrival = arrival
    }

    /// - Throws: where the connection has ended or must end; the caller closes it.
    @concurrent
    mutating func run(on connection: Connection, writer: consuming ResponseWriter) async throws {
        do {
            try await play(on: connection, writer: writer)
        } catch is Ended {
            throw Ended()
        } catch {
            ending = Task.isCancelled ? .stopped : .cancelled
            throw error
        }
    }

    @concurrent
    private mutating func play(on connection: Connection, writer: consuming ResponseWriter) async throws {
        if reply.isRaw { return try await playRaw(on: connection) }
        if let first = reply.writes.first { try await wait(for: first.after, on: connection) }
        // All at once: head, body and end in a single write.
        if reply.writes.count == 1, reply.ending == .complete, reply.framing == .usual {
            firstByte = .now()
            let buffer = ByteBuffer(bytes: reply.writes[0].bytes)
            bytes = buffer.readableBytes
            try await writer.write(response: head, body: ResponseBody(byteBuffer: buffer))
            return
        }
        if !reply.writes.isEmpty || reply.sendsHeader {
            firstByte = .now()
            var body = try await writer.writeHead(head)
            for write in reply.writes {
                try await wait(for: write.after, on: connection)
                let buffer = ByteBuffer(bytes: write.bytes)
                try await body.write(buffer)
                bytes += buffer.readableBytes
            }
            if reply.ending == .complete {
                try await body.finish(reply.framing == .trailers ? Self.trailers : nil)
                return
            }
        }
        try await end(on: connection)
    }

    @concurrent
    private mutating func playRaw(on connection: Connection) async throws {
        let door = try await connection.openDoor()
        for write in reply.rawWrites {
            try await wait(for: write.after, on: connection)
            if firstByte == nil { firstByte = .now() }
            try await door.send(write.bytes)
            bytes += write.bytes.count
        }
        if reply.ending != .complete { try await end(on: connection) }
        await connection.close()
        throw Ended()
    }

    @concurrent
    private mutating func end(on connection: Connection) async throws {
        switch reply.ending {
        case .complete: return
        case .silence: try await wait(for: nil, on: connection)
        case .reset: await connection.reset()
        case .close: await connection.close()
        }
        ending = reply.ending == .close ? .closed : .reset
        throw Ended()
    }

    /// Waits until `seconds` after the arrival; `nil`: until the connection ends.
    private mutating func wait(for seconds: Double?, on connection: Connection) async throws {
        if seconds == 0 { return }
        let deadline = seconds.map { arrival + .nanoseconds(Int64(min($0, 1e9) * 1e9)) }
        if let deadline, deadline <= .now() { return }
        switch await connection.wait(until: deadline) {
        case .elapsed: return
        case .clientGone: ending = .cancelled
        case .stopped: ending = .stopped
        }
        throw Ended()
    }

    private var head: HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = reply.contentType
        if let length = reply.contentLength { fields[.contentLength] = String(length) }
        if reply.framing == .trailers { fields[.trailer] = "x-forerun-trailer" }
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return HTTPResponse(status: .init(code: reply.status), headerFields: fields)
    }

    private static var trailers: HTTPFields {
        var fields = HTTPFields()
        if let name = HTTPField.Name("x-forerun-trailer") { fields[name] = "sent after the body" }
        return fields
    }
}
