extension String {
    /// Whether both are the same bytes. `==` also takes composed and decomposed characters for the same: enough for people,
    /// but not for requests, which are bytes.
    func isIdentical(to other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isIdentical = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in Self.areIdentical(.init(left), .init(right)) }
        }
        return (isIdentical ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Compares buffers of the same size, a word at a time.
    private static func areIdentical(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        if left.baseAddress == right.baseAddress { return true }
        let words = left.count / 8 * 8
        for offset in stride(from: 0, to: words, by: 8)
        where left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        {
            return false
        }
        return left[words...].elementsEqual(right[words...])
    }
}
