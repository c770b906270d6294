import Dispatch
import ForerunCore
import ForerunStore
import OrderedCollections
import Synchronization

/// The recorded runs, as an index that is kept up to date while somebody looks.
final class RunLibrary: Sendable {
    private struct State {
        var isReading = false
        var finished: ContinuousClock.Instant?
        /// How long the last reading took.
        var cost = Duration.zero
        var progress: (done: Int, all: Int)?
        /// Grows whenever a log has changed, a run has begun or ended.
        var generation = 0
        var running: [String] = []
        var failures: [String] = []
        var complaint: String?
        var report: (query: RunQuery, generation: Int, json: JSON)?
    }

    /// What is no older than this counts as current.
    private static let freshness = Duration.milliseconds(500)
    /// How long a request waits for logs to be read; then it gets what is known so far. Pages hear of the rest (`/api/events`).
    private static let firstPatience = Duration.seconds(2)
    private static let patience = Duration.milliseconds(150)

    let directory: RunStateDirectory
    private let index: RunIndex
    private let queue = DispatchQueue(label: "forerun.dashboard.index")
    private let state = Mutex(State())

    init(_ directory: RunStateDirectory) throws(StoreError) {
        self.directory = directory
        index = try RunIndex(of: directory)
    }

    // MARK: - Keeping up

    /// Where many logs are looked at, that is done less often: it takes a twentieth of one processor at most.
    var watchPace: Duration { max(.seconds(1), state.withLock { $0.cost } * 20) }

    /// A number that grows with every change.
    @concurrent
    func generation() async -> Int {
        await refresh()
        return state.withLock { $0.generation }
    }

    /// Reads what has changed, and waits for it as long as is bearable.
    @concurrent
    private func refresh() async {
        let begin = ContinuousClock.now
        let (isBegun, patience) = state.withLock { state in
            let patience = state.finished == nil ? Self.firstPatience : Self.patience
            if state.isReading { return (true, patience) }
            if let finished = state.finished, finished.duration(to: .now) < Self.freshness { return (false, patience) }
            state.isReading = true
            queue.async { self.read() }
            return (true, patience)
        }
        guard isBegun else { return }
        while state.withLock({ $0.isReading }), begin.duration(to: .now) < patience, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    private func read() {
        let start = ContinuousClock.now
        var failures: [String] = []
        var changes = 0
        var running: [String] = []
        do throws(StoreError) {
            let news = try index.refresh { done, all in
                state.withLock { state in
                    state.progress = (done, all)
                    state.generation += 1
                }
            }
            failures = news.failures
            changes = news.runs
            var query = RunQuery()
            query.end = RunSummary.running
            running = try index.runs(query).map(\.name.description)
        } catch {
            failures = ["\(error.path): \(error.message)"]
        }
        state.withLock { state in
            if changes > 0 || running != state.running { state.generation += 1 }
            state.running = running
            state.failures = failures
            state.complaint = index.complaint
            state.progress = nil
            state.isReading = false
            state.finished = .now
            state.cost = start.duration(to: .now)
        }
    }

    // MARK: - Answers

    /// The runs that a query finds: `runs`, `total`, `agents`; `reading` (`done`, `all`) while logs are still being read.
    @concurrent
    func list(_ query: RunQuery) async throws -> JSON {
        await refresh()
        let runs = try index.runs(query)
        let total = query.asksForOpenRuns ? nil : try index.count(query)
        let (progress, failures, complaint) = state.withLock { ($0.progress, $0.failures, $0.complaint) }
        var members: [(String, JSON)] = [
            ("runs", .array(runs.map { $0.row })), ("total", .int(total ?? runs.count)),
            ("agents", .array(try index.agents().map { .string($0) })),
            ("problems", .array((failures.prefix(20) + [complaint].compactMap(\.self)).map { .string($0) })),
        ]
        if let progress { members.append(("reading", ["done": .int(progress.done), "all": .int(progress.all)])) }
        return JSON(members: members)
    }

    /// What all runs that a query finds came to; its limit does not count. `reading` as of a list.
    @concurrent
    func report(_ query: RunQuery) async throws -> JSON {
        await refresh()
        var query = query
        query.limit = nil
        query.offset = 0
        let (generation, known, progress) = state.withLock { ($0.generation, $0.report, $0.progress) }
        if let known, known.generation == generation, known.query == query { return known.json }
        var figures = ReportFigures()
        try index.each(query) { figures.add($0) }
        if let progress { return figures.json(reading: ["done": .int(progress.done), "all": .int(progress.all)]) }
        let json = figures.json(reading: nil)
        state.withLock { $0.report = (query, generation, json) }
        return json
    }

    /// One run, as ``RunFollower`` tells it first.
    func object(of run: RunName) throws -> JSON {
        var follower = try RunFollower(run, in: directory)
        return try follower.poll()?.json ?? [:]
    }

    /// All of an output; `nil`: there is none.
    func output(of run: RunName, turn: Int, index: Int) throws(StoreError) -> String? {
        var reader = try EventLogReader(run, in: directory)
        let files = OutputFiles(of: run, in: directory)
        var found: JSON?
        // The last one counts: a turn may have been made again.
        while let event = try reader.next() {
            if event["type"] == "call.taken", event["turn"]?.intValue == turn, event["index"]?.intValue == index {
                found = event
            }
        }
        return try found?.outputText(in: files)
    }

    /// What the branch of a world changed; `nil`: there is no such branch.
    func change(of run: RunName, world: Int) throws(StoreError) -> JSON? {
        let timeline = try RunTimeline(run, in: directory, wholeOutputs: false)
        return BranchChange(timeline, world: world)?.json
    }
}

extension RunSummary {
    /// What a list shows of it: all but what is told of each tool and source.
    fileprivate var row: JSON {
        guard case .object(var members) = json else { return json }
        for key in ["tools", "sources", "forecasts", "costs", "models"] { members[key] = nil }
        members["end"] = .string(end)
        return .object(members)
    }
}
