import Glibc

/// Nanoseconds of the monotonic clock.
enum MonotonicTime {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds in `seconds`; a century for what is longer, not-a-number included.
    static func nanoseconds(_ seconds: Double) -> Int64 {
        seconds < 3e9 ? Int64(max(0, seconds) * 1e9) : 3_000_000_000_000_000_000
    }
}
