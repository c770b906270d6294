import Foundation

/// What this process has used.
enum Usage {
    private static var current: rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }

    /// User and system time.
    static var cpuSeconds: Double {
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(current.ru_utime) + seconds(current.ru_stime)
    }

    /// User and system time of this thread.
    static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The most that it held at a time, so far.
    static var peakMegabytes: Double { Double(current.ru_maxrss) / 1024 }
}
