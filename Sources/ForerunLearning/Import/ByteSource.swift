internal import CZlib

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The bytes of a file, front to back; those of a gzip file (RFC 1952) inflated. Closed with its last reference.
package final class ByteSource {
    /// Why a file cannot be read on.
    package enum Failure: Error {
        /// The system's words.
        case system(String)
        /// The gzip data end early.
        case truncated
        /// The gzip data are damaged.
        case damaged
    }

    private static let chunk = 1 << 18

    private let descriptor: Int32
    private let inflater: Inflater?
    /// Bytes of the file itself that were read so far, compressed ones where it is compressed.
    private(set) var bytesRead = 0

    /// Opens a file. Whether it is compressed, its first bytes tell.
    init(_ path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(String(cString: strerror(errno))) }
        var magic: [UInt8] = [0, 0]
        inflater = pread(descriptor, &magic, 2, 0) == 2 && magic == [0x1F, 0x8B] ? Inflater() : nil
    }

    deinit { close(descriptor) }

    /// All bytes of a file.
    package static func contents(of path: String) throws(Failure) -> [UInt8] {
        let source = try ByteSource(path)
        var bytes: [UInt8] = []
        while try source.read(into: &bytes) > 0 {}
        return bytes
    }

    /// Appends some of the next bytes.
    ///
    /// - Returns: how many; 0 at the end.
    func read(into bytes: inout [UInt8]) throws(Failure) -> Int {
        guard let inflater else { return try readRaw(into: &bytes) }
        let before = bytes.count
        while bytes.count == before {
            if inflater.needsInput {
                var input: [UInt8] = []
                guard try readRaw(into: &input) > 0 else {
                    if inflater.isBetweenMembers { return 0 }
                    throw .truncated
                }
                inflater.take(input)
            }
            guard inflater.step(into: &bytes) else { throw .damaged }
        }
        return bytes.count - before
    }

    private func readRaw(into bytes: inout [UInt8]) throws(Failure) -> Int {
        var count = 0
        var code: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, initialized in
            repeat {
                #if canImport(Darwin)
                    count = Darwin.read(descriptor, buffer.baseAddress!, Self.chunk)
                #elseif canImport(Musl)
                    count = Musl.read(descriptor, buffer.baseAddress!, Self.chunk)
                #else
                    count = Glibc.read(descriptor, buffer.baseAddress!, Self.chunk)
                #endif
                code = errno
            } while count < 0 && code == EINTR
            initialized = max(count, 0)
        }
        guard count >= 0 else { throw .system(String(cString: strerror(code))) }
        bytesRead += count
        if bytes.isEmpty { bytes = piece } else { bytes += piece }
        return count
    }
}

/// A stream of gzip members, inflated a step at a time.
private final class Inflater {
    private static let room = 1 << 18

    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var used = 0
    /// Nothing of a further member was read yet.
    private(set) var isBetweenMembers = true
    /// The stream was begun and not ended.
    private var isOpen = false
    /// A member was read to its end: what follows may be padding.
    private var hadMember = false
    /// What follows the members is no gzip data, and is ignored as gzip does.
    private var isPadding = false

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deallocate()
    }

    var needsInput: Bool { used == input.count }

    /// Gives it what comes next, when it needs input.
    func take(_ bytes: [UInt8]) {
        input = bytes
        used = 0
    }

    /// Inflates what there is room for. - Returns: false where the data are damaged.
    func step(into bytes: inout [UInt8]) -> Bool {
        if isPadding {
            used = input.count
            return true
        }
        if isBetweenMembers {
            if hadMember, input[used] != 0x1F {
                isPadding = true
                return true
            }
            if isOpen { inflateEnd(stream) }
            stream.pointee = z_stream()
            guard czlib_begin_gunzip(stream) == Z_OK else { return false }
            isOpen = true
            isBetweenMembers = false
        }
        var result = Z_OK
        let piece = [UInt8](unsafeUninitializedCapacity: Self.room) { room, initialized in
            input.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress! + used
                stream.pointee.avail_in = UInt32(input.count - used)
                stream.pointee.next_out = room.baseAddress!
                stream.pointee.avail_out = UInt32(Self.room)
                result = inflate(stream, Z_NO_FLUSH)
                used = input.count - Int(stream.pointee.avail_in)
                initialized = Self.room - Int(stream.pointee.avail_out)
            }
        }
        if bytes.isEmpty { bytes = piece } else { bytes += piece }
        if result == Z_STREAM_END {
            isBetweenMembers = true
            hadMember = true
            return true
        }
        return result == Z_OK || result == Z_BUF_ERROR
    }
}
