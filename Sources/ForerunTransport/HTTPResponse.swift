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
        var found: String?
        for line in header.split(separator: UInt8(ascii: "\n")).dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                line[..<colon].elementsEqual(name.utf8, by: { Self.lowercased($0) == Self.lowercased($1) })
            else { continue }
            var value = line[line.index(after: colon)...]
            while let first = value.first, first <= 0x20 { value = value.dropFirst() }
            while let last = value.last, last <= 0x20 { value = value.dropLast() }
            found = String(decoding: value, as: UTF8.self)
        }
        return found
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
