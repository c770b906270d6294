import ForerunCore

/// A part of a chunk that is read only where it matters. Valid as long as the chunk.
struct JSONSlice {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// `null` where it is no JSON.
    var json: JSON { (try? JSON(parsing: bytes)) ?? .null }
}
