package import ForerunCore
import OrderedCollections

/// What is known of a run at a glance, as the index keeps it.
package struct RunSummary: Sendable, Hashable {
    package let name: RunName
    /// One object: what `forerun runs --json` prints.
    package let json: JSON

    package init(name: RunName, json: JSON) {
        self.name = name
        self.json = json
    }

    package func text(_ key: String) -> String? { json[key]?.stringValue }
    package func number(_ key: String) -> Double? { json[key]?.doubleValue }
    package func count(_ key: String) -> Int { json[key]?.countValue ?? 0 }

    /// How it ended, in the words of all views: `cut off` where it did not, `running` where it goes on (``current(in:)``),
    /// `damaged` where the log does not say.
    package var end: String { json["damage"] == nil ? text("end") ?? Self.cutOff : Self.damaged }
    package var tokens: Int { count("inputTokens") + count("outputTokens") }

    package static let cutOff = "cut off"
    package static let running = "running"
    package static let damaged = "damaged"

    /// The same, at this moment: a run without an end has been cut off, or goes on.
    package func current(in runs: RunStateDirectory) -> RunSummary {
        guard end == Self.cutOff, runs.isBeingWritten(name), case .object(var members) = json else { return self }
        members["end"] = .string(Self.running)
        return RunSummary(name: name, json: .object(members))
    }
}

extension RunSummary {
    /// Reads the log of a run.
    package init(_ name: RunName, in runs: RunStateDirectory) throws(StoreError) {
        self = try Self.read(name, in: runs).0
    }

    /// The summary and all about the run, in one pass over its log.
    ///
    /// - Parameter wholeOutputs: also of large ones, which lie in files of their own.
    package static func withTimeline(
        _ name: RunName, in runs: RunStateDirectory, wholeOutputs: Bool
    ) throws(StoreError) -> (RunSummary, RunTimeline) {
        var reader = try EventLogReader(name, in: runs)
        let outputs = wholeOutputs ? OutputFiles(of: name, in: runs) : nil
        var summarizer = RunSummarizer()
        var timeline = RunTimeline()
        while let item = try reader.nextItem() {
            summarizer.add(item, line: reader.line)
            timeline.add(item, line: reader.line, outputs: outputs)
        }
        timeline.finish()
        return (summarizer.summary(of: name, bytes: reader.offset), timeline)
    }

    /// The summary, and the words that the run can be found by.
    static func read(_ name: RunName, in runs: RunStateDirectory) throws(StoreError) -> (RunSummary, words: String) {
        var reader = try EventLogReader(name, in: runs)
        var summarizer = RunSummarizer()
        while let item = try reader.nextItem(where: RunSummarizer.isWanted) { summarizer.add(item, line: reader.line) }
        return (summarizer.summary(of: name, bytes: reader.offset), summarizer.words)
    }
}

/// Reads a log for its summary and for the words that it can be found by.
struct RunSummarizer {
    /// Bytes of different words that are kept of a run at most.
    private static let wordLimit = 24 * 1024
    /// Bytes of one text that are looked at.
    private static let textLimit = 600

    private var record = RunRecord()
    private var tally = RunTally()
    private var forecasts = RunForecasts()
    private var costs = RunCosts(run: "")
    private var bytes: [UInt8] = []
    /// Hashes of the words so far.
    private var seen: Set<Int> = []

    /// Lines that say nothing for a summary are not even parsed: most of a log.
    private static let passedOver = [
        "answer.", "branch.", "work.promoted", "approval.", "note", "speculation.",
    ].map { Array("{\"type\":\"\($0)".utf8) }

    static func isWanted(_ line: ArraySlice<UInt8>) -> Bool { !passedOver.contains { line.starts(with: $0) } }

    mutating func add(_ item: EventLogReader.Item, line: Int) {
        if case .event(let event) = item {
            count(event)
            forecasts.add(event)
            costs.add(event)
        }
        record.add(item, line: line)
    }

    private mutating func count(_ event: JSON) {
        tally.on(event)
        switch event["type"]?.stringValue {
        case "run.started": note(event["task"])
        case "message.joined", "turn.taken": note(event["text"])
        case "call.taken":
            note(event["call"]?["arguments"].map { .string($0.text) })
            note(event["output"])
        default: break
        }
    }

    /// Each word once: runs are found by words, not by phrases.
    private mutating func note(_ text: JSON?) {
        guard case .string(let text) = text, bytes.count < Self.wordLimit else { return }
        for word in text.utf8.prefix(Self.textLimit).split(whereSeparator: { $0 <= 0x20 }) {
            var hasher = Hasher()
            // Strings of ours are contiguous; others would only be told apart less well.
            _ = word.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            guard seen.insert(hasher.finalize()).inserted else { continue }
            bytes += word
            bytes.append(0x20)
        }
    }

    var words: String { String(decoding: bytes, as: UTF8.self) }

    /// The summary of everything that was read.
    ///
    /// - Parameter bytes: of the log.
    func summary(of name: RunName, bytes: Int) -> RunSummary {
        var record = record
        record.finish()
        var tally = tally
        tally.finish()
        var costs = costs
        costs.finish()
        let started = record.started
        let speculation = record.completed?["speculation"]
        let usage = record.turns.compactMap(\.usage).reduce(Usage.zero, +)
        func text(_ value: JSON?) -> JSON { value ?? .null }
        let calls = record.turns.flatMap(\.calls)
        var members: [(String, JSON)] = [
            ("run", .string(name.description)), ("began", .string(name.began)), ("agent", text(started?["agent"])),
            ("task", record.task.map { .string($0) } ?? .null), ("workspace", text(started?["workspace"])),
            ("mode", text(started?["mode"])),
            ("end", text(record.completed?["end"])),
            ("seconds", record.completed?["seconds"] ?? .seconds(record.elapsed)),
            ("turns", .int(record.turns.count)), ("calls", .int(calls.count)),
            ("turnHits", .int(record.turns.count(where: \.isHit))), ("callHits", .int(calls.count(where: \.isHit))),
            ("savedSeconds", text(speculation?["savedSeconds"])),
            ("wastedSeconds", text(speculation?["wastedSeconds"])),
            ("wastedTokens", text(speculation?["wastedTokens"])), ("inputTokens", .int(usage.input)),
            ("outputTokens", .int(usage.output)), ("cost", text(record.completed?["cost"])),
            ("extraCost", text(speculation?["extraCost"])), ("brier", text(speculation?["brier"])),
            (
                "models",
                .array(record.opened?["roles"]?.arrayValue?.compactMap { $0["model"] } ?? [])
            ),
            ("resumptions", .int(record.resumptions)), ("bytes", .int(bytes)),
            (
                "tools",
                .array(
                    tally.tools.sorted { $0.key < $1.key }.map {
                        JSON(members: [("name", .string($0.key))] + $0.value.members)
                    })
            ),
            (
                "sources",
                .array(
                    tally.sources.sorted { $0.key < $1.key }.map {
                        JSON(members: [("source", .string($0.key))] + $0.value.members)
                    })
            ),
            ("forecasts", forecasts.json), ("costs", costs.rows),
        ]
        if let fork = started?["forkOf"] { members.append(("forkOf", fork)) }
        if let damage = record.damage { members.append(("damage", .string(damage.description))) }
        return RunSummary(name: name, json: JSON(members: members))
    }
}
