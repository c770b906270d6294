import ForerunRuntime
import Testing

struct LineEditorTests {
    /// What is left after some keys, with the cursor marked.
    private func editor(_ keys: [Key], history: [String] = []) -> LineEditor {
        var editor = LineEditor(history: history)
        for key in keys { _ = editor.on(key) }
        return editor
    }

    @Test(arguments: [
        ([Key.text("ab"), .left, .text("x")], "axb"), ([.text("ab"), .home, .delete], "b"),
        ([.text("one two"), .deleteWord], "one "),
        ([.text("one two"), .home, .deleteToEnd, .yank, .yank], "one twoone two"),
        ([.text("one two"), .wordLeft, .deleteToStart], "two"), ([.text("ab"), .left, .endOfFile], "a"),
        ([.text("e"), .text("\u{301}"), .backspace], ""),
        ([.text("a"), .newline, .text("b"), .up, .text("x")], "ax\nb"),
        ([.text("a\\"), .enter, .text("b")], "a\nb"), ([.text("one"), .home, .wordRight, .text("!")], "one!"),
        ([.text("/und"), .tab], "/undo "), ([.text("/q"), .tab], "/qu"), ([.text("ab"), .interrupt], ""),
        ([.backspace, .left, .right, .up, .down, .delete, .deleteWord, .yank], ""),
    ])
    func keysChangeTheText(keys: [Key], expected: String) { #expect(editor(keys).string == expected) }

    @Test func whatWasSaidComesBack() {
        var editor = LineEditor(history: ["one"])
        _ = editor.on(.text("two"))
        #expect(editor.on(.enter) == .submit("two"))
        _ = editor.on(.text("draft"))
        _ = editor.on(.up)
        #expect(editor.string == "two")
        _ = editor.on(.up)
        _ = editor.on(.up)
        #expect(editor.string == "one")
        _ = editor.on(.down)
        _ = editor.on(.down)
        #expect(editor.string == "draft")
    }

    @Test func keysAskForMore() {
        var editor = LineEditor()
        #expect(editor.on(.interrupt) == .interrupt)
        #expect(editor.on(.endOfFile) == .endOfFile)
        _ = editor.on(.text("at once"))
        #expect(editor.on(.sendNow) == .submitNow("at once"))
        editor.giveBack("words")
        #expect(editor.string == "words")
        editor.giveBack("more")
        #expect(editor.string == "more\nwords")
    }

    @Test func wideCharactersTakeTwoColumns() {
        let rows = editor([.text("世界世界a"), .left]).rows(prompt: "› ", width: 2, columns: 9, height: 4)
        #expect(rows.rows == ["› 世界世", "  界a"])
        #expect(rows.row == 1 && rows.column == 4)
        let end = editor([.text("abcdef")]).rows(prompt: "› ", width: 2, columns: 9, height: 4)
        #expect(end.rows == ["› abcdef"] && end.column == 8)
    }

    @Test func ofManyRowsThoseAroundTheCursorAreShown() {
        let rows = editor([.text("1\n2\n3\n4\n5\n6")]).rows(prompt: "› ", width: 2, columns: 20, height: 3)
        #expect(rows.rows == ["  4", "  5", "  6"])
        #expect(rows.row == 2)
    }

    @Test func theCursorIsPutWhereItIsWanted() {
        var painter = PromptPainter()
        #expect(painter.frame(rows: ["a", "› bc"], row: 1, column: 3, width: 20) == "a\n› bc\r\u{1B}[3C")
        #expect(painter.frame(rows: ["a", "› bc"], row: 1, column: 3, width: 20) == "")
        #expect(
            painter.frame(scrolled: "said\n", rows: ["› b", "  c"], row: 0, column: 2, width: 20)
                == "\r\u{1B}[1A\u{1B}[Jsaid\n› b\n  c\r\u{1B}[1A\u{1B}[2C")
        #expect(painter.clear(width: 20) == "\r\u{1B}[J")
    }
}
