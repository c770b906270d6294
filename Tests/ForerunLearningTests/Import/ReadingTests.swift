import ForerunCore
import Testing

@testable import ForerunLearning

struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2026-03-01T10:00:00.250Z", 1_772_359_200.25),
        ("2024-02-29 00:00:00", 1_709_164_800),
        ("2026-03-01T12:00:00+02:00", 1_772_359_200), ("2026-03-01T05:30:00-0430", 1_772_359_200),
    ])
    func textsOfAllKinds(text: String, seconds: Double) throws {
        #expect(abs(try #require(Timestamp.seconds(text)) - seconds) < 0.001)
    }

    @Test(arguments: ["", "yesterday", "2026-03", "2026-13-01T00:00:00Z", "2026-03-01"]) func otherTextsAreNone(
        text: String
    ) {
        #expect(Timestamp.seconds(text) == nil)
    }

    @Test func numbersAreSecondsOrMilliseconds() {
        #expect(Timestamp.seconds(1_754_042_410) == 1_754_042_410)
        #expect(Timestamp.seconds(1_754_042_410_500) == 1_754_042_410.5)
    }
}

struct EntryTreeTests {
    @Test func theWayToTheLatestEndIsKept() {
        var tree = EntryTree()
        #expect(tree.add("a", parent: nil) == 0)
        #expect(tree.add("b", parent: "a") == 1)
        #expect(tree.add("c", parent: "a") == 2)
        #expect(tree.add("x", parent: "unknown") == 3)
        #expect(tree.add("note", parent: "b") == 4)
        #expect(tree.add("a", parent: nil) == nil)
        #expect(tree.roots() == [0, 0, 0, 3, 0])
        #expect(tree.kept { $0 != 4 } == [true, false, true, true, false])
    }
}

struct OutputStatusTests {
    @Test func theWordsInFrontTell() {
        #expect(OutputStatus.isError("<returncode>0</returncode>") == false)
        #expect(OutputStatus.isError("<returncode>1</returncode>") == true)
        #expect(OutputStatus.isError("Exit code: 127\nWall time: 1 seconds") == true)
        #expect(OutputStatus.isError("Process exited with code 0") == false)
        #expect(OutputStatus.isError("Error: user not found") == true)
        #expect(OutputStatus.isError("all well") == nil)
    }
}
