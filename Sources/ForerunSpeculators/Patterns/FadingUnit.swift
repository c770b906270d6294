#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What one more is worth among counts that fade.
///
/// Counts do not shrink one by one: what is added grows instead, and counts are read in shares of it. Only when it has
/// grown large are all counts of its owner divided by it. Time is counted in calls that the model has learnt.
struct FadingUnit: Sendable, Hashable {
    /// Calls after which a count is worth half.
    static let halfLife: Float = 10_000
    private static let greatest: Float = 4_096

    private(set) var value: Float = 1
    private(set) var time: Int32 = 0

    init() {}

    init(value: Float, time: Int32) {
        self.value = value
        self.time = time
    }

    /// Moves on to `now`.
    ///
    /// - Returns: what all counts of the owner must be divided by; 1: nothing.
    mutating func advance(to now: Int32) -> Float {
        guard now > time else { return 1 }
        value *= exp2f(Float(now - time) / Self.halfLife)
        time = now
        guard value > Self.greatest else { return 1 }
        defer { value = 1 }
        return value
    }
}
