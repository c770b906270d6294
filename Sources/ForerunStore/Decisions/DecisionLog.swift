import ForerunCore
import Synchronization

/// What the core of a run was told, and a digest of what it commanded: `decisions.jsonl` beside the event log, mode 0600.
///
/// A help for people, no truth that anything rests on: it is not synchronised with the device, and where it cannot be written
/// any more, the run goes on without it. What comes in is kept in memory until ``handOver()``, which makes lines of it. Only who
/// holds the lock of the run's event log writes here.
package final class DecisionLog: Sendable {
    private struct State {
        /// What lines are still to be made of, in order.
        var entries: [DecisionEntry] = []
        /// Nothing is taken any more: the file is as large as it may be, or could not be written.
        var isOver = false
    }

    /// One at a time makes and writes lines.
    private struct Pen {
        var file: File?
        var writer = DecisionWriter()
        /// Bytes of the file.
        var size = 0
        /// Nothing is written any more.
        var isOver = false
    }

    /// What is to be written, as far as there is room for it.
    private struct Lines {
        var bytes: [UInt8] = []
        var room: Int
        var isFull = false

        init(room: Int) { self.room = room }

        /// Where there is no room for a line, the file ends with one that says so.
        mutating func add(_ line: [UInt8], _ limit: Int) {
            guard !isFull else { return }
            if bytes.count + line.count <= room - DecisionLog.reserve {
                bytes += line
            } else {
                isFull = true
                let last = Array("{\"type\":\"decisions.cut\",\"limit\":\(limit)}\n".utf8)
                if bytes.count + last.count <= room { bytes += last }
            }
        }
    }

    /// The version of what is written here; see Documentation/event-log.md.
    package static let version = 1

    /// Bytes of a file, for all parts of a run together.
    package static let limit = 32 << 20
    /// Room for the line that says that it ends here.
    private static let reserve = 128
    /// How much may wait in memory without being asked for.
    private static let entryLimit = 1 << 12

    /// Absolute path of the file. It is made when there is something in it.
    package let path: String
    /// Bytes that the file may have.
    let limit: Int
    private let state = Mutex(State())
    private let pen: Mutex<Pen>

    package convenience init(of run: RunName, in directory: RunStateDirectory) {
        self.init(path: directory.decisionsPath(of: run))
    }

    package convenience init(besides log: EventLog) {
        let directory = log.path.lastIndex(of: "/").map { log.path[..<$0] } ?? ""
        self.init(path: "\(directory)/decisions.jsonl")
    }

    package init(path: String, limit: Int = DecisionLog.limit) {
        self.path = path
        self.limit = limit
        pen = Mutex(Pen(size: File.stamp(of: path)?.size ?? 0))
    }

    /// Writes what waits, if it can.
    deinit { handOver() }

    /// Nothing more can come in.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Takes what happened. - Returns: whether it may still be written.
    func append(_ entry: DecisionEntry) -> Bool {
        let (isIn, isFull) = state.withLock { state in
            guard !state.isOver else { return (false, false) }
            state.entries.append(entry)
            return (true, state.entries.count == Self.entryLimit)
        }
        // The run waits for nothing here.
        if isFull { Task { @concurrent [weak self] in self?.handOver() } }
        return isIn
    }

    /// Makes lines of everything so far and hands them to the system. Called beside the run.
    package func handOver() {
        pen.withLock { pen in
            let entries = state.withLock { state in
                defer { state.entries = [] }
                return state.entries
            }
            guard !entries.isEmpty, !pen.isOver else { return }
            var lines = Lines(room: limit - pen.size)
            for entry in entries where !lines.isFull { pen.writer.write(entry) { lines.add($0, limit) } }
            pen.size += lines.bytes.count
            pen.isOver = lines.isFull
            if !lines.bytes.isEmpty {
                do throws(StoreError) {
                    if pen.file == nil { pen.file = try open() }
                    try pen.file?.write(&lines.bytes)
                } catch {
                    pen.isOver = true
                }
            }
            if pen.isOver {
                state.withLock { state in
                    state.isOver = true
                    state.entries = []
                }
            }
        }
    }

    private func open() throws(StoreError) -> File {
        guard File.exists(path) else { return try File(path, .create) }
        let file = try File(path, .append)
        // What a killed process left.
        if file.endsWithinLine() {
            var end = [UInt8(ascii: "\n")]
            try file.write(&end)
        }
        return file
    }
}
