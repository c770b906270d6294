import ForerunCore
import ForerunStore

/// Reads the log of a run as it grows, and tells what is new: everything first, then what has changed.
struct RunFollower: ~Copyable {
    struct Update {
        /// Replaces all that was told before.
        var isWhole: Bool
        var json: JSON
    }

    /// What was told.
    private struct Told {
        var spans: [RunTimeline.Span] = []
        var branches: [RunTimeline.Branch] = []
        var truths: [Bool?] = []
        var turns: [JSON] = []
        var messages: [String] = []
        var resumptions = 0
        var notes = 0
        var isLive = true
        var hasEnd = false
    }

    private let run: RunName
    private let directory: RunStateDirectory
    private var reader: EventLogReader
    private var timeline = RunTimeline()
    private var told: Told?
    /// Whether a process writes its log.
    private(set) var isLive = true

    init(_ run: RunName, in directory: RunStateDirectory) throws(StoreError) {
        self.run = run
        self.directory = directory
        reader = try EventLogReader(run, in: directory)
    }

    /// What is new; `nil`: nothing.
    mutating func poll() throws(StoreError) -> Update? {
        // Asked before reading: what a process wrote before it ended is read then.
        isLive = directory.isBeingWritten(run)
        var lines = 0
        while let item = try reader.nextItem() {
            timeline.add(item, line: reader.line)
            lines += 1
        }
        guard lines > 0 || told == nil || told?.isLive != isLive else { return nil }
        var timeline = timeline
        if !isLive { timeline.finish() }
        let isWhole = told.map { $0.resumptions != timeline.record.resumptions } ?? true
        if isWhole { told = Told() }
        return Update(isWhole: isWhole, json: isWhole ? try whole(timeline) : change(timeline))
    }

    private mutating func whole(_ timeline: RunTimeline) throws(StoreError) -> JSON {
        let record = timeline.record
        var members: [(String, JSON)] = [
            ("run", .string(run.description)), ("began", .string(run.began)),
            ("agent", record.started?["agent"] ?? .null), ("mode", record.started?["mode"] ?? .null),
            ("task", record.started?["task"] ?? .null), ("workspace", record.started?["workspace"] ?? .null),
            ("forkOf", record.started?["forkOf"] ?? .null),
            ("opening", record.opened?["opening"] ?? []),
            (
                "roles",
                .array(
                    (record.opened?["roles"]?.arrayValue ?? []).map { role in
                        ["name": role["name"] ?? .null, "model": role["model"] ?? .null]
                    })
            ),
            ("resumed", .array(timeline.resumed.map { .seconds($0) })),
        ]
        members += changes(timeline)
        return JSON(members: members)
    }

    private mutating func change(_ timeline: RunTimeline) -> JSON { JSON(members: changes(timeline)) }

    /// Arrays tell their length and, by place, what is new in them.
    private mutating func changes(_ timeline: RunTimeline) -> [(String, JSON)] {
        var before = told ?? Told()
        let record = timeline.record
        var members: [(String, JSON)] = [
            ("live", .bool(isLive)), ("speculates", .bool(timeline.speculates)), ("now", .seconds(timeline.end)),
            ("damage", record.damage.map { .string($0.description) } ?? .null),
        ]
        if let completed = record.completed, !before.hasEnd || !isLive {
            members.append(("completed", completed))
            before.hasEnd = true
        }
        if before.notes != timeline.notes.count {
            members.append(("notes", .array(timeline.notes.map { .string($0) })))
            before.notes = timeline.notes.count
        }
        let spans = Self.news(before.spans, timeline.spans) { $0.object(isLive: isLive) }
        if let spans { members.append(("spans", spans)) }
        before.spans = timeline.spans
        let branches = Self.news(before.branches, timeline.branches) { $0.object(isLive: isLive) }
        if let branches { members.append(("branches", branches)) }
        before.branches = timeline.branches
        // Guesses never change; whether they came true shows later.
        let truths = timeline.guesses.map { timeline.cameTrue($0) }
        let places = timeline.guesses.indices.filter { $0 >= before.truths.count || before.truths[$0] != truths[$0] }
        if !places.isEmpty {
            members.append(
                (
                    "guesses",
                    Self.array(places.map { ($0, timeline.guesses[$0].object(cameTrue: truths[$0])) }, truths.count)
                ))
        }
        before.truths = truths
        // Only the last of the turns that were told can have got more.
        let first = max(0, min(before.turns.count, record.turns.count) - 1)
        let turns =
            before.turns.prefix(first)
            + record.turns.indices.dropFirst(first).map { record.turns[$0].object(number: $0, timeline) }
        if let news = Self.news(before.turns, Array(turns), { $0 }) { members.append(("turns", news)) }
        before.turns = Array(turns)
        if before.messages != record.messages {
            members.append(("messages", .array(record.messages.map { .string($0) })))
            before.messages = record.messages
        }
        before.resumptions = record.resumptions
        before.isLive = isLive
        told = before
        return members
    }

    private static func news<Value: Hashable>(
        _ old: [Value], _ new: [Value], _ object: (Value) -> JSON
    ) -> JSON? {
        let places = new.indices.filter { $0 >= old.count || old[$0] != new[$0] }
        guard !places.isEmpty || old.count != new.count else { return nil }
        return array(places.map { ($0, object(new[$0])) }, new.count)
    }

    private static func array(_ items: [(Int, JSON)], _ count: Int) -> JSON {
        ["count": .int(count), "at": .array(items.map { .int($0.0) }), "items": .array(items.map(\.1))]
    }
}
