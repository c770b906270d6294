/// Small whole numbers by ``FeatureHash``: open addressing, linear probing, nothing is ever removed.
///
/// `Dictionary` hashes its keys with SipHash; these keys are hashes already.
struct HashTable: Sendable {
    /// A key and its number side by side: finding one reads one line of the cache.
    fileprivate struct Slot {
        var key: UInt64
        var value: Int32
        static let empty = Slot(key: 0, value: -1)
    }

    /// The table without reference counts; valid inside ``HashTable/withView(_:)`` only.
    struct View {
        fileprivate let slots: UnsafePointer<Slot>
        fileprivate let mask: Int

        /// The number of `key`; -1 where there is none.
        @inline(__always)
        func find(_ key: FeatureHash) -> Int32 {
            let key = key == 0 ? 1 : key
            var slot = Int(truncatingIfNeeded: key) & mask
            while true {
                let here = slots[slot]
                if here.key == key { return here.value }
                if here.key == 0 { return -1 }
                slot = (slot &+ 1) & mask
            }
        }
    }

    private(set) var count = 0
    private var slots: [Slot]

    /// - Parameter capacity: a power of two.
    init(capacity: Int = 64) {
        slots = Array(repeating: .empty, count: capacity)
    }

    @inline(__always)
    func withView<Result>(_ body: (View) -> Result) -> Result {
        slots.withUnsafeBufferPointer { slots in
            // It is never empty.
            body(View(slots: slots.baseAddress.unsafelyUnwrapped, mask: slots.count &- 1))
        }
    }

    /// The number of `key`; -1 where there is none.
    @inline(__always)
    func find(_ key: FeatureHash) -> Int32 { withView { $0.find(key) } }

    /// The number of `key`, which becomes `number` where there was none, and whether it was there.
    @inline(__always)
    mutating func findOrInsert(_ key: FeatureHash, _ number: Int32) -> (number: Int32, isNew: Bool) {
        let key = key == 0 ? 1 : key
        if count &* 2 >= slots.count { grow() }
        let (found, isNew) = slots.withUnsafeMutableBufferPointer { slots in
            let slot = Self.slot(of: key, in: UnsafeBufferPointer(slots))
            if slots[slot].key == key { return (slots[slot].value, false) }
            slots[slot] = Slot(key: key, value: number)
            return (number, true)
        }
        if isNew { count &+= 1 }
        return (found, isNew)
    }

    mutating func set(_ key: FeatureHash, to number: Int32) {
        let key = key == 0 ? 1 : key
        if count &* 2 >= slots.count { grow() }
        let slot = slots.withUnsafeBufferPointer { Self.slot(of: key, in: $0) }
        if slots[slot].key == 0 { count += 1 }
        slots[slot] = Slot(key: key, value: number)
    }

    /// Forgets everything, and keeps the room for it.
    mutating func removeAll() {
        guard count > 0 else { return }
        count = 0
        slots.withUnsafeMutableBufferPointer { $0.update(repeating: .empty) }
    }

    /// Where `key` is or would be.
    @inline(__always)
    private static func slot(of key: UInt64, in slots: UnsafeBufferPointer<Slot>) -> Int {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while slots[slot].key != 0, slots[slot].key != key { slot = (slot &+ 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: .empty, count: old.count * 2)
        slots.withUnsafeMutableBufferPointer { slots in
            for entry in old where entry.key != 0 {
                slots[Self.slot(of: entry.key, in: UnsafeBufferPointer(slots))] = entry
            }
        }
    }
}
