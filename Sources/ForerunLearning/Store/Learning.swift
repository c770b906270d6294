import Dispatch
import ForerunCore
import Synchronization

/// What learns from runs.
package protocol LearnedModel: Sendable {
    /// Knows nothing.
    init()
    /// - Throws: where `content` is damaged, or of another version.
    init(content: [UInt8]) throws
    /// All that is known.
    var content: [UInt8] { get }
    /// Learns the steps of a run from `first` on; those before it are only looked at.
    mutating func learn(_ run: RecordedRun, from first: Int)
}

/// Learns from files that agents left, into a store. What an earlier session has learnt is not learnt twice, and an
/// interrupted one goes on where it was.
package struct Learning<Model: LearnedModel>: ~Copyable {
    /// What a session came to.
    package struct Outcome: Sendable, Hashable {
        package var runs = 0
        package var calls = 0
        /// Runs that were known already.
        package var knownRuns = 0
        /// Agents whose models began anew, since what was kept of them could not be read.
        package var begunAnew: [String] = []
    }

    private let store: LearnedStore
    private let claim: LearningClaim
    /// The name that runs without an agent, or of another kind of log, go by.
    private let agent: String?
    private var reader: TranscriptReader
    private var models: [String: Model] = [:]
    /// Agents whose models have learnt something that is not kept yet.
    private var changed: Set<String> = []
    private var lesson = LearnedStore.Lesson()
    /// Steps of the runs in the lesson, by key: the store does not know them yet.
    private var lessonSteps: [String: Int] = [:]
    private var keptBookmarks = 0
    private let flushCalls: Int
    private var callsSinceFlush = 0
    package private(set) var outcome = Outcome()

    /// - Parameters:
    ///   - agent: learn as if all runs were this agent's; `nil`: as their logs say.
    ///   - flushCalls: calls after which everything learnt is kept.
    /// - Throws: also where somebody else is learning into the store.
    package init(
        _ paths: [String], into store: LearnedStore, agent: String? = nil, flushCalls: Int = 20_000
    ) throws(LearningError) {
        // First what can fail.
        let claim = try store.claim()
        let bookmarks = try store.bookmarks()
        self.claim = claim
        self.store = store
        self.agent = agent
        self.flushCalls = flushCalls
        reader = TranscriptReader(paths, bookmarks: bookmarks)
    }

    package var progress: ImportProgress { reader.progress }
    package var problems: ImportProblems { reader.problems }

    /// Learns from the next run.
    ///
    /// - Returns: whether there was one; afterwards everything is kept.
    package mutating func step(time: Double) throws(LearningError) -> Bool {
        guard let run = reader.next() else {
            try keep(time: time)
            return false
        }
        let name = agent ?? run.agent ?? run.format
        let known = if let steps = lessonSteps[run.key] { steps } else { try store.steps(of: run.key) }
        guard known < run.steps.count else {
            outcome.knownRuns += 1
            return true
        }
        try learn(run, from: known, Set([name, LearnedStore.everyone]).sorted())
        lesson.runs.append((run.key, name, run.steps.count, run.callCount))
        lessonSteps[run.key] = run.steps.count
        outcome.runs += 1
        outcome.calls += run.callCount
        callsSinceFlush += run.callCount
        if callsSinceFlush >= flushCalls { try keep(time: time) }
        return true
    }

    /// Lets the models of some agents learn, as many at a time as there are processors: what one learns is nothing to
    /// the others.
    private mutating func learn(_ run: RecordedRun, from first: Int, _ owners: [String]) throws(LearningError) {
        let learners = Mutex<[Model?]>([])
        for owner in owners {
            let model = try model(of: owner)
            // The dictionary must not hold it meanwhile, or all of it would be copied.
            models[owner] = nil
            learners.withLock { $0.append(model) }
        }
        DispatchQueue.concurrentPerform(iterations: owners.count) { number in
            guard var model = learners.withLock({ $0[number].take() }) else { return }
            model.learn(run, from: first)
            learners.withLock { $0[number] = model }
        }
        for (owner, model) in zip(owners, learners.withLock { $0 }) {
            models[owner] = model
            changed.insert(owner)
        }
    }

    /// Keeps what was learnt so far.
    package mutating func keep(time: Double) throws(LearningError) {
        lesson.bookmarks = Array(reader.finished[keptBookmarks...])
        guard !lesson.runs.isEmpty || !lesson.bookmarks.isEmpty else { return }
        for owner in changed { lesson.models[owner] = models[owner]?.content }
        try store.keep(lesson, time: time)
        keptBookmarks = reader.finished.count
        lesson = LearnedStore.Lesson()
        lessonSteps = [:]
        changed = []
        callsSinceFlush = 0
    }

    private mutating func model(of owner: String) throws(LearningError) -> Model {
        if let model = models[owner] { return model }
        guard let content = try store.model(of: owner) else { return Model() }
        do { return try Model(content: content) } catch {
            outcome.begunAnew.append(owner)
            return Model()
        }
    }
}
