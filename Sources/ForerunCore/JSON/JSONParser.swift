import OrderedCollections

/// One pass over UTF-8 bytes, by recursive descent. Strings are validated and copied a run at a time.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    private let depthLimit: Int
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) -> Result<JSON, JSONError> {
        var parser = JSONParser(bytes, depthLimit)
        do throws(JSONError) {
            return .success(try parser.document())
        } catch {
            return .failure(error)
        }
    }

    /// The byte at the position; `nil` at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(message: message, offset: offset ?? position)
    }

    private mutating func document() throws(JSONError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw error("byte order mark, which JSON must not have,") }
        skipSpace()
        let value = try value()
        skipSpace()
        guard next == nil else { throw error("text after the value") }
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSON {
        guard let next else { throw error("text ends where a value is expected") }
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error("expected a value")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { throw error("unfinished word, expected \(word)") }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            throw error("unknown word, expected \(word)")
        }
        position += count
        return value
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> JSON
    ) throws(JSONError) -> JSON {
        guard depth < depthLimit else { throw error("more than \(depthLimit) nested arrays and objects") }
        depth += 1
        position += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        if try ends(with: UInt8(ascii: "]"), expected: "a value or ']'") { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if try separated(or: UInt8(ascii: "]"), expected: "',' or ']'") { return .array(elements) }
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var members: OrderedDictionary<String, JSON> = [:]
        if try ends(with: UInt8(ascii: "}"), expected: "a member or '}'") { return .object(members) }
        while true {
            guard next == UInt8(ascii: "\"") else { throw error("expected the name of a member") }
            let name = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw error("expected ':'") }
            position += 1
            skipSpace()
            members[name] = try value()
            skipSpace()
            if try separated(or: UInt8(ascii: "}"), expected: "',' or '}'") { return .object(members) }
        }
    }

    /// Whether an array or object ends at once.
    private mutating func ends(with end: UInt8, expected: String) throws(JSONError) -> Bool {
        guard let next else { throw error("text ends where \(expected) is expected") }
        guard next == end else { return false }
        position += 1
        return true
    }

    /// Whether an array or object ends here; otherwise a comma was read.
    private mutating func separated(or end: UInt8, expected: String) throws(JSONError) -> Bool {
        if try ends(with: end, expected: expected) { return true }
        guard next == UInt8(ascii: ",") else { throw error("expected \(expected)") }
        position += 1
        skipSpace()
        return false
    }
}
