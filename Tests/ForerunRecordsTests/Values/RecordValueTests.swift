import ForerunRecords
import Testing

struct RecordValueTests {
    @Test(arguments: [
        "null", "[true, false]", "[]", "{}", #"{"b": 1, "a": [2, {"c": -3}]}"#, "46", "46.0", "-0.5", "1e-05", "1e+16",
        "0.3499999999999943", "12345678901234.5", #""a\"b\\c\n\t\b\f\r\u0001\u007f""#, #""\u00e9\ud83d\ude00""#,
    ])
    func pythonsTextStaysAsItIs(text: String) throws {
        #expect(try RecordValue(parsing: text.utf8).text == text)
    }

    @Test func otherTextsAreWrittenAsPythonWritesThem() throws {
        #expect(
            try RecordValue(parsing: #" { "a" :"é😀\/" , "b":1E2,"c": 12345678901234567.0 } "#.utf8).text
                == #"{"a": "\u00e9\ud83d\ude00/", "b": 100.0, "c": 1.2345678901234568e+16}"#)
        #expect(try RecordValue(parsing: #"{"a": 1, "b": 2, "a": 3}"#.utf8).text == #"{"a": 3, "b": 2}"#)
    }

    @Test(arguments: [
        "", "{", "[1,", "[1 2]", "{\"a\" 1}", "{1: 2}", "nul", "\"a", "\"\\x\"", "\"\\u12\"", "1.", ".5", "+1", "-",
        "1 2",
        "[1,]", "\"\u{01}\"", "1e999", String(repeating: "[", count: 100_000),
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: RecordSyntaxError.self) { try RecordValue(parsing: text.utf8) }
    }

    @Test func membersKeepTheirPlaces() {
        var value = RecordValue(members: ["a": 1, "b": 2])
        value["c"] = 3
        value["a"] = 4
        value["b"] = nil
        #expect(value.text == #"{"a": 4, "c": 3}"#)
        #expect(value["b"] == nil)
    }

    @Test(arguments: [
        (2.675, "2.67"), (0.125, "0.12"), (0.375, "0.38"), (1.005, "1.0"), (-2.5, "-2.5"),
        (207.05999999999997, "207.06"),
        (1e300, "1e+300"), (0.004, "0.0"), (41.645, "41.65"), (-60.7800001, "-60.78"),
    ])
    func amountsAreRoundedByTheirExactValues(value: Double, text: String) {
        #expect(RecordNumber.fraction(value).roundedToCents.text == text)
    }

    @Test func wholeNumbersStayWhole() {
        #expect((RecordNumber.whole(2) * .whole(3) + .whole(-1)).text == "5")
        #expect((RecordNumber.whole(2) + .fraction(1)).text == "3.0")
        #expect((RecordNumber.whole(.max) + .whole(1)).text == "9.223372036854776e+18")
        #expect(RecordNumber.whole(99).roundedToCents.text == "99")
    }
}
