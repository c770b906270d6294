import ForerunCore
import Synchronization

/// What the core of a run was told, and a digest of what it commanded: `decisions.jsonl` beside the event log, mode 0600.
///
/// A help for people, no truth that anything rests on: it is not synchronised with the device, and where it cannot be written
/// any more, the run goes on without it. Lines are kept in memory until ``handOver()``. Only who holds the lock of the run's
/// event log writes here.
package final class DecisionLog: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        /// Bytes of the file, with those that are still to be written.
        var size = 0
        /// Nothing is taken any more: the file is as large as it may be, or could not be written.
        var isOver = false
    }

    /// The version of what is written here; see Documentation/event-log.md.
    package static let version = 1

    /// Bytes of a file, for all parts of a run together.
    package static let limit = 32 << 20
    /// Room for the line that says that it ends here.
    private static let reserve = 128
    /// Bytes that may wait in memory.
    private static let bufferLimit = 1 << 20

    /// Absolute path of the file. It is made when there is something in it.
    package let path: String
    /// Bytes that the file may have.
    let limit: Int
    private let state: Mutex<State>
    private let file = Mutex<File?>(nil)

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
        state = Mutex(State(size: File.stamp(of: path)?.size ?? 0))
    }

    /// Writes what waits, if it can.
    deinit { handOver() }

    /// Bytes that wait in memory.
    var pending: Int { state.withLock { $0.buffer.count } }

    /// Nothing more can come in.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Adds whole lines.
    ///
    /// - Returns: whether there was room for them; if not, the file ends with a line that says so.
    func append(_ lines: [UInt8]) -> Bool {
        let (isIn, isFull) = state.withLock { state in
            guard !state.isOver else { return (false, false) }
            guard state.size + lines.count <= limit - Self.reserve else {
                state.isOver = true
                let last = Array("{\"type\":\"decisions.cut\",\"limit\":\(limit)}\n".utf8)
                if state.size + last.count <= limit {
                    state.buffer += last
                    state.size += last.count
                }
                return (false, false)
            }
            state.buffer += lines
            state.size += lines.count
            return (true, state.buffer.count > Self.bufferLimit)
        }
        if isFull { handOver() }
        return isIn
    }

    /// Hands everything so far to the system. Called beside the run, which waits for nothing here.
    package func handOver() {
        file.withLock { file in
            var bytes = state.withLock { state in
                defer { state.buffer = [] }
                return state.buffer
            }
            guard !bytes.isEmpty else { return }
            do throws(StoreError) {
                if file == nil { file = try open() }
                try file?.write(&bytes)
            } catch {
                state.withLock { $0.isOver = true }
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
