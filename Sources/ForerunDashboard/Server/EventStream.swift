import ForerunCore
import ForerunStore
import HTTPTypes
import HummingbirdCore
import NIOCore

/// An answer that does not end: server-sent events (HTML Standard, section 9.2).
struct EventStream: ~Copyable {
    /// How often a log is looked at.
    private static let pace = Duration.milliseconds(150)
    /// Something is said at least so often: proxies and clients give up what is silent.
    private static let heartbeat = Duration.seconds(15)

    private let writer: ResponseWriter
    private let channel: any Channel

    init(writer: consuming ResponseWriter, channel: any Channel) {
        self.writer = writer
        self.channel = channel
    }

    private static var head: HTTPResponse {
        Reply(status: 200, contentType: "text/event-stream", body: []).head(contentLength: nil)
    }

    private static func frame(_ event: String, _ data: JSON) -> ByteBuffer {
        // JSON text has no line feeds.
        ByteBuffer(string: "event: \(event)\ndata: \(data.text)\n\n")
    }

    /// Follows a run: `snapshot` first, then `change` whenever there is more, `end` when nobody writes its log any more.
    @concurrent
    consuming func follow(_ run: RunName, in library: RunLibrary) async throws {
        let channel = channel
        var follower: RunFollower
        do throws(StoreError) { follower = try RunFollower(run, in: library.directory) } catch {
            let reply = Reply.failure(
                error.code == .notFound ? 404 : 500, "\(error.path): \(error.message)", remedy: error.remedy)
            let head = reply.head(contentLength: reply.body.count)
            try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
            return
        }
        var body = try await writer.writeHead(Self.head)
        var last = ContinuousClock.now
        while channel.isActive, !Task.isCancelled {
            if let update = try follower.poll() {
                try await body.write(Self.frame(update.isWhole ? "snapshot" : "change", update.json))
                last = .now
            }
            if !follower.isLive {
                try await body.write(Self.frame("end", [:]))
                break
            }
            if last.duration(to: .now) > Self.heartbeat {
                try await body.write(ByteBuffer(string: ": here\n\n"))
                last = .now
            }
            try await Task.sleep(for: Self.pace)
        }
        try await body.finish(nil)
    }

    /// Tells when the list of runs has changed: `changed`, with a number that grows.
    @concurrent
    consuming func watch(_ library: RunLibrary) async throws {
        let channel = channel
        var body = try await writer.writeHead(Self.head)
        var last = ContinuousClock.now
        var told = -1
        while channel.isActive, !Task.isCancelled {
            let generation = await library.generation()
            if generation != told {
                told = generation
                try await body.write(Self.frame("changed", ["generation": .int(generation)]))
                last = .now
            } else if last.duration(to: .now) > Self.heartbeat {
                try await body.write(ByteBuffer(string: ": here\n\n"))
                last = .now
            }
            try await Task.sleep(for: library.watchPace)
        }
        try await body.finish(nil)
    }
}
