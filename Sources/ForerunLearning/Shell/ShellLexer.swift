/// Cuts a shell command line into tokens (POSIX, 2.3), in one pass.
struct ShellLexer {
    enum Token {
        /// `isQuoted`: some of it was in quotes or escaped, so that it is no keyword.
        case word(String, isQuoted: Bool)
        case redirection(ShellCommand.Redirection)
        case connector(ShellCommand.Connector)
        /// `(`
        case open
        /// `)`
        case close
    }

    private let bytes: [UInt8]
    private var position = 0
    /// Tokens that were read ahead: here-documents wait for the end of their line.
    private var ready: [Token] = []
    private var readyIndex = 0
    private var documents: [(delimiter: String, stripsTabs: Bool)] = []

    init(_ text: String) { bytes = Array(text.utf8) }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }
    private func peek(_ offset: Int) -> UInt8? { position + offset < bytes.count ? bytes[position + offset] : nil }

    /// The next token; `nil` at the end.
    mutating func next() -> Token? {
        while true {
            if readyIndex < ready.count {
                readyIndex += 1
                return ready[readyIndex - 1]
            }
            ready = []
            readyIndex = 0
            skipBlanks()
            guard let byte else { return nil }
            if let token = token(from: byte) { return token }
        }
    }

    /// The token that begins with `byte`; `nil` where what stands there is none, or waits in `ready`.
    private mutating func token(from byte: UInt8) -> Token? {
        switch byte {
        case 0x0A:
            position += 1
            guard !documents.isEmpty else { return .connector(.sequence) }
            for document in documents { ready.append(.redirection(hereDocument(document))) }
            documents = []
            ready.append(.connector(.sequence))
            return nil
        case UInt8(ascii: ";"):
            while self.byte == UInt8(ascii: ";") || self.byte == UInt8(ascii: "&") { position += 1 }
            return .connector(.sequence)
        case UInt8(ascii: "&"):
            if peek(1) == UInt8(ascii: ">") {
                position += 1
                return redirection()
            }
            let isAnd = peek(1) == UInt8(ascii: "&")
            position += isAnd ? 2 : 1
            return .connector(isAnd ? .and : .sequence)
        case UInt8(ascii: "|"):
            if peek(1) == UInt8(ascii: "|") {
                position += 2
                return .connector(.or)
            }
            position += peek(1) == UInt8(ascii: "&") ? 2 : 1
            return .connector(.pipe)
        case UInt8(ascii: "("):
            position += 1
            return .open
        case UInt8(ascii: ")"):
            position += 1
            return .close
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            if peek(1) == UInt8(ascii: "(") { return word() }
            return redirection()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // A descriptor in front of its redirection.
            var end = position
            while end < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[end] { end += 1 }
            if end < bytes.count, bytes[end] == UInt8(ascii: "<") || bytes[end] == UInt8(ascii: ">") {
                position = end
                return redirection()
            }
            return word()
        default: return word()
        }
    }

    private mutating func skipBlanks() {
        while let byte {
            if byte == 0x20 || byte == 0x09 || byte == 0x0D {
                position += 1
            } else if byte == UInt8(ascii: "\\"), peek(1) == 0x0A {
                position += 2
            } else if byte == UInt8(ascii: "#"),
                position == 0 || bytes[position - 1] <= 0x20 || bytes[position - 1] == UInt8(ascii: ";")
            {
                while let byte = self.byte, byte != 0x0A { _ = byte; position += 1 }
            } else {
                return
            }
        }
    }

    private mutating func redirection() -> Token? {
        var kind = ShellCommand.Redirection.Kind.input
        if byte == UInt8(ascii: "<") {
            position += 1
            if byte == UInt8(ascii: "<") {
                position += 1
                if byte == UInt8(ascii: "<") {
                    position += 1
                    kind = .hereString
                } else {
                    let stripsTabs = byte == UInt8(ascii: "-")
                    if stripsTabs { position += 1 }
                    skipBlanks()
                    if case .word(let delimiter, _)? = word() { documents.append((delimiter, stripsTabs)) }
                    return nil
                }
            } else if byte == UInt8(ascii: "&") {
                position += 1
                kind = .duplicate
            }
        } else {
            kind = .output
            position += 1
            if byte == UInt8(ascii: ">") {
                position += 1
                kind = .append
            } else if byte == UInt8(ascii: "|") {
                position += 1
            } else if byte == UInt8(ascii: "&") {
                position += 1
                kind = .duplicate
            }
        }
        skipBlanks()
        guard let byte, byte != 0x0A, case .word(let target, _)? = word() else { return nil }
        return .redirection(.init(kind: kind, target: target))
    }

    private mutating func word() -> Token? {
        var text: [UInt8] = []
        var isQuoted = false
        let start = position
        loop: while let byte {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: ")"):
                break loop
            case UInt8(ascii: "("), UInt8(ascii: "<"), UInt8(ascii: ">"):
                // `<(…)` is one word; otherwise these end it.
                guard byte != UInt8(ascii: "("), peek(1) == UInt8(ascii: "("), text.isEmpty, !isQuoted else {
                    break loop
                }
                text.append(byte)
                position += 1
                copyNested(into: &text)
            case UInt8(ascii: "'"):
                isQuoted = true
                position += 1
                while let byte = self.byte, byte != UInt8(ascii: "'") {
                    text.append(byte)
                    position += 1
                }
                position += 1
            case UInt8(ascii: "\""):
                isQuoted = true
                position += 1
                doubleQuoted(into: &text)
            case UInt8(ascii: "\\"):
                isQuoted = true
                if let escaped = peek(1) {
                    if escaped != 0x0A { text.append(escaped) }
                }
                position += 2
            case UInt8(ascii: "$") where peek(1) == UInt8(ascii: "("):
                text.append(byte)
                position += 1
                copyNested(into: &text)
            case UInt8(ascii: "$") where peek(1) == UInt8(ascii: "'"):
                // ANSI-C quotes: the escapes that matter for patterns and paths.
                isQuoted = true
                position += 2
                ansiQuoted(into: &text)
            case UInt8(ascii: "`"):
                text.append(byte)
                position += 1
                while let byte = self.byte {
                    text.append(byte)
                    position += 1
                    if byte == UInt8(ascii: "`") { break }
                }
            default:
                text.append(byte)
                position += 1
            }
        }
        position = min(position, bytes.count)
        // Something that begins no word stands here; go on behind it.
        if position == start { position += 1 }
        return .word(String(decoding: text, as: UTF8.self), isQuoted: isQuoted)
    }

    private mutating func doubleQuoted(into text: inout [UInt8]) {
        while let byte, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\"), let escaped = peek(1) {
                switch escaped {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "`"): text.append(escaped)
                case 0x0A: break
                default: text += [byte, escaped]
                }
                position += 2
            } else if byte == UInt8(ascii: "$"), peek(1) == UInt8(ascii: "(") {
                text.append(byte)
                position += 1
                copyNested(into: &text)
            } else {
                text.append(byte)
                position += 1
            }
        }
        position += 1
    }

    private mutating func ansiQuoted(into text: inout [UInt8]) {
        while let byte, byte != UInt8(ascii: "'") {
            if byte == UInt8(ascii: "\\"), let escaped = peek(1) {
                switch escaped {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "t"): text.append(0x09)
                default: text.append(escaped)
                }
                position += 2
            } else {
                text.append(byte)
                position += 1
            }
        }
        position += 1
    }

    /// Copies `(…)` as it is written, up to its closing parenthesis.
    private mutating func copyNested(into text: inout [UInt8]) {
        var depth = 0
        while let byte {
            text.append(byte)
            position += 1
            switch byte {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return }
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                while let inner = self.byte {
                    text.append(inner)
                    position += 1
                    if inner == byte { break }
                    if inner == UInt8(ascii: "\\"), byte == UInt8(ascii: "\""), let escaped = self.byte {
                        text.append(escaped)
                        position += 1
                    }
                }
            case UInt8(ascii: "\\"):
                if let escaped = self.byte {
                    text.append(escaped)
                    position += 1
                }
            default: break
            }
        }
    }

    /// Reads a here-document; the position is at the beginning of a line.
    private mutating func hereDocument(_ document: (delimiter: String, stripsTabs: Bool)) -> ShellCommand.Redirection {
        let delimiter = Array(document.delimiter.utf8)
        var text: [UInt8] = []
        while position < bytes.count {
            var start = position
            while let byte, byte != 0x0A { _ = byte; position += 1 }
            let end = position
            position = min(position + 1, bytes.count)
            if document.stripsTabs { while start < end, bytes[start] == 0x09 { start += 1 } }
            let line = bytes[start..<end]
            if line.elementsEqual(delimiter) || (line.last == 0x0D && line.dropLast().elementsEqual(delimiter)) {
                break
            }
            text += line
            text.append(0x0A)
        }
        return .init(kind: .hereDocument, target: String(decoding: text, as: UTF8.self))
    }
}
