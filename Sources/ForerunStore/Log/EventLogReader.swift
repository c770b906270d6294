package import ForerunCore

/// Reads a log event by event, while it is written or afterwards.
///
/// At the end of the file ``next()`` returns `nil`; where the log has grown since, it goes on. Lines that are no events are
/// skipped and counted: most are what a killed writer left. ``nextItem(where:)`` tells where they stand.
///
/// Whoever reads events from here can rely on their numbers: see ``EventNumbers``.
package struct EventLogReader: ~Copyable {
    /// What a whole line holds.
    package enum Item: Sendable, Hashable {
        case event(JSON)
        /// No JSON.
        case unreadable
        /// JSON, and no event: a number in it cannot be. With the reason.
        case impossible(String)

        init(_ line: ArraySlice<UInt8>) {
            guard let event = try? JSON(parsingRecord: line) else {
                self = .unreadable
                return
            }
            self = event.numberOutOfRange.map { .impossible($0) } ?? .event(event)
        }
    }

    private static let chunk = 1 << 18

    private let file: File
    private var bytes: [UInt8] = []
    /// Where the current line begins in `bytes`, and how far it was searched for its end.
    private var start = 0
    private var searched = 0

    /// Whole lines so far that were no events.
    package private(set) var skippedLines = 0
    /// The number of the line that was read last, from 1.
    package private(set) var line = 0
    /// Bytes of whole lines read so far.
    package private(set) var offset = 0

    package init(_ run: RunName, in directory: RunStateDirectory) throws(StoreError) {
        try self.init(path: directory.eventsPath(of: run))
    }

    package init(path: String) throws(StoreError) { file = try File(path, .read) }

    /// Whether the file, as far as it was read, ends within a line: it is being written, or its writer was killed.
    package var hasTornTail: Bool { start < bytes.count }

    /// The next event; `nil` at the end.
    package mutating func next() throws(StoreError) -> JSON? {
        while let item = try nextItem() {
            if case .event(let event) = item { return event }
        }
        return nil
    }

    /// The next whole line; `nil` at the end.
    ///
    /// - Parameter isWanted: looks at the bytes of a line; those that it does not want are passed over, unread.
    package mutating func nextItem(where isWanted: (ArraySlice<UInt8>) -> Bool = { _ in true }) throws(StoreError)
        -> Item?
    {
        while let range = try nextLine() {
            guard isWanted(bytes[range]) else { continue }
            let item = Item(bytes[range])
            if case .event = item { return item }
            skippedLines += 1
            return item
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
            if let end = lineFeed {
                let range = start..<end
                start = end + 1
                searched = start
                line += 1
                offset += range.count + 1
                return range
            }
            bytes.removeFirst(start)
            start = 0
            searched = bytes.count
            guard try file.read(Self.chunk, into: &bytes) > 0 else { return nil }
        }
    }

    /// Where the current line ends; `nil`: not in what was read.
    private var lineFeed: Int? {
        bytes.withUnsafeBytes { File.firstIndex(of: UInt8(ascii: "\n"), in: $0, from: searched) }
    }
}
