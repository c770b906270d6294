/// Small whole numbers by ``FeatureHash``: open addressing, linear probing, nothing is ever removed.
///
/// `Dictionary` hashes its keys with SipHash; these keys are hashes already.
struct HashTable: Sendable {
    private(set) var count = 0
    private var keys: [UInt64]
    private var values: [Int32]

    /// - Parameter capacity: a power of two.
    init(capacity: Int = 64) {
        keys = Array(repeating: 0, count: capacity)
        values = Array(repeating: -1, count: capacity)
    }

    /// The number of `key`; -1 where there is none.
    @inline(__always)
    func find(_ key: FeatureHash) -> Int32 {
        let key = key == 0 ? 1 : key
        return keys.withUnsafeBufferPointer { keys in
            let mask = keys.count &- 1
            var slot = Int(truncatingIfNeeded: key) & mask
            while true {
                let here = keys[slot]
                if here == key { return values.withUnsafeBufferPointer { $0[slot] } }
                if here == 0 { return -1 }
                slot = (slot &+ 1) & mask
            }
        }
    }

    /// The number of `key`, which becomes `number` where there was none, and whether it was there.
    @inline(__always)
    mutating func findOrInsert(_ key: FeatureHash, _ number: Int32) -> (number: Int32, isNew: Bool) {
        let key = key == 0 ? 1 : key
        if count &* 2 >= keys.count { grow() }
        let mask = keys.count &- 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while keys[slot] != 0 {
            if keys[slot] == key { return (values[slot], false) }
            slot = (slot &+ 1) & mask
        }
        keys[slot] = key
        values[slot] = number
        count += 1
        return (number, true)
    }

    mutating func set(_ key: FeatureHash, to number: Int32) {
        let key = key == 0 ? 1 : key
        if count &* 2 >= keys.count { grow() }
        let mask = keys.count &- 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while keys[slot] != 0, keys[slot] != key { slot = (slot &+ 1) & mask }
        if keys[slot] == 0 { count += 1 }
        keys[slot] = key
        values[slot] = number
    }

    private mutating func grow() {
        let old = (keys, values)
        keys = Array(repeating: 0, count: old.0.count * 2)
        values = Array(repeating: -1, count: old.0.count * 2)
        let mask = keys.count - 1
        for (key, value) in zip(old.0, old.1) where key != 0 {
            var slot = Int(truncatingIfNeeded: key) & mask
            while keys[slot] != 0 { slot = (slot + 1) & mask }
            keys[slot] = key
            values[slot] = value
        }
    }
}
