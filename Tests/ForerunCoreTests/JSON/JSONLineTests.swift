import ForerunCore
import ForerunTesting
import Testing

@Suite struct JSONLineTests {
    private func text(_ write: (inout JSONLine) -> Void) -> String {
        var line = JSONLine()
        write(&line)
        return String(decoding: line.ended().bytes, as: UTF8.self)
    }

    @Test func membersStandInTheirOrder() {
        let text = text { line in
            line.add("type", plain: "some.thing")
            line.add("text", "a \"b\"\n\u{1}é")
            line.add("none", nil as String?)
            line.add("count", -12)
            line.add("least", Int.min)
            line.add("greatest", Int.max)
            line.add("missing", nil as Int?)
            line.add("is", true)
            line.add("inner") { inner in
                inner.add("zero", 0)
                inner.add("empty") { _ in }
            }
            line.add("items", objects: [1, 2]) { $1.add("item", $0) }
            line.add("nothing", objects: [Int]()) { $1.add("item", $0) }
            line.add("value", ["a": [1, nil]] as JSON)
            line.addMembers(of: ["last": "one", "quo\"te": 2])
        }
        #expect(
            text
                == #"{"type":"some.thing","text":"a \"b\"\n\u0001é","none":null,"count":-12,"least":-9223372036854775808,"#
                + #""greatest":9223372036854775807,"missing":null,"is":true,"inner":{"zero":0,"empty":{}},"#
                + #""items":[{"item":1},{"item":2}],"nothing":[],"value":{"a":[1,null]},"last":"one","quo\"te":2}"#
                + "\n")
    }

    @Test func whatStoodBeforeStays() {
        var before = ByteWriter()
        for byte in "before\n".utf8 { before.append(byte) }
        var line = JSONLine(after: before)
        line.add("a", 1)
        #expect(line.ended().bytes == Array("before\n{\"a\":1}\n".utf8))
    }

    @Test func fractionsAreRoundedToAMillionth() throws {
        var numbers = SeededGenerator(seed: 7)
        var values = [
            0, -0.0, 1, 0.5, 1e-6, 4.9e-7, -4.9e-7, -1.25, 9e9, 1e12, 1e300, -1e300, .nan, .infinity, 0.1 + 0.2,
        ]
        for _ in 0..<2_000 {
            values.append(Double.random(in: -10...10, using: &numbers))
            values.append(Double.random(in: 0...1e-4, using: &numbers))
            values.append(Double.random(in: 0...1e10, using: &numbers))
        }
        for value in values {
            let written = text { $0.add("seconds", seconds: value) }
            // As the tree says it, to the digit.
            #expect(written == (["seconds": .seconds(value)] as JSON).text + "\n", "\(value)")
        }
        #expect(text { $0.add("seconds", seconds: nil) } == "{\"seconds\":null}\n")
    }

    @Test func deepValuesAreReadBack() throws {
        let deep = String(repeating: "[", count: JSON.depthLimit) + String(repeating: "]", count: JSON.depthLimit)
        let value = try JSON(parsing: deep)
        #expect(
            JSON.object { $0.add("calls", objects: [value]) { $1.add("value", $0) } }["calls"]?.arrayValue?.count == 1)
        #expect(throws: JSONError.self) { try JSON(parsing: "[\(deep)]") }
    }
}
