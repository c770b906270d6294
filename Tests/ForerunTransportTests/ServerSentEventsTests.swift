import ForerunTransport
import Testing

struct ServerSentEventsTests {
    static let streams: [(text: String, events: [String])] = [
        ("data: one\n\ndata: two\n\n", ["one", "two"]),
        ("data: one\r\n\r\ndata:two\r\n\r\n", ["one", "two"]),
        ("data: one\r\rdata: two\r\r", ["one", "two"]),
        ("data: one\ndata: more\n\ndata\n\ndata:\ndata:\n\n", ["one\nmore", "", "\n"]),
        (": a comment\n\nevent: error\ndata: {}\n\ndata: after\n\n", ["error|{}", "after"]),
        ("data: {}\nevent: late\n\nevent: lost\n\ndata: x\n\n", ["late|{}", "x"]),
        ("\u{FEFF}data: x\nid: 7\nretry: 10\nunknown: y\ndatax: z\n\n", ["x"]),
        ("data:  two spaces\n\n", [" two spaces"]),
        ("data: [DONE]", ["[DONE]"]),
        ("data: no empty line\n", ["no empty line"]),
        ("\n\n\n", []),
        ("", []),
    ]

    @Test(arguments: streams)
    func anyCutGivesTheSameEvents(_ stream: (text: String, events: [String])) {
        let bytes = Array(stream.text.utf8)
        #expect(Self.events(bytes, cuts: []) == stream.events)
        #expect(Self.events(bytes, cuts: Array(0...bytes.count)) == stream.events)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                #expect(Self.events(bytes, cuts: [first, second]) == stream.events, "cut at \(first), \(second)")
            }
        }
    }

    private static func events(_ bytes: [UInt8], cuts: [Int]) -> [String] {
        var splitter = ServerSentEvents()
        var events: [String] = []
        func take(_ event: ServerSentEvents.Event) {
            events.append((event.name.map { $0 + "|" } ?? "") + String(decoding: event.data, as: UTF8.self))
        }
        var start = 0
        for end in cuts + [bytes.count] {
            Array(bytes[start..<end]).withUnsafeBufferPointer { splitter.feed($0, take) }
            start = end
        }
        splitter.finish(take)
        return events
    }
}
