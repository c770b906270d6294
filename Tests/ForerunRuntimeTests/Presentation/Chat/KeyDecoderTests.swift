import ForerunRuntime
import ForerunTesting
import Testing

struct KeyDecoderTests {
    private func keys(_ text: String) -> [Key] {
        var decoder = KeyDecoder()
        return decoder.keys(Array(text.utf8))
    }

    @Test(arguments: [
        ("ab", [Key.text("ab")]), ("\r", [.enter]), ("\n", [.newline]), ("\u{1B}\r", [.newline]),
        ("\u{7F}", [.backspace]),
        ("\u{1B}[A\u{1B}OB", [.up, .down]), ("\u{1B}[1;5C", [.wordRight]), ("\u{1B}b", [.wordLeft]),
        ("\u{1B}[3~", [.delete]), ("\u{1B}[H\u{1B}[4~", [.home, .end]), ("\u{3}\u{4}", [.interrupt, .endOfFile]),
        ("\u{F}", [.sendNow]), ("\u{1B}[200~a\r\nb\tc\u{7}\u{1B}[201~x", [.text("a\nb\tc"), .text("x")]),
        ("ä世🙂", [.text("ä世🙂")]), ("\u{1B}[99~\u{1}", [.home]), ("\u{85}", []),
    ])
    func keysAreKnown(text: String, expected: [Key]) {
        #expect(merged(keys(text)) == merged(expected))
    }

    /// However the bytes are cut, the same keys come out.
    @Test func piecesMakeNoDifference() {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "a", "ä", "世", "\u{1B}[A", "\u{1B}[1;5D", "\u{1B}[200~x\ry\u{1B}[201~", "\r", "\u{3}", "\u{1B}f",
            "\u{1B}OH",
        ]
        for _ in 0..<200 {
            let bytes = (0..<12).flatMap { _ in Array((pieces.randomElement(using: &random) ?? "").utf8) }
            var whole = KeyDecoder()
            var cut = KeyDecoder()
            let expected = whole.keys(bytes)
            var found: [Key] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...4, using: &random)
                found += cut.keys(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(merged(found) == merged(expected))
        }
    }

    @Test func nothingTypedBreaksIt() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<100 {
            var decoder = KeyDecoder()
            var editor = LineEditor(history: ["one", "two\nthree"])
            for _ in 0..<40 {
                let bytes = (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
                for key in decoder.keys(bytes) { _ = editor.on(key) }
                let rows = editor.rows(prompt: "› ", width: 2, columns: 20, height: 5)
                #expect(rows.rows.indices.contains(rows.row) && rows.column < 20 && rows.rows.count <= 5)
                #expect(rows.rows.allSatisfy { DisplayText.width(of: $0) <= 20 })
            }
        }
    }

    private func merged(_ keys: [Key]) -> [Key] {
        keys.reduce(into: []) { all, key in
            if case .text(let new) = key, case .text(let old)? = all.last {
                all[all.count - 1] = .text(old + new)
            } else {
                all.append(key)
            }
        }
    }
}
