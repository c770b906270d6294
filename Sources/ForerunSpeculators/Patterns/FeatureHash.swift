/// A 64-bit name of a feature, a tool, an argument, a source, a word or a value: the same in every process and on every
/// machine. Two things of the same name are taken for one; of 100,000 names one pair in four billion is expected to clash.
typealias FeatureHash = UInt64

/// How stable names are made.
enum Naming {
    private static let basis: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01b3

    /// The beginning of a name that is written byte by byte (Fowler, Noll and Vo, variant 1a).
    static var empty: UInt64 { basis }

    @inline(__always)
    static func adding(_ byte: UInt8, to hash: UInt64) -> UInt64 { (hash ^ UInt64(byte)) &* prime }

    @inline(__always)
    static func name(_ bytes: some Sequence<UInt8>, after hash: UInt64 = empty) -> FeatureHash {
        var result = hash
        for byte in bytes { result = adding(byte, to: result) }
        return result
    }

    static func name(_ text: String, after hash: UInt64 = empty) -> FeatureHash {
        text.utf8.withContiguousStorageIfAvailable { name($0, after: hash) } ?? name(Array(text.utf8), after: hash)
    }

    /// A name of two, in this order. Every bit depends on all bits of both (the finaliser of SplitMix64).
    @inline(__always)
    static func combine(_ left: UInt64, _ right: UInt64) -> FeatureHash {
        var result = (left &+ 0x9e37_79b9_7f4a_7c15) ^ (right &* 0xbf58_476d_1ce4_e5b9)
        result = (result ^ (result >> 31)) &* 0x94d0_49bb_1331_11eb
        return result ^ (result >> 29)
    }

    @inline(__always)
    static func combine(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> FeatureHash { combine(combine(a, b), c) }

    @inline(__always)
    static func combine(_ a: UInt64, _ b: Int) -> FeatureHash { combine(a, UInt64(bitPattern: Int64(b))) }

    /// An argument of a tool.
    @inline(__always)
    static func argument(_ argument: FeatureHash, of tool: FeatureHash) -> FeatureHash { combine(tool, argument) }
}

/// How many of some ascending bounds `value` exceeds. Places that are not needed are infinite.
@inline(__always)
func bucket(_ value: Float, _ bounds: SIMD8<Float>) -> Int {
    var count = 0
    while count < 8, value > bounds[count] { count &+= 1 }
    return count
}

@inline(__always)
func bucket(_ value: Int, _ bounds: SIMD8<Float> = Bounds.plain) -> Int { bucket(Float(value), bounds) }

/// The bounds of the buckets that numbers are put in.
enum Bounds {
    static let plain = SIMD8<Float>(0, 1, 2, 3, 5, 9, .infinity, .infinity)
    static let ages = SIMD8<Float>(0, 1, 3, 6, 12, 24, .infinity, .infinity)
    static let shortAges = SIMD8<Float>(0, 2, 5, .infinity, .infinity, .infinity, .infinity, .infinity)
    static let lengths = SIMD8<Float>(1, 3, 6, 12, 25, 50, .infinity, .infinity)
    static let precisions = SIMD8<Float>(0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85)
    static let shares = SIMD8<Float>(0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, .infinity)
}
