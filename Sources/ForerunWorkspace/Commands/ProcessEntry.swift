import Glibc

/// A process as /proc shows it.
struct ProcessEntry: Sendable, Hashable {
    let id: pid_t
    /// Clock ticks since boot. With the id it is unique: ids are used again.
    private let started: Substring

    /// - Returns: `nil` where there is no such process, or only its exit status is left.
    init?(_ id: pid_t) {
        guard let directory = try? Directory("/proc/\(id)"),
            let bytes = try? directory.content(of: RelativePath("stat"), limit: 4096)
        else { return nil }
        // The name in parentheses may hold anything.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        self.id = id
        started = fields[19]
    }

    var isAlive: Bool { ProcessEntry(id) == self }

    func kill() { if isAlive { Glibc.kill(id, SIGKILL) } }
}

extension ProcessEntry {
    /// The id of this process.
    static var current: pid_t { getpid() }
}
