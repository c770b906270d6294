/// Where runs are recorded: `$XDG_STATE_HOME/forerun/runs`, a directory for each run.
package struct RunStateDirectory: Sendable, Hashable {
    /// Absolute path.
    package let path: String

    package init(path: String) { self.path = path }

    /// Resolves the XDG base directory: `XDG_STATE_HOME` if it is absolute, otherwise `~/.local/state`.
    ///
    /// - Parameter environment: looks up a variable of the environment.
    package init(environment: (String) -> String?) throws(StoreError) {
        if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") {
            path = "\(base)/forerun/runs"
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            path = "\(home)/.local/state/forerun/runs"
        } else {
            throw StoreError(
                .noHome, path: "~/.local/state", message: "Neither HOME nor XDG_STATE_HOME is an absolute path")
        }
    }

    /// The directory for this process's user and environment.
    package static func current() throws(StoreError) -> RunStateDirectory {
        try RunStateDirectory(environment: File.environment)
    }

    package func directory(of run: RunName) -> String { "\(path)/\(run)" }
    /// The index of all runs.
    package var indexPath: String {
        let parent = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        return "\(parent)/runs.sqlite"
    }
    package func eventsPath(of run: RunName) -> String { "\(path)/\(run)/events.jsonl" }
    package func decisionsPath(of run: RunName) -> String { "\(path)/\(run)/decisions.jsonl" }

    /// Whether a process writes the log of a run.
    package func isBeingWritten(_ run: RunName) -> Bool {
        (try? File(eventsPath(of: run), .read).isLocked) ?? false
    }

    /// The recorded runs, oldest first; none where nothing was recorded yet.
    package func runs() throws(StoreError) -> [RunName] {
        do throws(StoreError) {
            return try File.names(in: path).compactMap(RunName.init).sorted()
        } catch  where error.code == .notFound {
            return []
        }
    }

    /// Creates the directory of a new run (mode 0700, as all directories above it that did not exist).
    package func makeRun() throws(StoreError) -> RunName {
        try makeRun(time: File.now)
    }

    /// - Parameter time: as a ``RunName`` has it.
    func makeRun(time: Int) throws(StoreError) -> RunName {
        if !File.exists(path) { try make() }
        // Other runs may begin at the same moment.
        for later in 0..<1_000 {
            let run = RunName(time: time + later)
            if try File.makeDirectory(directory(of: run)) { return run }
        }
        throw StoreError(.inUse, path: path, message: "No free name for a run that begins now")
    }

    private func make() throws(StoreError) {
        var parent = ""
        for step in path.split(separator: "/") {
            let child = "\(parent)/\(step)"
            // The log makes only its own directory durable, so those above it must be already.
            if try File.makeDirectory(child) { try File.synchronize(directory: parent.isEmpty ? "/" : parent) }
            parent = child
        }
    }
}
