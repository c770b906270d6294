/// The message that a person is typing: text, a cursor, and what was sent before.
///
/// Pure: keys go in, rows come out. Keys are those of readline where it has them.
package struct LineEditor: Sendable {
    /// What a key asks for beyond the text.
    package enum Action: Sendable, Hashable {
        case submit(String)
        /// Send without waiting. The text may be empty.
        case submitNow(String)
        case interrupt, endOfFile, suspend, clearScreen
    }

    private(set) var text: [Character] = []
    /// A place in ``text``, 0 to its count.
    private(set) var cursor = 0
    private var history: [String] = []
    /// The place in ``history`` that is shown; its count: what is being typed.
    private var place = 0
    /// What was being typed when older messages were looked at.
    private var draft: [Character] = []
    private var deleted: [Character] = []

    package init(history: [String] = []) {
        self.history = history
        place = history.count
    }

    package var isEmpty: Bool { text.isEmpty }
    package var string: String { String(text) }

    /// Puts words before what is being typed.
    package mutating func giveBack(_ words: String) {
        let rest = text
        text = []
        cursor = 0
        insert(words + (rest.isEmpty ? "" : "\n"))
        text += rest
    }

    package mutating func remember(_ message: String) {
        if history.last != message { history.append(message) }
        place = history.count
    }

    package mutating func on(_ key: Key) -> Action? {
        switch key {
        case .text(let text): insert(text)
        case .newline: insert("\n")
        case .tab: complete()
        case .enter: return enter()
        case .sendNow: return .submitNow(take())
        case .backspace: delete(cursor - 1..<cursor)
        case .delete: delete(cursor..<cursor + 1)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        case .home: cursor = lineStart
        case .end: cursor = lineEnd
        case .up: up()
        case .down: down()
        case .deleteToStart: kill(lineStart..<cursor)
        case .deleteToEnd: kill(cursor..<(cursor == lineEnd ? min(text.count, cursor + 1) : lineEnd))
        case .deleteWord: kill(wordStart..<cursor)
        case .deleteWordForward: kill(cursor..<wordEnd)
        case .yank: insert(String(deleted))
        case .clearScreen: return .clearScreen
        case .interrupt:
            guard isEmpty else {
                replace([])
                return nil
            }
            return .interrupt
        case .endOfFile:
            guard isEmpty else {
                delete(cursor..<cursor + 1)
                return nil
            }
            return .endOfFile
        case .suspend: return .suspend
        }
        return nil
    }

    // MARK: - Changing

    private mutating func insert(_ words: String) {
        // A combining character joins the one before it.
        let before = Array(String(text[..<cursor]) + words)
        text = before + text[cursor...]
        cursor = before.count
    }

    private mutating func replace(_ all: [Character]) {
        text = all
        cursor = all.count
        place = history.count
    }

    private mutating func delete(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<text.count)
        text.removeSubrange(range)
        cursor = min(range.lowerBound, text.count)
    }

    private mutating func kill(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        deleted = Array(text[range])
        delete(range)
    }

    /// A backslash at the end goes on with another line.
    private mutating func enter() -> Action? {
        if text.last == "\\", cursor == text.count {
            text[text.count - 1] = "\n"
            return nil
        }
        return .submit(take())
    }

    private mutating func take() -> String {
        let message = string
        if !message.allSatisfy(\.isWhitespace) { remember(message) }
        replace([])
        return message
    }

    /// The names of commands are completed as far as they are certain.
    private mutating func complete() {
        guard text.first == "/", cursor == text.count, !text.contains(where: \.isWhitespace) else { return }
        let names = SlashCommand.allCases.map { "/" + $0.rawValue }.filter { $0.hasPrefix(string) }
        guard var common = names.first else { return }
        for name in names { common = common.commonPrefix(with: name) }
        replace(Array(names.count == 1 ? common + " " : common))
    }

    // MARK: - Moving

    private var lineStart: Int { text[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
    private var lineEnd: Int { text[cursor...].firstIndex(of: "\n") ?? text.count }

    private var wordStart: Int {
        var place = cursor
        while place > 0, !text[place - 1].isWord { place -= 1 }
        while place > 0, text[place - 1].isWord { place -= 1 }
        return place
    }

    private var wordEnd: Int {
        var place = cursor
        while place < text.count, !text[place].isWord { place += 1 }
        while place < text.count, text[place].isWord { place += 1 }
        return place
    }

    /// To the line above, or to the message before.
    private mutating func up() {
        let start = lineStart
        guard start > 0 else { return recall(place - 1) }
        let column = cursor - start
        let above = text[..<(start - 1)].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        cursor = min(above + column, start - 1)
    }

    private mutating func down() {
        let (start, end) = (lineStart, lineEnd)
        guard end < text.count else { return recall(place + 1) }
        let column = cursor - start
        let after = text[(end + 1)...].firstIndex(of: "\n") ?? text.count
        cursor = min(end + 1 + column, after)
    }

    private mutating func recall(_ number: Int) {
        guard (0...history.count).contains(number), number != place else { return }
        if place == history.count { draft = text }
        text = number == history.count ? draft : Array(history[number])
        cursor = text.count
        place = number
    }
}

extension Character {
    fileprivate var isWord: Bool { isLetter || isNumber || self == "_" }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
