import ForerunRuntime
import Testing

struct TerminalPainterTests {
    @Test func rowsAreRedrawnInPlace() {
        var screen = SampleScreen(width: 20, height: 6)
        var painter = TerminalPainter()
        screen.write(painter.frame(rows: ["one", "two"], width: 20))
        #expect(screen.text == "one\ntwo")
        screen.write(painter.frame(rows: ["one", "2", "three"], width: 20))
        #expect(screen.text == "one\n2\nthree")
        screen.write(painter.frame(scrolled: "said\n", rows: ["x"], width: 20))
        #expect(screen.text == "said\nx")
        screen.write(painter.clear(width: 20))
        #expect(screen.text == "said")
    }

    /// Rows come, change and go, and each frame looks like its rows; what did not change is not written again.
    @Test func framesThatFollowEachOtherLookLikeTheirRows() {
        var screen = SampleScreen(width: 20, height: 8)
        var painter = TerminalPainter()
        let frames = [
            ["a", "b", "c"], ["a", "B", "c"], ["a", "B", "c", "d", "e"], ["a", "B"], ["a", "B", "x"], ["y"],
            ["y", "z"],
            ["y"], ["longer than", "before"], ["long", "b"],
        ]
        for frame in frames {
            screen.write(painter.frame(rows: frame, width: 20))
            #expect(screen.text == frame.joined(separator: "\n"))
        }
        screen.write(painter.clear(width: 20))
        #expect(screen.text == "")
        _ = painter.frame(rows: ["one", "two", "three"], width: 20)
        #expect(!painter.frame(rows: ["one", "2", "three"], width: 20).contains("three"))
    }

    @Test func nothingIsWrittenWhereNothingChanged() {
        var painter = TerminalPainter()
        _ = painter.frame(rows: ["a"], width: 10)
        #expect(painter.frame(rows: ["a"], width: 10) == "")
        _ = painter.clear(width: 10)
        #expect(painter.clear(width: 10) == "")
    }

    @Test func whatScrolledStaysWhenTheScreenIsFull() {
        var screen = SampleScreen(width: 10, height: 3)
        var painter = TerminalPainter()
        for number in 1...5 {
            screen.write(painter.frame(scrolled: "line \(number)\n", rows: ["row", "foot"], width: 10))
        }
        screen.write(painter.clear(width: 10))
        #expect(screen.all == "line 1\nline 2\nline 3\nline 4\nline 5")
    }

    @Test func rowsWrappedByANarrowerTerminalAreErasedWhole() {
        var painter = TerminalPainter()
        _ = painter.frame(rows: ["0123456789abcdef", "\u{1B}[1mshort\u{1B}[0m"], width: 20)
        // Two lines for the first row, one for the second.
        #expect(painter.clear(width: 10) == "\r\u{1B}[2A\u{1B}[J")
    }
}

/// A terminal of few rows that understands what the painter writes.
private struct SampleScreen {
    private var lines: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    private let width: Int
    private let height: Int

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    var all: String {
        var rows = lines.map { String($0) }
        while rows.last == "" { rows.removeLast() }
        return rows.joined(separator: "\n")
    }

    var text: String { all }

    mutating func write(_ text: String) {
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\r": column = 0
            // Swift takes the two for one character.
            case "\n", "\r\n":
                row += 1
                column = 0
                if row == lines.count { lines.append([]) }
            case "\u{1B}":
                let end = rest.firstIndex { $0.isLetter } ?? rest.endIndex
                let sequence = rest[...end]
                rest = rest[rest.index(after: end)...]
                if sequence.last == "A" {
                    // Nobody gets above what is on the screen.
                    row = max(lines.count - height, row - (Int(sequence.dropFirst().dropLast()) ?? 1), 0)
                } else if sequence.last == "K" {
                    lines[row] = Array(lines[row].prefix(column))
                } else if sequence.last == "J" {
                    lines[row] = Array(lines[row].prefix(column))
                    lines.removeSubrange((row + 1)...)
                }
            default:
                while lines[row].count <= column { lines[row].append(" ") }
                lines[row][column] = character
                column += 1
            }
        }
    }
}
