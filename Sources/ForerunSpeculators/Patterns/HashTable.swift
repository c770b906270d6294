/// Small whole numbers by ``FeatureHash``: open addressing, linear probing, nothing is ever removed.
///
/// `Dictionary` hashes its keys with SipHash; these keys are hashes already.
struct HashTable: Sendable {
    /// The table without reference counts; valid inside ``HashTable/withView(_:)`` only.
    struct View {
        let keys: UnsafePointer<UInt64>
        let values: UnsafePointer<Int32>
        let mask: Int

        /// The number of `key`; -1 where there is none.
        @inline(__always)
        func find(_ key: FeatureHash) -> Int32 {
            let key = key == 0 ? 1 : key
            var slot = Int(truncatingIfNeeded: key) & mask
            while true {
                let here = keys[slot]
                if here == key { return values[slot] }
                if here == 0 { return -1 }
                slot = (slot &+ 1) & mask
            }
        }
    }

    private(set) var count = 0
    private var keys: [UInt64]
    private var values: [Int32]

    /// - Parameter capacity: a power of two.
    init(capacity: Int = 64) {
        keys = Array(repeating: 0, count: capacity)
        values = Array(repeating: -1, count: capacity)
    }

    @inline(__always)
    func withView<Result>(_ body: (View) -> Result) -> Result {
        keys.withUnsafeBufferPointer { keys in
            values.withUnsafeBufferPointer { values in
                // Neither is ever empty.
                body(
                    View(
                        keys: keys.baseAddress.unsafelyUnwrapped, values: values.baseAddress.unsafelyUnwrapped,
                        mask: keys.count &- 1))
            }
        }
    }

    /// The number of `key`; -1 where there is none.
    @inline(__always)
    func find(_ key: FeatureHash) -> Int32 { withView { $0.find(key) } }

    /// The number of `key`, which becomes `number` where there was none, and whether it was there.
    @inline(__always)
    mutating func findOrInsert(_ key: FeatureHash, _ number: Int32) -> (number: Int32, isNew: Bool) {
        let key = key == 0 ? 1 : key
        if count &* 2 >= keys.count { grow() }
        let slot = slot(of: key)
        if keys[slot] == key { return (values[slot], false) }
        keys[slot] = key
        values[slot] = number
        count &+= 1
        return (number, true)
    }

    mutating func set(_ key: FeatureHash, to number: Int32) {
        let key = key == 0 ? 1 : key
        if count &* 2 >= keys.count { grow() }
        let slot = slot(of: key)
        if keys[slot] == 0 { count += 1 }
        keys[slot] = key
        values[slot] = number
    }

    /// Forgets everything, and keeps the room for it.
    mutating func removeAll() {
        guard count > 0 else { return }
        count = 0
        keys.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    /// Where `key` is or would be.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        keys.withUnsafeBufferPointer { keys in
            let mask = keys.count &- 1
            var slot = Int(truncatingIfNeeded: key) & mask
            while keys[slot] != 0, keys[slot] != key { slot = (slot &+ 1) & mask }
            return slot
        }
    }

    private mutating func grow() {
        let old = (keys, values)
        keys = Array(repeating: 0, count: old.0.count * 2)
        values = Array(repeating: -1, count: old.0.count * 2)
        for (key, value) in zip(old.0, old.1) where key != 0 {
            let slot = slot(of: key)
            keys[slot] = key
            values[slot] = value
        }
    }
}
