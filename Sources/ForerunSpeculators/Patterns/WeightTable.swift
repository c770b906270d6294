/// Weights of features, learnt with steps that shrink by what a feature has learnt before (AdaGrad; Duchi, Hazan and
/// Singer, 2011).
struct WeightTable: Sendable {
    /// What keeps the first step small.
    static let epsilon: Float = 0.1
    /// The greatest sum of squares: steps never get so small that a change would not be learnt.
    static let greatestSquares: Float = 1_000

    /// A feature, its weight and the sum of its squared gradients, side by side: finding them reads one line of the cache.
    fileprivate struct Slot {
        var key: UInt64 = 0
        var entry = SIMD2<Float>.zero
    }

    let rate: Float
    private(set) var count = 0
    private var slots: [Slot]

    init(rate: Float, capacity: Int = 1 << 10) {
        self.rate = rate
        slots = Array(repeating: Slot(), count: capacity)
    }

    /// The table without reference counts; valid inside ``WeightTable/withView(_:)`` only.
    struct View {
        fileprivate let slots: UnsafePointer<Slot>
        fileprivate let mask: Int

        /// The sum of the weights of features.
        @inline(__always)
        func score(_ features: UnsafeBufferPointer<FeatureHash>) -> Float {
            var sum: Float = 0
            for feature in features {
                var slot = Int(truncatingIfNeeded: feature) & mask
                while true {
                    let here = slots[slot]
                    if here.key == feature {
                        sum += here.entry.x
                        break
                    }
                    if here.key == 0 { break }
                    slot = (slot &+ 1) & mask
                }
            }
            return sum
        }
    }

    @inline(__always)
    func withView<Result>(_ body: (View) -> Result) -> Result {
        slots.withUnsafeBufferPointer { slots in
            // It is never empty.
            body(View(slots: slots.baseAddress.unsafelyUnwrapped, mask: slots.count &- 1))
        }
    }

    /// Learns from a gradient, the probability given minus what came (0 or 1).
    @inline(__always)
    mutating func update(_ features: UnsafeBufferPointer<FeatureHash>, _ gradient: Float) {
        while (count &+ features.count) &* 2 >= slots.count { grow() }
        let square = gradient * gradient
        let step = rate * gradient
        var added = 0
        slots.withUnsafeMutableBufferPointer { slots in
            for feature in features {
                let slot = Self.slot(of: feature, in: UnsafeBufferPointer(slots))
                if slots[slot].key == 0 {
                    slots[slot].key = feature
                    added += 1
                }
                var entry = slots[slot].entry
                entry.y = min(entry.y + square, WeightTable.greatestSquares)
                entry.x -= step / (entry.y + WeightTable.epsilon).squareRoot()
                slots[slot].entry = entry
            }
        }
        count += added
    }

    mutating func update(_ features: [FeatureHash], _ gradient: Float) {
        features.withUnsafeBufferPointer { update($0, gradient) }
    }

    /// Puts an entry as it was written down.
    mutating func restore(_ key: UInt64, _ entry: SIMD2<Float>) {
        if (count + 1) * 2 >= slots.count { grow() }
        let slot = slots.withUnsafeBufferPointer { Self.slot(of: key, in: $0) }
        if slots[slot].key == 0 { count += 1 }
        slots[slot] = Slot(key: key, entry: entry)
    }

    /// All that was learnt, by key.
    var sorted: [(key: UInt64, entry: SIMD2<Float>)] {
        slots.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.entry) }
    }

    /// Where `key` is or would be.
    @inline(__always)
    private static func slot(of key: UInt64, in slots: UnsafeBufferPointer<Slot>) -> Int {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while slots[slot].key != key, slots[slot].key != 0 { slot = (slot &+ 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        slots.withUnsafeMutableBufferPointer { slots in
            for slot in old where slot.key != 0 {
                slots[Self.slot(of: slot.key, in: UnsafeBufferPointer(slots))] = slot
            }
        }
    }
}
