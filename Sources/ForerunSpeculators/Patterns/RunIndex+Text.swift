import ForerunCore
import OrderedCollections

extension RunIndex {
    private static let months: [FeatureHash: Int] = {
        let names = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december",
        ]
        var months: [FeatureHash: Int] = [:]
        for (index, name) in names.enumerated() {
            months[Naming.name(name)] = index + 1
            months[Naming.name(String(name.prefix(3)))] = index + 1
        }
        return months
    }()
    /// Words inside a name that are not capitalised.
    private static let links = Set(
        ["of", "the", "and", "in", "for", "de", "la", "on", "to", "a", "&", "at", "von", "van", "with"].map {
            Naming.name($0)
        })
    /// Capitalised for their place only.
    private static let openers = Set(
        ["i", "i'm", "i’m", "i'd", "i’d", "my", "hi", "hello", "yes", "the"].map { Naming.name($0) })

    /// Indexes free text: tokens by shape, capitalised spans, quoted strings, days. Ranks are in order of appearance.
    mutating func read(_ text: String, _ kind: ValueSource.Kind, tool: String, toolHash: FeatureHash) {
        var text = text
        text.withUTF8 { bytes in
            let bytes = UnsafeBufferPointer(rebasing: bytes.prefix(Limits.textBytes))
            var reading = TextReading(
                bytes: bytes, tokens: Token.all(in: bytes, limit: Limits.tokens), kind: kind, tool: tool,
                toolHash: toolHash, owner: newOwner(in: -1))
            for index in reading.tokens.indices { readToken(index, &reading) }
            readQuoted(&reading)
        }
    }

    private struct TextReading {
        let bytes: TextBytes
        let tokens: [Token]
        let kind: ValueSource.Kind
        let tool: String
        let toolHash: FeatureHash
        let owner: Int32
        var seen = HashTable()
        var order: [FeatureHash: Int32] = [:]

        func slice(_ token: Token) -> TextBytes { UnsafeBufferPointer(rebasing: bytes[token.start..<token.end]) }

        func lowerHash(_ token: Token) -> FeatureHash {
            Naming.name(bytes[token.start..<token.end].lazy.map { TokenShape.isCapital($0) ? $0 | 32 : $0 })
        }
    }

    private mutating func put(_ shape: String, _ value: String, _ reading: inout TextReading, owner: Int32? = nil) {
        let hash = ValueSource.hash(reading.kind, tool: reading.toolHash, path: Naming.name(shape))
        let valueHash = ValueHash.string(Naming.name(value))
        guard reading.seen.findOrInsert(Naming.combine(hash, valueHash), 0).isNew else { return }
        let rank = reading.order[hash, default: 0]
        reading.order[hash] = rank + 1
        let number = intern(.string(value), valueHash)
        let place = Place(owner: owner ?? reading.owner, rank: rank, count: 9, field: -1)
        let (kind, tool) = (reading.kind, reading.tool)
        put(hash, kind, number, place) { ValueSource(kind: kind, tool: tool, path: shape, hash: hash) }
    }

    private mutating func readToken(_ index: Int, _ reading: inout TextReading) {
        let token = reading.tokens[index]
        let bytes = reading.slice(token)
        let word = String(decoding: bytes, as: UTF8.self)
        if TokenShape.isCapital(bytes[0]), !Self.openers.contains(reading.lowerHash(token)) {
            let last = endOfSpan(from: index, reading)
            if last > index, last < index + 8 {
                let owner = newOwner(in: -1)
                let span = reading.bytes[token.start..<reading.tokens[last].end]
                put("span", String(decoding: span, as: UTF8.self), &reading, owner: owner)
                if last == index + 1 {
                    let second = String(decoding: reading.slice(reading.tokens[last]), as: UTF8.self)
                    put("n0", word, &reading, owner: owner)
                    put("n1", second, &reading, owner: owner)
                }
            }
            put("cap", word, &reading)
        }
        if let shape = TokenShape.of(bytes) {
            if bytes.count > 1 { put(shape, word, &reading) }
            if reading.kind == .user {
                let hash = Naming.name(shape)
                if !userShapes.contains(hash) { userShapes.append(hash) }
            }
        }
        if reading.kind == .user, bytes.count <= 9, let month = Self.months[reading.lowerHash(token)],
            let day = day(at: index + 1, reading) ?? day(at: index - 1, reading)
        {
            put("day", Self.twoDigits(month) + "-" + Self.twoDigits(day), &reading)
        }
    }

    /// The last token of the capitalised words that begin at `index`.
    private func endOfSpan(from index: Int, _ reading: TextReading) -> Int {
        var last = index
        var next = index + 1
        while next < reading.tokens.count, reading.tokens[next].followsBlank {
            let first = reading.bytes[reading.tokens[next].start]
            let begins = TokenShape.isCapital(first) || TokenShape.isDigit(first)
            guard begins || Self.links.contains(reading.lowerHash(reading.tokens[next])) else { break }
            if !TokenShape.isSmall(first) { last = next }
            next += 1
        }
        return last
    }

    private func day(at index: Int, _ reading: TextReading) -> Int? {
        guard reading.tokens.indices.contains(index) else { return nil }
        let bytes = reading.slice(reading.tokens[index])
        let digits = bytes.prefix(while: TokenShape.isDigit)
        guard (1...2).contains(digits.count) else { return nil }
        let rest = String(decoding: bytes[digits.count...], as: UTF8.self)
        guard rest.isEmpty || ["st", "nd", "rd", "th"].contains(rest) else { return nil }
        let day = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return (1...31).contains(day) ? day : nil
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// What stands in quotation marks, of 2 to 60 characters.
    private mutating func readQuoted(_ reading: inout TextReading) {
        var at = 0
        while at < reading.bytes.count {
            let opening = Self.quote(reading.bytes, at, closing: false)
            // Inside a word it is an apostrophe.
            guard opening > 0, at == 0 || !Self.isInWord(reading.bytes[at - 1]) else {
                at += 1
                continue
            }
            var end = at + opening
            var characters = 0
            while end < reading.bytes.count, characters <= 60, reading.bytes[end] != 10,
                Self.quote(reading.bytes, end, closing: true) == 0
            {
                if reading.bytes[end] & 0xc0 != 0x80 { characters += 1 }
                end += 1
            }
            let closing = end < reading.bytes.count ? Self.quote(reading.bytes, end, closing: true) : 0
            guard closing > 0, (2...60).contains(characters) else {
                at += opening
                continue
            }
            put("quote", String(decoding: reading.bytes[(at + opening)..<end], as: UTF8.self), &reading)
            at = end + closing
        }
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
        TokenShape.isSmall(byte) || TokenShape.isCapital(byte) || TokenShape.isDigit(byte)
    }

    /// How many bytes the quotation mark at `at` takes; 0: there is none.
    private static func quote(_ bytes: TextBytes, _ at: Int, closing: Bool) -> Int {
        if bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") { return 1 }
        guard at + 2 < bytes.count, bytes[at] == 0xe2, bytes[at + 1] == 0x80 else { return 0 }
        let third = bytes[at + 2]
        return (closing ? third == 0x9d || third == 0x99 : third == 0x9c || third == 0x98) ? 3 : 0
    }

    /// Features of an output, for the decision that comes next.
    func features(of output: PatternOutput, _ tool: FeatureHash) -> [FeatureHash] {
        switch output.value {
        case .array(let elements): return [Naming.combine(Naming.combine(1, tool), bucket(elements.count))]
        case .object(let members):
            var result = [Naming.combine(Naming.combine(1, tool), bucket(members.count))]
            for (key, value) in members.elements.prefix(20) where Self.isLabel(value) {
                result.append(Naming.combine(Naming.combine(2, tool, Naming.name(key)), ValueHash.of(value)))
            }
            return result
        default:
            let text = output.value.stringValue ?? output.value.text
            var result = [Naming.combine(Naming.combine(3, tool), output.isError ? 1 : 0)]
            WordScan.words(in: text, limit: 120) { hash, _, hasDigit in
                let feature = Naming.combine(4, tool, hash)
                if !hasDigit, result.count <= 12, !result.contains(feature) { result.append(feature) }
            }
            return result
        }
    }

    /// A short value without digits, or a truth value: a status, a class, a kind.
    private static func isLabel(_ value: JSON) -> Bool {
        switch value {
        case .bool: true
        case .string(let text): text.utf8.count <= 24 && !text.utf8.contains(where: TokenShape.isDigit)
        default: false
        }
    }
}
