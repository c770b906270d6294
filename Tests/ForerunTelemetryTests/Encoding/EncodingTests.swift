import ForerunCore
import ForerunTesting
import Testing

@testable import ForerunTelemetry

/// Both forms of the messages, against bytes that were put together by hand and against a reader of our tests' own.
struct EncodingTests {
    /// By the description of the format: a tag is the number of the field times eight plus the type.
    @Test func aSpanIsTheseBytes() {
        let span = Span(
            trace: TraceID(high: 1, low: 2)!, id: SpanID(3)!, name: "a", kind: .client, start: 1, end: 2,
            attributes: ["k": -1])
        let inner: [UInt8] =
            [0x0A, 16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]  // 1: trace id
            + [0x12, 8, 0, 0, 0, 0, 0, 0, 0, 3]  // 2: span id
            + [0x2A, 1, 0x61]  // 5: name
            + [0x30, 3]  // 6: kind
            + [0x39, 1, 0, 0, 0, 0, 0, 0, 0]  // 7: start, fixed64
            + [0x41, 2, 0, 0, 0, 0, 0, 0, 0]  // 8: end
            // 9: attribute with 1: key, 2: value with 3: int64 -1 as ten bytes
            + [0x4A, 16, 0x0A, 1, 0x6B, 0x12, 11, 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]
            + [0x85, 1, 1, 1, 0, 0]  // 16: flags, fixed32
        let scope: [UInt8] = [0x0A, 16, 0x0A, 7] + "forerun".utf8 + [0x12, 5] + "0.1.0".utf8
        let spans = scope + [0x12, UInt8(inner.count)] + inner
        let group: [UInt8] = [0x0A, 0] + [0x12, UInt8(spans.count)] + spans
        let expected = [0x0A, UInt8(group.count)] + group
        #expect(OTLP.traces([span], from: Resource([:]), as: .protobuf) == expected)
    }

