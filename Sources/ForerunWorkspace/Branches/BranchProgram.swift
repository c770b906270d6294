import Glibc

/// The program `forerun-branch`: where it is, and how it is started.
enum BranchProgram {
    /// The absolute path of the program.
    ///
    /// `FORERUN_BRANCH` may name it; else it lies beside the program that runs, in the directory `libexec/forerun` next to
    /// that one's, or on PATH. One that is named and is no program is not replaced by another.
    static func find(_ chosen: String? = nil) -> String? {
        if let named = named(chosen) { return access(named, X_OK) == 0 ? named : nil }
        var places: [String] = []
        if let own = try? Directory("/proc/self").target(of: RelativePath("exe")) {
            let path = String(decoding: own, as: UTF8.self)
            if let slash = path.lastIndex(of: "/") {
                let directory = path[..<slash]
                places += ["\(directory)/forerun-branch", "\(directory)/../libexec/forerun/forerun-branch"]
            }
        }
        return places.first { access($0, X_OK) == 0 } ?? Executable.find("forerun-branch")
    }

    /// Where the user or the caller says that it is.
    static func named(_ chosen: String?) -> String? { chosen ?? getenv("FORERUN_BRANCH").map { String(cString: $0) } }

    /// Starts it with `descriptor` as file descriptor 3, nothing else open but standard error, and no environment.
    ///
    /// posix_spawn, not fork: the price of a fork grows with the memory of this process.
    static func start(_ program: String, _ arguments: [String], descriptor: Int32) throws(BranchFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        // A descriptor that is 3 already would keep its close-on-exec flag.
        var source = descriptor
        if descriptor == 3 {
            source = fcntl(descriptor, F_DUPFD_CLOEXEC, 4)
            guard source >= 0 else { throw failure(program, errno) }
        }
        defer { if source != descriptor { close(source) } }
        posix_spawn_file_actions_adddup2(&actions, source, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // Ctrl-C in a terminal is the runtime's to handle.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid: pid_t = 0
        let code = posix_spawn(&pid, program, &actions, &attributes, &argv, &environment)
        guard code == 0 else { throw failure(program, code) }
        return pid
    }

    private static func failure(_ program: String, _ code: Int32) -> BranchFailure {
        BranchFailure(reason: "cannot start \(program): \(String(cString: strerror(code)))")
    }
}
