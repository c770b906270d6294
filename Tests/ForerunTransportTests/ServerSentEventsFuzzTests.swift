import ForerunTesting
import ForerunTransport
import Glibc
import Testing

/// Bytes that are hardly events: the same ones come of them however they are cut, and none is longer than all that was sent. A
/// failure prints its seed.
struct ServerSentEventsFuzzTests {
    private static let rounds = getenv("FORERUN_SOAK") == nil ? 6_000 : 10_000_000
    private static let pieces: [[UInt8]] =
        [
            "data:", "data: ", "event:", "event: x", "id: 1", ":", "\n", "\r", "\r\n", "\n\n", "\u{FEFF}", "{}", "dat",
            "a", " ",
        ]
        .map { Array($0.utf8) } + [[0xFF], [0], [0xEF, 0xBB]]

    @Test func anyCutGivesTheSameEvents() async throws {
        let seed = getenv("FORERUN_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<Self.rounds {
            // Other tests wait for this thread.
            if round % 50 == 0 { await Task.yield() }
            let bytes = (0..<Int.random(in: 0...30, using: &random)).flatMap { _ in
                Self.pieces.randomElement(using: &random) ?? []
            }
            let whole = Self.events(bytes, cuts: [])
            let cuts = (0..<4).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            let context: Comment = "seed \(seed), round \(round), \(bytes) cut at \(cuts)"
            try #require(Self.events(bytes, cuts: cuts) == whole, context)
            try #require(whole.reduce(0) { $0 + $1.data.count } <= bytes.count, context)
        }
    }

    private struct Event: Equatable {
        var name: String?
        var data: [UInt8]
    }

    private static func events(_ bytes: [UInt8], cuts: [Int]) -> [Event] {
        var splitter = ServerSentEvents()
        var events: [Event] = []
        func take(_ event: ServerSentEvents.Event) { events.append(Event(name: event.name, data: Array(event.data))) }
        var start = 0
        for end in cuts + [bytes.count] {
            Array(bytes[start..<end]).withUnsafeBufferPointer { splitter.feed($0, take) }
            start = end
        }
        splitter.finish(take)
        return events
    }
}
