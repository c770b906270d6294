import Foundation

/// A process that is measured as a whole.
enum ChildProcess {
    struct Cost: Sendable {
        var seconds: Double
        /// User and system time, of its children too.
        var cpuSeconds: Double
        /// The most that it held at a time, or that this process held as it was started: the system counts that, too.
        var peakMegabytes: Double
    }

    /// Runs a program to its end, its output thrown away.
    ///
    /// - Parameter variables: its whole environment.
    static func cost(_ program: String, _ arguments: [String], _ variables: [String: String]) throws -> Cost {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + environment { free(text) } }
        let clock = ContinuousClock()
        let start = clock.now
        var process = pid_t()
        guard posix_spawn(&process, program, &actions, nil, words, environment) == 0 else {
            throw BenchmarkError("\(program) cannot be started")
        }
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(process, &status, 0, &usage) == process, status == 0 else {
            throw BenchmarkError("\(program) \(arguments.joined(separator: " ")) failed (\(status))")
        }
        let wall = clock.now - start
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return Cost(
            seconds: Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18,
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMegabytes: Double(usage.ru_maxrss) / 1024)
    }
}
