/// Status, header fields and, where it was collected, the body of a response.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// The header as it was sent, status line first.
    let header: [UInt8]
    package internal(set) var body: [UInt8]

    init(header: [UInt8], body: [UInt8] = []) {
        self.header = header
        self.body = body
        status = Self.status(of: header) ?? 0
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The value of a header field, whatever the case of its name; the last one where it was sent repeatedly.
    package subscript(header name: String) -> String? {
        // Line by line in place: a response is asked for many fields, and has few.
        var found: String?
        var rest = header[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            rest = rest[(end + 1)...]
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            guard line.count > name.utf8.count, line[line.startIndex + name.utf8.count] == UInt8(ascii: ":"),
                line.prefix(name.utf8.count).elementsEqual(
                    name.utf8, by: { Self.lowercased($0) == Self.lowercased($1) })
            else { continue }
            var value = line.dropFirst(name.utf8.count + 1)
            while let first = value.first, first <= 0x20 { value = value.dropFirst() }
            while let last = value.last, last <= 0x20 { value = value.dropLast() }
            found = String(decoding: value, as: UTF8.self)
        }
        return found
    }

    /// Whether `text`, in lower case, occurs anywhere in the header, whatever its case there.
    package func headerContains(_ text: String) -> Bool {
        let text = Array(text.utf8)
        guard let first = text.first, header.count >= text.count else { return false }
        return header.indices.dropLast(text.count - 1).contains { start in
            Self.lowercased(header[start]) == first
                && text.indices.allSatisfy { Self.lowercased(header[start + $0]) == text[$0] }
        }
    }

    /// The three digits after the first space of a status line.
    static func status(of header: [UInt8]) -> Int? {
        guard let space = header.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let digits = header[(space + 1)...].prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
