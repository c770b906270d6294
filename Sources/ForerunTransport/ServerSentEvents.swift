import Glibc

/// Takes a stream of server-sent events apart (WHATWG HTML, section 9.2.6): bytes in, events out, however they are cut.
///
/// An event that lies in one chunk and has one line of data is handed out without being copied.
package struct ServerSentEvents: Sendable {
    /// One event. The bytes are valid during the call only.
    package struct Event {
        /// What follows `event:`; `nil` where the server named none.
        package var name: String?
        /// The lines of data, joined by line feeds.
        package var data: UnsafeBufferPointer<UInt8>

        package init(name: String?, data: UnsafeBufferPointer<UInt8>) {
            self.name = name
            self.data = data
        }
    }

    /// A line whose end has not come yet.
    private var line: [UInt8] = []
    private var name: String?
    /// The data of the event so far, where it has several lines or came in several chunks.
    private var data: [UInt8] = []
    private var hasData = false
    /// The last line ended with a carriage return: a line feed that follows belongs to it.
    private var endedWithReturn = false
    private var isAtStart = true

    package init() {}

    /// Takes the next bytes of the stream.
    package mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Event) -> Void) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if endedWithReturn {
                endedWithReturn = false
                if rest.first == 0x0A {
                    rest = rest.dropFirst()
                    continue
                }
            }
            let chunk = UnsafeBufferPointer(rebasing: rest)
            guard let end = Self.lineEnd(in: chunk) else {
                line.append(contentsOf: chunk)
                return
            }
            endedWithReturn = chunk[end] == 0x0D
            let remainder = UnsafeBufferPointer(rebasing: chunk[(end + 1)...])
            rest = rest.dropFirst(end + 1)
            if line.isEmpty {
                take(UnsafeBufferPointer(rebasing: chunk[..<end]), followedBy: remainder, body)
            } else {
                line.append(contentsOf: chunk[..<end])
                let whole = line
                line.removeAll(keepingCapacity: true)
                whole.withUnsafeBufferPointer { take($0, followedBy: remainder, body) }
            }
        }
    }

    /// Takes the end of the stream: hands out an event whose empty line never came, as servers are seen to end.
    package mutating func finish(_ body: (Event) -> Void) {
        let last = line
        line = []
        last.withUnsafeBufferPointer { take($0, followedBy: UnsafeBufferPointer(start: nil, count: 0), body) }
        dispatch(body)
    }

    private mutating func take(
        _ line: UnsafeBufferPointer<UInt8>, followedBy rest: UnsafeBufferPointer<UInt8>, _ body: (Event) -> Void
    ) {
        var line = line
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeBufferPointer(rebasing: line.dropFirst(3)) }
        }
        if line.isEmpty {
            dispatch(body)
        } else if let value = Self.value(of: "data", in: line) {
            if !hasData, startsWithEmptyLine(rest) {
                // The common case: the event is complete, and its empty line will find nothing more to hand out.
                body(Event(name: name, data: value))
                name = nil
                return
            }
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        } else if let value = Self.value(of: "event", in: line) {
            name = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        }
        // Comments, ids, retry times and unknown fields mean nothing here.
    }

    private mutating func dispatch(_ body: (Event) -> Void) {
        defer { name = nil }
        guard hasData else { return }
        hasData = false
        data.withUnsafeBufferPointer { body(Event(name: name, data: $0)) }
        data.removeAll(keepingCapacity: true)
    }

    private func startsWithEmptyLine(_ rest: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = endedWithReturn && rest.first == 0x0A ? 1 : 0
        return start < rest.count && (rest[start] == 0x0A || rest[start] == 0x0D)
    }

    /// The value of a field, without the one space that may precede it; `nil` where the line is of another field.
    private static func value(of field: StaticString, in line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<
        UInt8
    >? {
        let length = field.utf8CodeUnitCount
        guard line.count >= length, memcmp(line.baseAddress!, field.utf8Start, length) == 0 else { return nil }
        var rest = line[length...]
        guard let colon = rest.first else { return UnsafeBufferPointer(rebasing: rest) }
        guard colon == UInt8(ascii: ":") else { return nil }
        rest = rest.dropFirst()
        if rest.first == 0x20 { rest = rest.dropFirst() }
        return UnsafeBufferPointer(rebasing: rest)
    }

    /// Where the first line ends: at a line feed or a carriage return.
    private static func lineEnd(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let start = bytes.baseAddress else { return nil }
        var end: Int?
        if let feed = memchr(start, 0x0A, bytes.count) { end = UnsafeRawPointer(feed) - UnsafeRawPointer(start) }
        // Returns are rare, so that only the line itself is searched for one.
        if let mark = memchr(start, 0x0D, end ?? bytes.count) { end = UnsafeRawPointer(mark) - UnsafeRawPointer(start) }
        return end
    }
}
