import Glibc
import Synchronization

/// Gives keys to the program one by one, unechoed, and takes care that the terminal is afterwards what it was before.
///
/// The mode belongs to the process, not to an owner: it must be undone however the process ends.
package enum TerminalMode {
    /// What the terminal was like; `nil`: it is now.
    private static let original = Mutex<termios?>(nil)
    private static let registration: Void = { atexit { TerminalMode.restore() } }()

    /// - Returns: whether standard input is a terminal that does this.
    package static func enter() -> Bool {
        _ = registration
        let isNew = original.withLock { original -> Bool in
            guard original == nil else { return true }
            var mode = termios()
            guard tcgetattr(0, &mode) == 0 else { return false }
            let before = mode
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
            mode.c_iflag &= ~tcflag_t(ICRNL | INLCR | IXON)
            withUnsafeMutableBytes(of: &mode.c_cc) { controls in
                controls[Int(VMIN)] = 1
                controls[Int(VTIME)] = 0
            }
            guard tcsetattr(0, TCSADRAIN, &mode) == 0 else { return false }
            original = before
            return true
        }
        // What is pasted comes between marks.
        if isNew { OutputFile.error.write("\u{1B}[?2004h") }
        return isNew
    }

    /// Does nothing where nothing was changed. May be called from anywhere, at any time.
    package static func restore() {
        let wasChanged = original.withLock { original -> Bool in
            guard var mode = original else { return false }
            tcsetattr(0, TCSADRAIN, &mode)
            original = nil
            return true
        }
        if wasChanged { OutputFile.error.write("\u{1B}[?2004l") }
    }
}
