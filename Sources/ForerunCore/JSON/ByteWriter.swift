/// Bytes that have one owner: adding some is a store, where an array asks each time whether it is shared.
///
/// For what is written at every step of a run.
package struct ByteWriter: ~Copyable, ByteSink {
    private var memory: UnsafeMutableBufferPointer<UInt8>
    package private(set) var count = 0

    /// With no memory, until something is added.
    package init() { memory = UnsafeMutableBufferPointer(start: nil, count: 0) }

    deinit { memory.deallocate() }

    package var isEmpty: Bool { count == 0 }

    /// A copy.
    package var bytes: [UInt8] { withBytes { [UInt8]($0) } }

    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count]))
    }

    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        if count == memory.count { grow(by: 1) }
        memory[count] = byte
        count += 1
    }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        if memory.count - count < bytes.count { grow(by: bytes.count) }
        (memory.baseAddress! + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    /// Removes the first bytes; the memory is kept.
    package mutating func removeFirst(_ number: Int) {
        precondition(number <= count)
        count -= number
        if number > 0, count > 0 {
            memory.baseAddress!.update(from: memory.baseAddress! + number, count: count)
        }
    }

    @inline(never)
    private mutating func grow(by number: Int) {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(
            capacity: max(1 << 10, 2 * memory.count, count + number))
        if count > 0 { larger.baseAddress!.update(from: memory.baseAddress!, count: count) }
        memory.deallocate()
        memory = larger
    }
}
