import ForerunTesting
import Testing

@testable import ForerunCore

struct JSONTests {
    @Test(arguments: [
        ("1", "1"), ("1.0", "1"), ("1e0", "1"), ("10e-1", "1"), ("0.01E+2", "1"), ("-0", "0"), ("-0.0e5", "0"),
        ("0e999999999999", "0"), ("100", "100"), ("1e2", "100"), ("1.50", "1.5"), ("-0.25", "-0.25"),
        ("123456789012345678901", "123456789012345678901"), ("1e20", "100000000000000000000"), ("1e21", "1e21"),
        ("1234567890123456789012", "1.234567890123456789012e21"), ("0.000001", "0.000001"), ("0.0000001", "1e-7"),
        ("1.5e300", "1.5e300"), ("15e299", "1.5e300"), ("1.5E+300", "1.5e300"), ("-12.5e-10", "-1.25e-9"),
        ("100000000000000000000.5", "100000000000000000000.5"), ("1e9999", "1e9999"), ("1e-9999", "1e-9999"),
        ("0.1e10000", "1e9999"), ("9007199254740993", "9007199254740993"), ("-1E400", "-1e400"),
    ])
    func numbersHaveOneText(text: String, canonical: String) throws {
        #expect(try JSON(parsing: text).text == canonical)
        #expect(try JSON(parsing: text) == JSON(parsing: canonical))
        #expect(try JSON(parsing: text).hashValue == JSON(parsing: canonical).hashValue)
    }

