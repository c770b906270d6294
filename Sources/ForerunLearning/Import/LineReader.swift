#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Cuts a source into lines. No more than one line and one chunk are held.
struct LineReader {
    /// What ``next()`` found.
    enum Line {
        /// A line that is not blank, in ``LineReader/bytes``. `isTorn`: the file ends without a line feed behind it.
        case text(Range<Int>, isTorn: Bool)
        /// A line of more bytes than the limit, left out.
        case tooLong
    }

    private let source: ByteSource
    private let limit: Int
    /// What was read and not yet used up.
    private(set) var bytes: [UInt8]
    private var start = 0
    private var searched = 0
    private var isAtEnd = false
    private var discards = false
    /// The number of the line that ``next()`` returned last, from 1.
    private(set) var line = 0

    /// - Parameter head: bytes that were read from the source already.
    init(_ source: ByteSource, head: [UInt8], limit: Int) {
        self.source = source
        self.limit = limit
        bytes = head
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            start = 3
            searched = 3
        }
    }

    /// The next line that is not blank; `nil` at the end.
    mutating func next() throws(ByteSource.Failure) -> Line? {
        while true {
            if let end = lineFeed() {
                let found = start..<end
                start = end + 1
                searched = start
                line += 1
                if discards {
                    discards = false
                    return .tooLong
                }
                if !isBlank(found) { return .text(found, isTorn: false) }
            } else if isAtEnd {
                guard start < bytes.count || discards else { return nil }
                let found = start..<bytes.count
                start = bytes.count
                line += 1
                if discards {
                    discards = false
                    return .tooLong
                }
                if !isBlank(found) { return .text(found, isTorn: true) }
            } else {
                try fill()
            }
        }
    }

    private mutating func fill() throws(ByteSource.Failure) {
        if discards || bytes.count - start > limit {
            discards = true
            bytes.removeAll(keepingCapacity: true)
        } else if start > 0 {
            bytes.removeFirst(start)
        }
        start = 0
        searched = bytes.count
        isAtEnd = try source.read(into: &bytes) == 0
    }

    private mutating func lineFeed() -> Int? {
        guard searched < bytes.count else { return nil }
        let found: Int? = bytes.withUnsafeBytes { bytes in
            guard let place = memchr(bytes.baseAddress! + searched, 10, bytes.count - searched) else { return nil }
            return UnsafeRawPointer(place) - bytes.baseAddress!
        }
        if found == nil { searched = bytes.count }
        return found
    }

    private func isBlank(_ range: Range<Int>) -> Bool {
        bytes[range].allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
    }
}
