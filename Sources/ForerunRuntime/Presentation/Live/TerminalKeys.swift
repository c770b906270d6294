import Glibc
import Synchronization

/// The keyboard while a live view is shown: keys come as they are pressed and are not echoed. Ctrl-C, Ctrl-Z and Ctrl-\ stay what
/// they are.
///
/// The terminal is as it was before however the process ends, but for `SIGKILL`, and while it is stopped. In the background the
/// terminal belongs to somebody else, and is left alone.
final class TerminalKeys: Sendable {
    private struct Taken: Sendable {
        /// What the terminal was like.
        var before = termios()
        /// What signals did.
        var actions: [Int32: sigaction] = [:]
    }

    /// Of the terminal that is standard input. The process has one.
    private static let taken = Mutex<Taken?>(nil)
    /// A process that ends in an orderly way gives it back, whoever forgot to.
    private static let restoresAtExit: Void = { atexit { TerminalKeys.restore() } }()
    /// Ctrl-Z was pressed.
    private static let stops = Atomic<Bool>(false)

    /// - Returns: `nil` where standard input is no terminal.
    init?() {
        guard isatty(0) == 1 else { return nil }
    }

    /// Begins to take keys.
    func take() {
        guard Self.isForeground else { return }
        var before = termios()
        guard tcgetattr(0, &before) == 0 else { return }
        let isNew = Self.taken.withLock { taken in
            guard taken == nil else { return false }
            taken = Taken(before: before)
            return true
        }
        guard isNew else { return }
        Self.restoresAtExit
        let actions = Self.handleSignals()
        Self.taken.withLock { $0?.actions = actions }
        Self.set(Self.raw(before))
    }

    /// Gives the terminal back as it was.
    func release() {
        let actions = Self.taken.withLock { $0?.actions } ?? [:]
        Self.restore()
        for (number, var action) in actions { sigaction(number, &action, nil) }
    }

    /// Gives the terminal back, if it was taken. May be called in a signal handler: there, whoever holds it goes first.
    static func restore() {
        taken.withLockIfAvailable { taken in
            guard let before = taken?.before else { return }
            taken = nil
            set(before)
        }
    }

    /// What was typed since; nothing in the background.
    func read() -> [UInt8] {
        guard Self.taken.withLock({ $0 != nil }) else {
            // Begun in the background, and brought to the front.
            take()
            return []
        }
        guard Self.isForeground else { return [] }
        hold()
        var bytes: [UInt8] = []
        while bytes.count < 4096 {
            var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 0) > 0, poller.revents & Int16(POLLIN) != 0 else { break }
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = Glibc.read(0, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// A shell may have set the terminal to its own liking while the process was stopped.
    private func hold() {
        var now = termios()
        guard tcgetattr(0, &now) == 0, now.c_lflag & tcflag_t(ICANON | ECHO) != 0 else { return }
        Self.set(Self.raw(now))
    }

    // MARK: - Ctrl-Z

    /// Whether Ctrl-Z was pressed. Told once.
    var mustStop: Bool { Self.stops.exchange(false, ordering: .relaxed) }

    /// Stops the process as Ctrl-Z does elsewhere; returns when it goes on. Nothing must be taken.
    static func stop() {
        var number = sigset_t()
        sigemptyset(&number)
        sigaddset(&number, SIGTSTP)
        var blocked = sigset_t()
        // To this thread, so that it is stopped before it goes on. Where no shell could let it go on, the system does not stop it.
        pthread_sigmask(SIG_UNBLOCK, &number, &blocked)
        pthread_kill(pthread_self(), SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &blocked, nil)
    }

    // MARK: - The terminal

    private static var isForeground: Bool {
        let group = tcgetpgrp(0)
        return group < 0 || group == getpgrp()
    }

    private static func raw(_ modes: termios) -> termios {
        var modes = modes
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &modes.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        return modes
    }

    /// Nothing waits for a terminal that is slow or stopped.
    private static func set(_ modes: termios) {
        guard isForeground else { return }
        var modes = modes
        tcsetattr(0, TCSANOW, &modes)
    }

    // MARK: - Signals

    /// - Returns: what they did before.
    private static func handleSignals() -> [Int32: sigaction] {
        var former: [Int32: sigaction] = [:]
        func handle(_ number: Int32, _ body: @convention(c) @escaping (Int32) -> Void) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = body
            action.sa_flags = SA_RESTART | SA_ONSTACK
            var old = sigaction()
            if sigaction(number, &action, &old) == 0 { former[number] = old }
        }
        handle(SIGTSTP) { _ in TerminalKeys.stops.store(true, ordering: .relaxed) }
        // Who ends by one of these ends by it all the same, once the terminal is as it was.
        for number in [SIGHUP, SIGQUIT, SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] {
            handle(number) { number in
                TerminalKeys.restore()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        return former
    }
}
