import ForerunRuntime
import Testing

struct DisplayTextTests {
    @Test func widths() {
        #expect(DisplayText.width(of: "abc") == 3)
        #expect(DisplayText.width(of: "日本") == 4)
        #expect(DisplayText.width(of: "e\u{301}") == 1)
        #expect(DisplayText.width(of: "✓…├") == 3)
        #expect(DisplayText.width(of: "🙂") == 2)
    }

    @Test(arguments: 0...12)
    func whatIsFittedFits(columns: Int) {
        let fitted = DisplayText.fitted("日本語 and more", columns: columns)
        #expect(DisplayText.width(of: fitted) <= columns)
    }

    @Test func whatFitsStays() {
        #expect(DisplayText.fitted("abc", columns: 3) == "abc")
        #expect(DisplayText.fitted("abcd", columns: 3) == "ab…")
        #expect(DisplayText.fitted("abcd", columns: 3, mark: "~") == "ab~")
    }

    @Test func wrapping() {
        #expect(DisplayText.wrapped("abcde", columns: 2) == ["ab", "cd", "e"])
        #expect(DisplayText.wrapped("日本", columns: 3) == ["日", "本"])
        #expect(DisplayText.wrapped("", columns: 3) == [""])
    }

    @Test func controlsLoseTheirPower() {
        #expect(DisplayText.harmless("a\u{1B}]0;x\u{7}b\tc\n") == "a]0;xb\tc\n")
        #expect(DisplayText.harmless("a\u{9B}31mb") == "a31mb")
        #expect(DisplayText.line(" a\n\n\u{1B}b  c ", limit: 10) == "a b c")
        #expect(DisplayText.line("abcdef", limit: 3) == "abc…")
    }
}