    @Test(arguments: [
        "1e10000", "1e-10000", "10e9999", "1e99999999999999999999999999", "0.1e-9999", "-1e123456789012345",
    ])
    func numbersOutOfRangeAreRefused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(arguments: [
        (0.1, "0.1"), (-0.0, "0"), (1e16, "10000000000000000"), (1.5e300, "1.5e300"), (1e22, "1e22"),
        (1e20, "100000000000000000000"),
        (.leastNonzeroMagnitude, "5e-324"), (1e-7, "1e-7"), (.infinity, "0"), (.nan, "0"),
        (.greatestFiniteMagnitude, "1.7976931348623157e308"),
    ])
    func doublesBecomeCanonical(value: Double, text: String) { #expect(JSONNumber(value).literal == text) }

    @Test func numbersConvert() throws {
        #expect(try JSON(parsing: "1e3").intValue == 1000)
        #expect(try JSON(parsing: "-9223372036854775808").intValue == Int.min)
        #expect(try JSON(parsing: "9223372036854775808").intValue == nil)
        #expect(try JSON(parsing: "1.5").intValue == nil)
        #expect(try JSON(parsing: "1e400").doubleValue == .infinity)
        #expect(try JSON(parsing: "1e-400").doubleValue == 0)
        #expect(try JSON(parsing: "0.1").doubleValue == 0.1)
    }

    @Test func orderOfMembersDoesNotCount() throws {
        let left = try JSON(parsing: #"{"b":[1,{"y":2,"x":3}],"a":null}"#)
        let right = try JSON(parsing: #"{"a":null,"b":[1.0,{"x":3,"y":2e0}]}"#)
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left.text == #"{"b":[1,{"y":2,"x":3}],"a":null}"#)
        #expect(left.canonicalText == #"{"a":null,"b":[1,{"x":3,"y":2}]}"#)
        #expect(left.canonicalText == right.canonicalText)
        #expect(left != ["a": nil, "b": [1, ["x": 3, "y": 3]]])
        #expect(left != ["a": nil])
    }

    @Test func differentlyComposedTextDiffers() {
        #expect(JSON.string("é") != JSON.string("e\u{301}"))
        #expect((["é": 1] as JSON) != ["e\u{301}": 1])
        #expect((["é": 1] as JSON) == ["é": 1])
    }

    @Test func membersAreSortedByBytes() {
        // U+FF61 comes before U+1F600 in UTF-8, but behind it in UTF-16.
        let value: JSON = ["\u{1F600}": 1, "\u{FF61}": 2, "b": 3, "B": 4, "": 5, "ba": 6]
        #expect(value.canonicalText == "{\"\":5,\"B\":4,\"b\":3,\"ba\":6,\"\u{FF61}\":2,\"\u{1F600}\":1}")
    }

    @Test func lastOfDuplicateMembersCounts() throws {
        #expect(try JSON(parsing: #"{"a":1,"b":2,"a":{"c":3}}"#).text == #"{"a":{"c":3},"b":2}"#)
    }

    @Test func onlyWhatMustBeIsEscaped() {
        let text = "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é\u{2028}😀"
        #expect(JSON.string(text).text == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é\u{2028}😀\"")
    }

    @Test func escapesAreRead() throws {
        let text = #""\"\\\/\b\f\n\r\t\u00e9\u00E9\ud83d\uDE00 x\u0000""#
        #expect(try JSON(parsing: text) == .string("\"\\/\u{8}\u{C}\n\r\téé😀 x\u{0}"))
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800""#, #""\ud83d\u0041""#,
    ])
    func loneSurrogatesAreRefused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(arguments: [
        ("", 0), ("[1,]", 3), ("{\"a\" 1}", 5), ("[1 2]", 3), ("tru", 0), ("1 x", 2), ("[01]", 1), (" \"abc", 1),
        ("{\"a\":1,}", 7), ("\"a\u{1}\"", 2), ("-", 1), ("[1.]", 3), ("[1e]", 3), ("nulL", 0), ("\u{FEFF}1", 0),
    ])
    func errorsSayWhere(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.offset == offset)
    }

    @Test func nestingIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(JSON.depthLimit))
        #expect(throws: JSONError.self) { try JSON(parsing: nested(JSON.depthLimit + 1)) }
        // Siblings do not add up.
        _ = try JSON(parsing: "[" + Array(repeating: "[]", count: 2_000).joined(separator: ",") + "]")
    }

    @Test func sequencesWithoutContiguousStorageParse() throws {
        let bytes = Array(#"{"a":[true,false,"é"]}"#.utf8)
        #expect(try JSON(parsing: bytes.lazy.map { $0 }) == ["a": [true, false, "é"]])
        #expect(try JSON(parsing: bytes[...]) == JSON(parsing: bytes))
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func randomValuesRoundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = JSON.random(depth: 5, using: &random)
        let read = try JSON(parsing: value.text)
        #expect(read == value)
        #expect(read.text == value.text)
        let canonical = try JSON(parsing: value.canonicalText)
        #expect(canonical == value)
        #expect(canonical.text == value.canonicalText)
        #expect(canonical.hashValue == value.hashValue)
    }

    /// Whatever the bytes are, the parser ends with a value that can be written and read again, or with an error inside.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func damagedTextsAreRefusedOrMeanSomething(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = Array(JSON.random(depth: 4, using: &random).text.utf8)
        for _ in 0..<50 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place...)
                default: bytes.insert(Array("[]{},:\"\\-e.0u".utf8).randomElement(using: &random)!, at: place)
                }
            }
            do throws(JSONError) {
                let value = try JSON(parsing: bytes)
                let again = try JSON(parsing: value.text)
                #expect(again == value)
            } catch {
                #expect(0...bytes.count ~= error.offset)
            }
        }
    }
}

extension JSON {
    static func random(depth: Int, using random: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number(JSONNumber(Int(truncatingIfNeeded: random.next())))
        case 3: return .number(JSONNumber(Double(bitPattern: random.next())))
        case 4, 5: return .string(randomText(using: &random))
        case 6:
            let count = Int.random(in: 0..<6, using: &random)
            return .array((0..<count).map { _ in .random(depth: depth - 1, using: &random) })
        default:
            let count = Int.random(in: 0..<12, using: &random)
            return JSON(
                members: (0..<count).map { _ in
                    (randomText(using: &random), .random(depth: depth - 1, using: &random))
                })
        }
    }

    private static func randomText(using random: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [0x20...0x7E, 0...0x1F, 0x80...0x7FF, 0x800...0xD7FF, 0x1_0000...0x10_FFFF]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &random) {
            let range = Bool.random(using: &random) ? ranges[0] : ranges.randomElement(using: &random)!
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.append(scalar) }
        }
        return String(text)
    }
}