    @Test func aSpanIsThisText() throws {
        var span = Samples.span()
        span.parent = SpanID(0x00F0_67AA_0BA9_02B7)
        span.attributes = ["s": "ü\"\n", "b": false, "i": 9_007_199_254_740_993, "d": 0.5, "l": .strings(["x", ""])]
        span.events = [Span.Event(name: "e", time: 1_500_000_000, attributes: [:])]
        span.error = "timed out"
        let text = String(decoding: OTLP.traces([span], from: Samples.resource, as: .json), as: UTF8.self)
        #expect(
            text == #"""
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"forerun"}}]},"scopeSpans":[{"scope":{"name":"forerun","version":"0.1.0"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","parentSpanId":"00f067aa0ba902b7","name":"chat m","kind":3,"startTimeUnixNano":"1000000000","endTimeUnixNano":"2500000000","attributes":[{"key":"s","value":{"stringValue":"ü\"\n"}},{"key":"b","value":{"boolValue":false}},{"key":"i","value":{"intValue":"9007199254740993"}},{"key":"d","value":{"doubleValue":0.5}},{"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":""}]}}}],"events":[{"timeUnixNano":"1500000000","name":"e"}],"status":{"message":"timed out","code":2},"flags":257}]}]}]}
                """#)
        #expect(try JSON(parsing: text)["resourceSpans"] != nil)
    }

    @Test func allOfASpanIsReadBack() throws {
        var span = Samples.span()
        span.parent = SpanID(5)
        span.hasRemoteParent = true
        span.state = "a=b"
        span.attributes = ["s": "", "b": false, "i": 0, "d": -0.0, "l": .strings(["x", ""])]
        span.events = [Span.Event(name: "e", time: 1_500_000_000, attributes: ["n": 1])]
        span.droppedEvents = 300
        span.error = "late"
        let read = try #require(
            try ProtoReader.spans(OTLP.traces([span], from: Samples.resource, as: .protobuf)).first)
        #expect(
            read.bytes(1) == [
                [0x0A, 0xF7, 0x65, 0x19, 0x16, 0xCD, 0x43, 0xDD, 0x84, 0x48, 0xEB, 0x21, 0x1C, 0x80, 0x31, 0x9C]
            ])
        #expect(read.bytes(2) == [[0xB7, 0xAD, 0x6B, 0x71, 0x69, 0x20, 0x33, 0x31]])
        #expect(read.text(3) == "a=b")
        #expect(read.bytes(4) == [[0, 0, 0, 0, 0, 0, 0, 5]])
        #expect(read.text(5) == "chat m")
        #expect(read[6] == [.varint(3)])
        #expect(read[7] == [.eight(1_000_000_000)] && read[8] == [.eight(2_500_000_000)])
        #expect(try read.attributes(9) == ["s": "", "b": "false", "i": "0", "d": "-0.0", "l": "[x, ]"])
        let event = try #require(try read.messages(11).first)
        #expect(event[1] == [.eight(1_500_000_000)] && event.text(2) == "e")
        #expect(try event.attributes(3) == ["n": "1"])
        #expect(read[12] == [.varint(300)])
        let status = try #require(try read.messages(15).first)
        #expect(status.text(2) == "late" && status[3] == [.varint(2)])
        #expect(read[16] == [.four(0x301)])
    }

    @Test func metricsAreReadBack() throws {
        let histogram = HistogramPoint(
            attributes: ["a": "b"], start: 1, time: 2, sum: 5.5, least: 0.5, most: 5, bounds: [1, 4], counts: [1, 0, 1])
        let sum = SumPoint(attributes: [:], start: 1, time: 2, value: .int(-3))
        let balance = SumPoint(attributes: [:], start: 1, time: 2, value: .double(0))
        let metrics = [
            Metric(
                name: "h", description: "H.", unit: "s", temporality: .cumulative, points: .histograms([histogram])),
            Metric(
                name: "s", description: "", unit: "1", temporality: .delta,
                points: .sums([sum, balance], isMonotonic: true)),
        ]
        let read = try ProtoReader.metrics(OTLP.metrics(metrics, from: Samples.resource, as: .protobuf))
        #expect(read.map { $0.text(1) } == ["h", "s"] && read[0].text(2) == "H." && read[0].text(3) == "s")
        let spread = try #require(try read[0].messages(9).first)
        #expect(spread[2] == [.varint(2)])
        let point = try #require(try spread.messages(1).first)
        #expect(try point.attributes(9) == ["a": "b"])
        #expect(point[2] == [.eight(1)] && point[3] == [.eight(2)] && point[4] == [.eight(2)])
        #expect(point[5] == [.eight((5.5).bitPattern)] && point[11] == [.eight((0.5).bitPattern)])
        #expect(point.bytes(6) == [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]])
        #expect(point.bytes(7).first?.count == 16)
        let sums = try #require(try read[1].messages(7).first)
        #expect(sums[2] == [.varint(1)] && sums[3] == [.varint(1)])
        let points = try sums.messages(1)
        #expect(points[0][6] == [.eight(UInt64(bitPattern: -3))] && points[1][4] == [.eight(0)])
        let text = String(decoding: OTLP.metrics(metrics, from: Samples.resource, as: .json), as: UTF8.self)
        #expect(text.contains(#""asInt":"-3""#) && text.contains(#""asDouble":0.0"#))
        #expect(text.contains(#""count":"2","sum":5.5,"bucketCounts":["1","0","1"],"explicitBounds":[1.0,4.0]"#))
    }

    /// Any span, in both forms: the binary one is read back, the text is JSON with the same attributes.
    @Test func anythingIsReadBack() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var span = Samples.span()
            var expected: [String: String] = [:]
            for place in 0..<Int.random(in: 0...12, using: &generator) {
                let key = "k\(place)"
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    let number = Int(truncatingIfNeeded: generator.next() as UInt64)
                    span.attributes[key] = .int(number)
                    expected[key] = "\(number)"
                case 1:
                    let number = Double(bitPattern: generator.next())
                    span.attributes[key] = .double(number)
                    expected[key] = "\(number)"
                case 2:
                    let flag = Bool.random(using: &generator)
                    span.attributes[key] = .bool(flag)
                    expected[key] = "\(flag)"
                default:
                    let scalars = (0..<Int.random(in: 0...300, using: &generator)).compactMap { _ in
                        Unicode.Scalar(UInt32.random(in: 0...0x1FFFF, using: &generator))
                    }
                    let text = String(String.UnicodeScalarView(scalars))
                    span.attributes[key] = .string(text)
                    expected[key] = text
                }
            }
            let read = try #require(
                try ProtoReader.spans(OTLP.traces([span], from: Samples.resource, as: .protobuf)).first)
            #expect(try read.attributes(9) == expected, "seed \(seed)")
            let json = try JSON(parsing: OTLP.traces([span], from: Samples.resource, as: .json))
            let list = json["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first?["spans"]?.arrayValue
            let pairs = list?.first?["attributes"]?.arrayValue ?? []
            #expect(pairs.compactMap { $0["key"]?.stringValue } == span.attributes.list.map(\.key), "seed \(seed)")
            for pair in pairs {
                guard let text = pair["value"]?["stringValue"]?.stringValue else { continue }
                #expect(
                    Array(text.utf8) == Array((expected[pair["key"]?.stringValue ?? ""] ?? "").utf8), "seed \(seed)")
            }
        }
    }

    @Test func partialSuccessIsRead() {
        #expect(PartialSuccess([], as: .protobuf) == PartialSuccess(Array("{}".utf8), as: .json))
        let binary: [UInt8] = [0x0A, 7, 0x08, 0xAC, 2, 0x12, 2, 0x6E, 0x6F]
        let read = PartialSuccess(binary, as: .protobuf)
        #expect(read.rejected == 300 && read.message == "no")
        let text = #"{"partialSuccess":{"rejectedSpans":"300","errorMessage":"no"}}"#
        #expect(PartialSuccess(Array(text.utf8), as: .json) == read)
        // What is cut off or is something else says nothing, and is no harm.
        for count in binary.indices { _ = PartialSuccess(Array(binary[..<count]), as: .protobuf) }
        #expect(
            PartialSuccess([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], as: .protobuf).rejected == 0
        )
        #expect(PartialSuccess(Array("<html>".utf8), as: .json).rejected == 0)
    }
}
