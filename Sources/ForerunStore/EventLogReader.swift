package import ForerunCore

/// Reads a log event by event, while it is written or afterwards.
///
/// At the end of the file ``next()`` returns `nil`; where the log has grown since, it goes on. Lines that are no JSON are
/// skipped and counted: they are what a killed writer left.
package struct EventLogReader: ~Copyable {
    private static let chunk = 1 << 16

    private let file: File
    private var bytes: [UInt8] = []
    /// Where the current line begins in `bytes`, and how far it was searched for its end.
    private var start = 0
    private var searched = 0

    /// Whole lines so far that were no JSON.
    package private(set) var skippedLines = 0

    package init(_ run: RunName, in directory: RunStateDirectory) throws(StoreError) {
        try self.init(path: directory.eventsPath(of: run))
    }

    package init(path: String) throws(StoreError) { file = try File(path, .read) }

    /// Whether the file, as far as it was read, ends within a line: it is being written, or its writer was killed.
    package var hasTornTail: Bool { start < bytes.count }

    /// The next event; `nil` at the end.
    package mutating func next() throws(StoreError) -> JSON? {
        while let line = try nextLine() {
            if let event = try? JSON(parsing: bytes[line]) { return event }
            skippedLines += 1
        }
        return nil
    }

    /// The rest of the events.
    package mutating func events() throws(StoreError) -> [JSON] {
        var events: [JSON] = []
        while let event = try next() { events.append(event) }
        return events
    }

    private mutating func nextLine() throws(StoreError) -> Range<Int>? {
        while true {
            if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = start..<end
                start = end + 1
                searched = start
                return line
            }
            bytes.removeFirst(start)
            start = 0
            searched = bytes.count
            guard try file.read(Self.chunk, into: &bytes) > 0 else { return nil }
        }
    }
}
