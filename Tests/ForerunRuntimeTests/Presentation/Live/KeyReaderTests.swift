import ForerunRuntime
import Testing

struct KeyReaderTests {
    private func keys(_ parts: String...) -> [ViewKey] {
        var reader = KeyReader()
        return parts.flatMap { reader.keys(Array($0.utf8)) }
    }

    @Test func keysAreToldApart() {
        #expect(keys("dt?") == [.character("d"), .character("t"), .character("?")])
        #expect(keys("\u{1B}[A\u{1B}[B\u{1B}OA\u{1B}OB") == [.up, .down, .up, .down])
        #expect(keys("\u{1B}[5~\u{1B}[6~") == [.pageUp, .pageDown])
        #expect(keys("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~") == [.home, .end, .home, .end])
    }

    @Test func sequencesMayComeInPieces() {
        #expect(keys("\u{1B}", "[", "A") == [.up])
        #expect(keys("x\u{1B}[", "6~y") == [.character("x"), .pageDown, .character("y")])
    }

    @Test func escapeIsAKeyWhereNothingFollows() {
        #expect(keys("\u{1B}", "") == [.escape])
        #expect(keys("\u{1B}", "", "A") == [.escape, .character("A")])
        #expect(keys("\u{1B}x") == [.escape, .character("x")])
    }

    /// Other keys, other languages, and what is no sequence at all.
    @Test func whatMeansNothingIsPassedOver() {
        #expect(keys("\u{1B}[1;5C\u{1B}[24~d") == [.character("d")])
        #expect(keys("ä日d\t\u{7F}") == [.character("d")])
        #expect(keys("\u{1B}[" + String(repeating: "1", count: 100)) == [])
        #expect(keys("\u{1B}[" + String(repeating: "1", count: 100), "d") == [.character("d")])
    }
}
