package import ForerunCore
import Synchronization

/// The record of one run: a file of JSON lines that only grows, `events.jsonl`, mode 0600.
///
/// Events are written in the order in which ``append(_:)`` returned, from any thread. They are buffered: a process that is
/// killed loses what was not flushed, a machine that fails what was not flushed durably. Either way at most the last line
/// is torn, and ``EventLogReader`` skips it. One writer at a time holds a lock on the file.
///
/// - Important: Events are written as they are. Whoever makes them leaves secrets out: keys, tokens, headers.
package final class EventLog: Sendable {
    private struct State: ~Copyable {
        var buffer = ByteWriter()
        /// The file ends within a line, which the next one closes.
        var endsTorn = false
        /// The directory entries are on the device.
        var isAnchored = false
        /// After a failed synchronisation the system may have dropped pages, and trying again would lie.
        var failure: StoreError?

        mutating func takeBuffer() -> ByteWriter { exchange(&buffer, with: ByteWriter()) }
    }

    /// The version of what is written here; see Documentation/event-log.md.
    package static let version = 2

    /// Bytes at which the buffer is written without being asked.
    static let bufferLimit = 1 << 16

    /// Absolute path of the file.
    package let path: String
    /// Where large outputs go; durable together with the lines.
    package let outputs: OutputFiles?
    private let file: File
    private let state = Mutex(State())

    /// Creates the log of a new run.
    package convenience init(creating run: RunName, in directory: RunStateDirectory) throws(StoreError) {
        try self.init(File(directory.eventsPath(of: run), .create), OutputFiles(of: run, in: directory))
    }

    /// Opens the log of a run that goes on. A torn last line is closed by the first that is appended, and stays for the reader
    /// to skip.
    package convenience init(resuming run: RunName, in directory: RunStateDirectory) throws(StoreError) {
        try self.init(File(directory.eventsPath(of: run), .append), OutputFiles(of: run, in: directory))
    }

    init(_ file: File, _ outputs: OutputFiles? = nil) throws(StoreError) {
        try file.lock()
        self.outputs = outputs
        self.file = file
        path = file.path
        let endsTorn = file.endsWithinLine()
        state.withLock { $0.endsTorn = endsTorn }
    }

    /// Writes what is buffered, if it can. Only ``flush(durable:)`` tells.
    deinit { try? flush(durable: false) }

    /// Appends one line: the event, which is an object, as compact JSON, with nothing added.
    ///
    /// - Throws: where the buffer was full and could not be written. The event is then not part of the log; events accepted
    ///   earlier still are, and a later call tries again.
    package func append(_ event: JSON) throws(StoreError) {
        try append { line in line.addMembers(of: event) }
    }

    /// Appends one line, whose members `write` adds.
    ///
    /// - Throws: as ``append(_:)``.
    package func append(_ write: (inout JSONLine) -> Void) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if state.endsTorn {
                state.buffer.append(UInt8(ascii: "\n"))
                state.endsTorn = false
            }
            if state.buffer.count > Self.bufferLimit { try self.write(&state) }
            var line = JSONLine(after: state.takeBuffer())
            write(&line)
            state.buffer = line.ended()
        }
    }

    /// Hands everything appended so far to the system: it survives the end of this process.
    ///
    /// - Parameter durable: also waits until the device has it: it survives the end of the machine. Takes milliseconds.
    package func flush(durable: Bool) throws(StoreError) {
        let isAnchored = try state.withLock { state throws(StoreError) in
            if durable, let failure = state.failure { throw failure }
            try write(&state)
            return state.isAnchored
        }
        guard durable else { return }
        // Outside the lock: others append meanwhile.
        do throws(StoreError) {
            try outputs?.synchronize()
            try file.synchronize()
            if !isAnchored { try anchor() }
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
    }

    /// Others may write the log from here on. Nothing is appended any more.
    package func release() { file.unlock() }

    /// Removes the log and its directory, as long as nothing was written.
    package func remove() {
        guard File.stamp(of: path)?.size == 0 else { return }
        File.remove(path)
        File.removeDirectory(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "")
    }

    private func write(_ state: inout State) throws(StoreError) {
        try file.checkLinked()
        guard !state.buffer.isEmpty else { return }
        try file.write(&state.buffer)
    }

    /// Makes the names of the file and of its directory durable.
    private func anchor() throws(StoreError) {
        var parent = path[...]
        for _ in 0..<2 {
            guard let slash = parent.lastIndex(of: "/"), slash != parent.startIndex else { break }
            parent = parent[..<slash]
            try File.synchronize(directory: String(parent))
        }
        state.withLock { $0.isAnchored = true }
    }
}
