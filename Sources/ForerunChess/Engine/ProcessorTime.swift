import Glibc

/// Processor time of a process.
enum ProcessorTime {
    /// Seconds that all threads of a process have run, children not counted; `nil` where it is gone.
    static func seconds(of process: Int32) -> Double? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
