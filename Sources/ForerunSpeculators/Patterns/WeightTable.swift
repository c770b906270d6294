/// Weights of features, learnt with steps that shrink by what a feature has learnt before (AdaGrad; Duchi, Hazan and
/// Singer, 2011).
struct WeightTable: Sendable {
    /// What keeps the first step small.
    static let epsilon: Float = 0.1
    /// The greatest sum of squares: steps never get so small that a change would not be learnt.
    static let greatestSquares: Float = 1_000

    let rate: Float
    private(set) var count = 0
    private(set) var keys: [UInt64]
    /// A weight and the sum of squared gradients.
    private(set) var entries: [SIMD2<Float>]

    init(rate: Float, capacity: Int = 1 << 10) {
        self.rate = rate
        keys = Array(repeating: 0, count: capacity)
        entries = Array(repeating: .zero, count: capacity)
    }

    /// The table without reference counts; valid inside ``WeightTable/withView(_:)`` only.
    struct View {
        let keys: UnsafePointer<UInt64>
        let entries: UnsafePointer<SIMD2<Float>>
        let mask: Int

        /// The sum of the weights of features.
        @inline(__always)
        func score(_ features: UnsafeBufferPointer<FeatureHash>) -> Float {
            var sum: Float = 0
            for feature in features {
                var slot = Int(truncatingIfNeeded: feature) & mask
                while true {
                    let here = keys[slot]
                    if here == feature {
                        sum += entries[slot].x
                        break
                    }
                    if here == 0 { break }
                    slot = (slot &+ 1) & mask
                }
            }
            return sum
        }
    }

    @inline(__always)
    func withView<Result>(_ body: (View) -> Result) -> Result {
        keys.withUnsafeBufferPointer { keys in
            entries.withUnsafeBufferPointer { entries in
                // Neither is ever empty.
                body(
                    View(
                        keys: keys.baseAddress.unsafelyUnwrapped, entries: entries.baseAddress.unsafelyUnwrapped,
                        mask: keys.count &- 1))
            }
        }
    }

    /// Learns from a gradient, the probability given minus what came (0 or 1).
    @inline(__always)
    mutating func update(_ features: UnsafeBufferPointer<FeatureHash>, _ gradient: Float) {
        while (count &+ features.count) &* 2 >= keys.count { grow() }
        let square = gradient * gradient
        let step = rate * gradient
        var added = 0
        keys.withUnsafeMutableBufferPointer { keys in
            entries.withUnsafeMutableBufferPointer { entries in
                let mask = keys.count &- 1
                for feature in features {
                    var slot = Int(truncatingIfNeeded: feature) & mask
                    while keys[slot] != feature, keys[slot] != 0 { slot = (slot &+ 1) & mask }
                    if keys[slot] == 0 {
                        keys[slot] = feature
                        added += 1
                    }
                    var entry = entries[slot]
                    entry.y = min(entry.y + square, WeightTable.greatestSquares)
                    entry.x -= step / (entry.y + WeightTable.epsilon).squareRoot()
                    entries[slot] = entry
                }
            }
        }
        count += added
    }

    mutating func update(_ features: [FeatureHash], _ gradient: Float) {
        features.withUnsafeBufferPointer { update($0, gradient) }
    }

    /// Puts an entry as it was written down.
    mutating func restore(_ key: UInt64, _ entry: SIMD2<Float>) {
        if (count + 1) * 2 >= keys.count { grow() }
        let slot = slot(of: key)
        if keys[slot] == 0 { count += 1 }
        keys[slot] = key
        entries[slot] = entry
    }

    /// All that was learnt, by key.
    var sorted: [(key: UInt64, entry: SIMD2<Float>)] {
        zip(keys, entries).filter { $0.0 != 0 }.sorted { $0.0 < $1.0 }.map { ($0.0, $0.1) }
    }

    private func slot(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while keys[slot] != key, keys[slot] != 0 { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = (keys, entries)
        keys = Array(repeating: 0, count: old.0.count * 2)
        entries = Array(repeating: .zero, count: old.0.count * 2)
        for (key, entry) in zip(old.0, old.1) where key != 0 {
            let slot = slot(of: key)
            keys[slot] = key
            entries[slot] = entry
        }
    }
}
