/// Cuts JSON documents into pieces, so that a file of gigabytes is never held whole.
///
/// The pieces of an array are its elements; those of an object are its members, and of members that are arrays the
/// elements. What is within a piece is only checked when it is parsed, so that damage to one piece costs only that piece,
/// as long as brackets and quotation marks still pair.
struct DocumentReader {
    enum Part {
        /// A value, in ``DocumentReader/bytes``; of the member `member`, where the document is an object.
        case piece(Range<Int>, member: String?)
        case tooLong
        /// A document ended; another one may follow.
        case end
        /// From here on the text is no JSON; nothing follows.
        case damaged(String)
    }

    private enum State {
        case outside
        case array(member: String?, isFirst: Bool)
        case object(isFirst: Bool)
        case over
    }

    private let source: ByteSource
    private let limit: Int
    private(set) var bytes: [UInt8]
    private var position = 0
    private var isAtEnd = false
    /// Where the value begins that is being read; bytes from here on are kept.
    private var mark: Int?
    private var state = State.outside
    private var memberOfObject = false
    /// The number of the line that is being read, from 1.
    private(set) var line = 1

    init(_ source: ByteSource, head: [UInt8], limit: Int) {
        self.source = source
        self.limit = limit
        bytes = head
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The next part; `nil` at the end of the file.
    mutating func next() throws(ByteSource.Failure) -> Part? {
        while true {
            let next = try skipSpace()
            switch state {
            case .over: return nil
            case .outside:
                switch next {
                case nil: return nil
                case UInt8(ascii: "["): enter(.array(member: nil, isFirst: true), inObject: false)
                case UInt8(ascii: "{"): enter(.object(isFirst: true), inObject: true)
                default: return damage("neither an object nor an array begins here")
                }
            case .array(let member, let isFirst):
                guard let next else { return damage("the document ends early") }
                if next == UInt8(ascii: "]") {
                    position += 1
                    if memberOfObject {
                        state = .object(isFirst: false)
                        continue
                    }
                    state = .outside
                    return .end
                }
                if !isFirst {
                    guard next == UInt8(ascii: ",") else { return damage("no comma between two elements") }
                    position += 1
                    _ = try skipSpace()
                }
                state = .array(member: member, isFirst: false)
                return try value(of: member)
            case .object(let isFirst):
                guard let next else { return damage("the document ends early") }
                if next == UInt8(ascii: "}") {
                    position += 1
                    state = .outside
                    return .end
                }
                if !isFirst {
                    guard next == UInt8(ascii: ",") else { return damage("no comma between two members") }
                    position += 1
                }
                guard try skipSpace() == UInt8(ascii: "\"") else { return damage("no name of a member") }
                guard let name = try name() else { return damage("the document ends early") }
                guard try skipSpace() == UInt8(ascii: ":") else { return damage("no colon behind a name") }
                position += 1
                state = .object(isFirst: false)
                if try skipSpace() == UInt8(ascii: "[") {
                    position += 1
                    state = .array(member: name, isFirst: true)
                    continue
                }
                return try value(of: name)
            }
        }
    }

    private mutating func enter(_ state: State, inObject: Bool) {
        position += 1
        memberOfObject = inObject
        self.state = state
    }

    private mutating func damage(_ message: String) -> Part {
        state = .over
        return .damaged(message)
    }

    private mutating func name() throws(ByteSource.Failure) -> String? {
        mark = position
        defer { mark = nil }
        guard try skipValue() == .whole, let start = mark else { return nil }
        return String(decoding: bytes[start + 1..<max(start + 1, position - 1)], as: UTF8.self)
    }

    private mutating func value(of member: String?) throws(ByteSource.Failure) -> Part {
        mark = position
        defer { mark = nil }
        switch try skipValue() {
        case .whole:
            guard let start = mark, start < position else { return damage("no value where one is expected") }
            return .piece(start..<position, member: member)
        case .tooLong: return .tooLong
        case .unfinished: return damage("the document ends early")
        }
    }

    private enum Skipped { case whole, tooLong, unfinished }

    /// Moves behind the value at the position.
    private mutating func skipValue() throws(ByteSource.Failure) -> Skipped {
        var depth = 0
        var isInString = false
        var isTooLong = false
        while true {
            if position == bytes.count {
                if let start = mark, position - start > limit {
                    isTooLong = true
                    mark = nil
                }
                guard try fill() else {
                    return depth == 0 && !isInString ? (isTooLong ? .tooLong : .whole) : .unfinished
                }
            }
            let byte = bytes[position]
            if isInString {
                if byte == UInt8(ascii: "\\") {
                    position += 1
                    if position == bytes.count, try !fill() { return .unfinished }
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 {
                        position += 1
                        return isTooLong ? .tooLong : .whole
                    }
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    // The end of what a bare word is in.
                    if depth == 0 { return isTooLong ? .tooLong : .whole }
                    depth -= 1
                    if depth == 0 {
                        position += 1
                        return isTooLong ? .tooLong : .whole
                    }
                case UInt8(ascii: ","), 0x20, 0x09, 0x0D, 0x0A:
                    if depth == 0 { return isTooLong ? .tooLong : .whole }
                default: break
                }
            }
            if bytes[position] == 0x0A { line += 1 }
            position += 1
        }
    }

    /// Moves to the next byte that is no white space. - Returns: it; `nil` at the end.
    private mutating func skipSpace() throws(ByteSource.Failure) -> UInt8? {
        while true {
            while position < bytes.count {
                let byte = bytes[position]
                switch byte {
                case 0x0A: line += 1
                case 0x20, 0x0D, 0x09: break
                default: return byte
                }
                position += 1
            }
            guard try fill() else { return nil }
        }
    }

    private mutating func fill() throws(ByteSource.Failure) -> Bool {
        guard !isAtEnd else { return false }
        let kept = mark ?? position
        if kept > 0 {
            bytes.removeFirst(kept)
            position -= kept
            if mark != nil { mark = 0 }
        }
        isAtEnd = try source.read(into: &bytes) == 0
        return !isAtEnd
    }
}
