import Testing

@testable import ForerunTelemetry

/// W3C Trace Context, level 1: the examples of the specification, and what its test suite asks of receivers.
struct TraceContextTests {
    private static let example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func theExampleIsReadAndWritten() throws {
        let context = try #require(TraceContext(traceparent: Self.example))
        #expect(context.trace == Samples.trace && context.parent == Samples.id && context.isSampled)
        #expect(context.traceparent == Self.example)
        #expect(context.fields.map(\.name) == ["traceparent"])
    }

    @Test func flagsThatAreNotKnownAreNotHandedOn() throws {
        let context = try #require(TraceContext(traceparent: Self.example.dropLast(2) + "fe"))
        #expect(!context.isSampled && context.traceparent.hasSuffix("-00"))
        #expect(TraceContext(traceparent: Self.example.dropLast(2) + "ff")?.traceparent == Self.example)
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", example + "-", example + "-01", example + "0",
        " " + example, "ff" + example.dropFirst(2), "0-" + example.dropFirst(3), "000-" + example.dropFirst(3),
        ".0" + example.dropFirst(2), "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", example.uppercased(),
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01-",
        "00-.af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-.0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        "00-0af7651916cd43dd8448eb211c8031９c-b7ad6b7169203331-01",
    ])
    func whatIsWrongIsNoContext(_ text: String) { #expect(TraceContext(traceparent: text) == nil) }

    @Test func higherVersionsAreReadAsFarAsTheyAreKnown() {
        let higher = "cc" + Self.example.dropFirst(2)
        #expect(TraceContext(traceparent: higher)?.traceparent == Self.example)
        #expect(TraceContext(traceparent: higher + "-what-the-future-holds")?.traceparent == Self.example)
        #expect(TraceContext(traceparent: higher + ".what") == nil)
    }

    @Test func statesAreReadAndWritten() throws {
        let context = try #require(
            TraceContext(traceparent: Self.example, tracestate: "rojo=00f067aa0ba902b7 ,\tcongo=t61rcWkgMzE,, 0@a= x"))
        #expect(context.state.members.map(\.key) == ["rojo", "congo", "0@a"])
        #expect(context.state.members.map(\.value) == ["00f067aa0ba902b7", "t61rcWkgMzE", " x"])
        #expect(context.fields.last?.value == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,0@a= x")
    }

    @Test(arguments: [
        "foo", "foo=", "=1", "foo=1,foo=2", "Foo=1", "foo@=1", "@foo=1", "foo@@bar=1", "foo@bar@baz=1", "foo=1=2",
        "foo =1",
        "1a=1", "a@1b=1", "foo=bär", "foo=\u{7F}", "föö=1", "foo=a\tb", "z\(String(repeating: "a", count: 256))=1",
        "\(String(repeating: "t", count: 242))@v=1", "t@\(String(repeating: "v", count: 15))=1",
        "a=\(String(repeating: "b", count: 257))", (0..<33).map { "k\($0)=1" }.joined(separator: ","),
    ])
    func whatIsWrongInAStateLosesIt(_ text: String) {
        #expect(TraceState(text) == nil)
        // And only that.
        #expect(TraceContext(traceparent: Self.example, tracestate: text)?.state.isEmpty == true)
    }

    @Test(arguments: [
        "", ",", "foo=1", "foo=1,bar=2", "a-_*/=1", "z\(String(repeating: "a", count: 255))=1",
        "\(String(repeating: "t", count: 241))@\(String(repeating: "v", count: 14))=1",
        "a=\(String(repeating: "b", count: 256))", (0..<32).map { "k\($0)=1" }.joined(separator: ","),
        "foo=a b", "foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~",
    ])
    func whatIsRightInAStateStays(_ text: String) { #expect(TraceState(text) != nil) }

    @Test func idsAreUniqueAndFollowFromTheSeed() {
        var ids = SpanIDs(seed: "a")
        var again = SpanIDs(seed: "a")
        #expect(ids.trace == again.trace && ids.trace != SpanIDs(seed: "b").trace)
        let first = (0..<10_000).map { _ in ids.next() }
        #expect(Set(first).count == 10_000 && (0..<10_000).map { _ in again.next() } == first)
        #expect(SpanIDs.uuid(of: "a").count == 36 && SpanIDs.uuid(of: "a") != SpanIDs.uuid(of: "b"))
    }
}
