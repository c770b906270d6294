import ForerunTesting
import Glibc
import Testing

@testable import ForerunTransport

/// Traffic that is recorded and played again.
@Suite(.timeLimit(.minutes(20)))
struct RecordingTests {
    @Test func playsWhatWasRecorded() async throws {
        let file = TemporaryFile()
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            connection.chunk("data: sk-ca")
            connection.chunk("nary-1 „Wort“\n\n")
            connection.endChunks()
        }
        let recorded: Received<ChunkCollector>
        let request = request(server.url + "/v1/chat?key=sk-canary-1", "ask sk-canary-1")
        do {
            let client = HTTPClient(.recorded(by: try TrafficRecorder(path: file.path)))
            recorded = await client.stream(request, to: ChunkCollector())
            client.shutDown()
        }
        server.close()
        #expect(recorded.failure == nil)
        #expect(recorded.reader.text == "data: sk-canary-1 „Wort“\n\n")
        #expect(!file.text.contains("sk-canary-1"))
        #expect(!file.text.contains("nary-1"))
        #expect(file.mode == 0o600)

        let playback = try TrafficPlayback(path: file.path)
        #expect(playback.damage == nil)
        let client = HTTPClient(.played(from: playback))
        let played = await client.stream(
            self.request("http://elsewhere.invalid/v1/chat", "ask sk-canary-1"), to: ChunkCollector())
        #expect(played.failure == nil)
        #expect(played.response?.status == 200)
        #expect(played.response?.header == recorded.response?.header)
        #expect(played.reader.text == "data: *********** „Wort“\n\n")
        #expect(played.reader.chunks.map(\.count) == recorded.reader.chunks.map(\.count))
    }

    private func request(_ url: String, _ body: String) -> HTTPRequest {
        let headers = HTTPHeaders([("Content-Type", "application/json"), ("Authorization", "Bearer sk-canary-1")])
        return HTTPRequest(.post, url, headers: headers, body: Array(body.utf8))
    }

    @Test func equalRequestsAreAnsweredInTurn() async throws {
        let file = TemporaryFile()
        file.write([line(1, "{}", "one"), line(2, "{}", "cut", how: "cancelled"), line(3, "{}", "two")])
        let client = HTTPClient(.played(from: try TrafficPlayback(path: file.path)))
        var texts: [String] = []
        for _ in 0..<3 {
            texts.append(await client.stream(request("http://h/v1/x", "{}"), to: ChunkCollector()).reader.text)
        }
        #expect(texts == ["one", "two", "two"])
    }

    @Test func failuresAreFailuresAgain() async throws {
        let file = TemporaryFile()
        let server = try LoopbackServer { _, connection in connection.close() }
        do {
            let client = HTTPClient(.recorded(by: try TrafficRecorder(path: file.path)))
            await expectFailure(.reset, request(server.url + "/v1/x", "{}"), client: client)
        }
        server.close()
        let client = HTTPClient(.played(from: try TrafficPlayback(path: file.path)))
        await expectFailure(.reset, request("http://h/v1/x", "{}"), client: client)
    }

    @Test func whatWasCancelledBreaksOff() async throws {
        let file = TemporaryFile()
        file.write([line(1, "{}", "beginning", how: "cancelled")])
        let client = HTTPClient(.played(from: try TrafficPlayback(path: file.path)))
        let received = await client.stream(request("http://h/v1/x", "{}"), to: ChunkCollector())
        #expect(received.reader.text == "beginning")
        #expect(received.failure?.code == .notRecorded)
    }

    @Test func cancellingAPlayedRequestEndsIt() async throws {
        let file = TemporaryFile()
        file.write([line(1, "{}", "late", at: 3600)])
        let client = HTTPClient(.played(from: try TrafficPlayback(path: file.path)))
        let request = request("http://h/v1/x", "{}")
        let task = Task { await client.stream(request, to: ChunkCollector()) }
        task.cancel()
        #expect(await task.value.failure?.code == .cancelled)
    }

    @Test func unknownRequestsNameTheNearest() async throws {
        let file = TemporaryFile()
        file.write([line(1, #"{"a":1}"#, "x"), line(2, #"{"a":2,"b":[1,2,3]}"#, "x")])
        let client = HTTPClient(.played(from: try TrafficPlayback(path: file.path)))
        let received = await client.stream(request("http://h/v1/x", #"{"a":2,"b":[1,5,3]}"#), to: ChunkCollector())
        let failure = try #require(received.failure)
        #expect(failure.code == .notRecorded)
        #expect(failure.message.contains("exchange 2"))
        #expect(failure.message.contains("byte 14,"))
        #expect(failure.message.contains("5,3]}"))
        #expect(failure.message.contains("2,3]}"))
        let other = await client.stream(request("http://h/v2/y", "{}"), to: ChunkCollector())
        #expect(other.failure?.message.contains("only POST /v1/x") == true)
    }

    @Test func damagedFilesAreReadUpToTheDamage() throws {
        let whole = [line(1, "a", "x"), line(2, "b", "y"), line(3, "c", "z")]
        let file = TemporaryFile()
        file.write(whole)
        let size = file.text.utf8.count
        let first = file.text.utf8.count - whole[1].count - whole[2].count - 2
        // Cut anywhere: what is whole counts, and what is cut is named.
        for cut in [first - 3, first, first + 1, size - 40, size - 1] {
            file.write(whole, cutAt: cut)
            let playback = try TrafficPlayback(path: file.path)
            #expect(
                playback.count == (cut < first - 1 ? 0 : cut < size - 1 ? (cut < size - whole[2].count - 1 ? 1 : 2) : 3)
            )
            let isWhole = cut == first || cut == size - 1
            #expect((playback.damage == nil) == isWhole, "\(cut)")
            if let damage = playback.damage { #expect(damage.contains("breaks off in line \(playback.count + 2)")) }
        }
        // A changed byte in a line with a sum.
        let real = try RecordingLine.line(#require(RecordingLine.exchange(whole[1][...])))
        let spoilt = String(decoding: real.dropLast(), as: UTF8.self).replacing("\"y\"", with: "\"w\"")
        file.write([whole[0], Array(spoilt.utf8), whole[2]])
        let playback = try TrafficPlayback(path: file.path)
        #expect(playback.count == 1)
        #expect(playback.damage?.contains("is damaged in line 3, which starts at byte \(first)") == true)
    }

    @Test func whatIsNoRecordingIsRefused() throws {
        let file = TemporaryFile()
        for (text, reason) in [
            ("", "is no recording"), ("{}\n", "is no recording"), ("\u{0}\u{1}", "is no recording"),
            (#"{"format":"forerun.traffic","version":2}"#, "version 2"),
        ] {
            file.write(text)
            let error = #expect(throws: RecordingError.self) { try TrafficPlayback(path: file.path) }
            #expect(error?.message.contains(reason) == true)
        }
        #expect(throws: RecordingError.self) { try TrafficPlayback(path: file.path + ".none") }
        // One that is there is not written over.
        let error = #expect(throws: RecordingError.self) { try TrafficRecorder(path: file.path) }
        #expect(error?.message.contains("exists") == true)
    }

    @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
    func aFullDiskIsSaid() {
        let error = #expect(throws: RecordingError.self) { try TrafficRecorder(path: "/dev/full") }
        #expect(error?.message.contains("No space left") == true)
    }

    @Test func bytesThatAreNoTextSurvive() throws {
        let bytes: [UInt8] = [0xff, 0x00, 0xc3]
        let exchange = RecordedExchange(
            exchange: 1, method: "POST", host: "h", path: "/", request: RecordedBytes(bytes), started: 0,
            header: nil, headerAt: nil, chunks: [.init(at: 0.5, bytes: RecordedBytes(bytes))],
            end: .init(at: 1, how: .failed, code: "timed out", message: "m"))
        let line = try RecordingLine.line(exchange)
        #expect(RecordingLine.exchange(line.dropLast()) == exchange)
    }

    private func line(
        _ number: Int, _ body: String, _ answer: String, at: Double = 0, how: String = "complete"
    ) -> [UInt8] {
        let body = body.replacing("\"", with: "\\\"")
        return Array(
            (#"{"exchange":\#(number),"method":"POST","host":"h","path":"/v1/x","request":"\#(body)","started":0,"#
                + #""header":"HTTP/1.1 200 OK\r\n\r\n","headerAt":0,"chunks":[[\#(at),"\#(answer)"]],"#
                + #""end":{"at":\#(at),"how":"\#(how)"}}"#).utf8)
    }
}

/// Keeps the chunks of a body.
private struct ChunkCollector: ResponseReader {
    var chunks: [[UInt8]] = []
    var text: String { String(decoding: chunks.joined(), as: UTF8.self) }

    mutating func begin(_ response: HTTPResponse) {}

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        chunks.append(Array(bytes))
        return true
    }
}

/// The path of a recording, removed with its last reference.
private final class TemporaryFile: Sendable {
    private let directory: String
    var path: String { directory + "/traffic.jsonl" }

    init() {
        var template = Array("/tmp/forerun-traffic-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
    }

    deinit {
        unlink(path)
        rmdir(directory)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var mode: mode_t {
        var info = stat()
        stat(path, &info)
        return info.st_mode & 0o777
    }

    private var bytes: [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&buffer, 1, buffer.count, file)
        return Array(buffer.prefix(count))
    }

    /// A recording with `lines`, or its first bytes.
    func write(_ lines: [[UInt8]], cutAt count: Int = .max) {
        let whole = RecordingLine.header + lines.flatMap { $0 + [0x0a] }
        write(String(decoding: whole.prefix(count), as: UTF8.self))
    }

    func write(_ text: String) {
        guard let file = fopen(path, "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}
