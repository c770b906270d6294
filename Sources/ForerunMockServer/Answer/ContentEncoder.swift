/// A content coding (RFC 9110 §8.4.1).
enum ContentEncoding: String, Sendable, Hashable {
    case gzip, br
}

/// Wraps bytes in gzip (RFC 1952) or brotli (RFC 7932) without making them fewer: both formats can carry bytes as they
/// are, which is all that it takes to see whether a client unwraps them.
struct ContentEncoder: Sendable {
    private let encoding: ContentEncoding
    private var checksum: UInt32 = 0xffff_ffff
    private var count: UInt32 = 0
    private var hasStarted = false

    /// The most bytes that both formats take in one block.
    private static let blockBytes = 0xffff

    init(_ encoding: ContentEncoding) { self.encoding = encoding }

    mutating func add(_ bytes: [UInt8]) -> [UInt8] {
        var result = start()
        for position in stride(from: 0, to: bytes.count, by: Self.blockBytes) {
            let block = bytes[position..<min(position + Self.blockBytes, bytes.count)]
            switch encoding {
            case .gzip:
                let size = UInt16(block.count)
                result += [0] + Self.littleEndian(size) + Self.littleEndian(~size)
            case .br:
                // ISLAST 0, MNIBBLES 0 (four nibbles), MLEN - 1 in 16 bits, ISUNCOMPRESSED 1, from the low bit on;
                // then the block starts at a byte.
                let header = UInt32(block.count - 1) << 3 | 1 << 19
                result += [UInt8(header & 0xff), UInt8(header >> 8 & 0xff), UInt8(header >> 16)]
            }
            result += block
            update(block)
        }
        return result
    }

    mutating func finish() -> [UInt8] {
        switch encoding {
        case .gzip:
            return start() + [1, 0, 0, 0xff, 0xff] + Self.littleEndian(~checksum) + Self.littleEndian(count)
        // ISLAST 1, ISLASTEMPTY 1.
        case .br: return start() + [0x03]
        }
    }

    private mutating func start() -> [UInt8] {
        guard !hasStarted else { return [] }
        hasStarted = true
        switch encoding {
        case .gzip: return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
        // A window of 16 bits takes the single bit 0. It shares its byte with an empty block of metadata, so that what
        // follows starts at a byte: ISLAST 0, MNIBBLES 3 (none), reserved 0, MSKIPBYTES 0.
        case .br: return [0b0000_1100]
        }
    }

    private mutating func update(_ bytes: ArraySlice<UInt8>) {
        count &+= UInt32(truncatingIfNeeded: bytes.count)
        guard encoding == .gzip else { return }
        for byte in bytes {
            checksum = Self.table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)] ^ checksum >> 8
        }
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// CRC-32 of each byte (RFC 1952 §8).
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : 0xedb8_8320 ^ value >> 1 }
    }
}
