import ForerunCore
import ForerunLearning
import ForerunRecords

/// One domain, ready to be replayed: its agent's tools, what they may touch, what was learnt.
struct ReplayDomain: Sendable {
    /// At most so many runs to learn from are also replayed, to learn how far guesses can be trusted.
    private static let calibratingRuns = 100

    let name: String
    let options: ReplayOptions
    let records: ReplayRecords?
    private let roles: [ModelRequest.Role]
    private let paths: [Result<ReplayPath, ReplayRefusal>]
    private let books: [ReplayBook]
    let latencies: ReplayLatencies
    private(set) var lessons = ReplayLessons()

    init(
        _ name: String, _ runs: [RecordedRun], training: [RecordedRun], records: ReplayRecords?, options: ReplayOptions
    ) {
        self.name = name
        self.options = options
        self.records = records
        let tools = Self.tools(of: runs + training)
        roles = runs.map { Self.role($0, tools) }
        let books = runs.map { Self.book($0, records, options) }
        self.books = books
        paths = zip(runs, zip(roles, books)).map { run, rest in
            Result { () throws(ReplayRefusal) in
                try ReplayPath(run, role: rest.0, commentary: options.commentary, book: rest.1)
            }
        }
        var recorded = RecordedLatencies()
        for run in runs { recorded.add(run) }
        recorded.sort()
        latencies = ReplayLatencies(
            seed: options.seed, actor: options.actorLatency, tool: options.toolLatency, recorded: recorded)
    }

    /// What an agent of the domain can call: what logs describe, and what was ever called.
    private static func tools(of runs: [RecordedRun]) -> [Tool] {
        var known: [String: Tool] = [:]
        for tool in runs.lazy.flatMap(\.tools) where known[tool.name] == nil { known[tool.name] = tool }
        for run in runs {
            for call in run.steps.lazy.flatMap(\.calls) where known[call.call.name] == nil {
                known[call.call.name] = Tool(name: call.call.name, description: "")
            }
        }
        return known.values.sorted { $0.name < $1.name }
    }

    /// The tools that the run's own log describes; where it describes none, those of the domain.
    private static func role(_ run: RecordedRun, _ tools: [Tool]) -> ModelRequest.Role {
        ModelRequest.Role(name: "actor", tools: run.tools.isEmpty ? tools : run.knownTools)
    }

    private static func book(_ run: RecordedRun, _ records: ReplayRecords?, _ options: ReplayOptions) -> ReplayBook {
        ReplayBook(
            tools: records?.environment.tools ?? [], stated: run.statedEffects,
            assumesContained: options.assumesContained)
    }

    // MARK: - Learning

    /// Learns from other runs, in an order that mixes those of different models.
    mutating func learn(_ training: [RecordedRun], onRun: () -> Void) async {
        let tools = Self.tools(of: training)
        let order = training.map { (Draw(seed: 0).bits([.init($0.key)]), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        let sources = options.sources.filter { $0 != .oracle }
        let unknown = sources.isEmpty ? [] : Self.lastGroups(of: order)
        // Runs of a group share ids and wishes. What guesses are worth is learnt where the whole group is new to those who
        // guess: so good, and no better, will be what is guessed of others.
        var students = lessons
        var strangers: [(path: ReplayPath, book: ReplayBook)] = []
        for run in order {
            guard !Task.isCancelled else { return }
            onRun()
            let role = Self.role(run, tools)
            let book = Self.book(run, nil, options)
            guard let path = try? ReplayPath(run, role: role, commentary: options.commentary, book: book) else {
                continue
            }
            lessons.learn(run, path)
            if unknown.contains(run.group ?? run.key) {
                strangers.append((path, book))
            } else if !unknown.isEmpty {
                students.learn(run, path)
            }
        }
        for (path, book) in strangers.prefix(Self.calibratingRuns) {
            guard !Task.isCancelled else { return }
            var setup = setup(path, book, .observe)
            setup.speculators = students.speculators(sources, for: path)
            setup.trust = lessons.trust
            var driver = ReplayDriver(setup)
            _ = await driver.run()
            lessons.trust = driver.trust
        }
    }

    /// The groups of the last runs: of enough runs to learn from what guesses are worth, but not of more than half of all.
    private static func lastGroups(of order: [RecordedRun]) -> Set<String> {
        let sizes = Dictionary(order.map { ($0.group ?? $0.key, 1) }, uniquingKeysWith: +)
        var groups: Set<String> = []
        var count = 0
        for run in order.reversed() where count < min(calibratingRuns, order.count / 2) {
            let group = run.group ?? run.key
            guard !groups.contains(group), let size = sizes[group], count + size <= max(1, order.count / 2) else {
                continue
            }
            groups.insert(group)
            count += size
        }
        return groups
    }

    // MARK: - Replaying

    private func setup(_ path: ReplayPath, _ book: ReplayBook, _ mode: SpeculationPolicy.Mode) -> ReplaySetup {
        ReplaySetup(
            path: path, book: book, latencies: latencies, records: mode == .observe ? nil : records,
            policy: SpeculationPolicy(mode: mode))
    }

    /// Replays one run: in turn, with speculation, and with perfect guesses.
    func replay(_ index: Int) async -> ReplayedRun {
        let path: ReplayPath
        switch paths[index] {
        case .success(let found): path = found
        case .failure(let refusal): return ReplayedRun(domain: name, index: index, failure: refusal.reason)
        }
        let book = books[index]
        var run = ReplayedRun(domain: name, index: index, path: path)
        run.sequential = await pass(setup(path, book, .off))
        run.failure = run.sequential.failure
        guard options.mode != .off, run.failure == nil else { return run }
        let own = { () -> ReplaySetup in
            var setup = setup(path, book, options.mode)
            setup.speculators = lessons.speculators(options.sources, for: path)
            setup.trust = lessons.trust
            setup.isOracle = options.sources == [.oracle]
            return setup
        }
        // Scored where nothing runs ahead: what guesses are worth does not depend on latencies.
        var observing = own()
        observing.policy.mode = .observe
        run.observed = await pass(observing, scores: true)
        run.speculative = options.mode == .observe ? run.observed : await pass(own())
        var perfect = setup(path, book, options.mode.perfect)
        perfect.speculators = lessons.speculators([.oracle], for: path)
        perfect.isOracle = true
        run.oracle = options.sources == [.oracle] ? run.speculative : await pass(perfect)
        run.failure = run.observed.failure ?? run.speculative.failure ?? run.oracle.failure
        return run
    }

    private func pass(_ setup: ReplaySetup, scores: Bool = false) async -> ReplayPass {
        var driver = ReplayDriver(setup, scores: scores)
        return await driver.run()
    }
}

extension SpeculationPolicy.Mode {
    /// The mode in which perfect guesses are tried.
    fileprivate var perfect: SpeculationPolicy.Mode { self == .tools ? .tools : .full }
}

/// One recorded run, replayed.
package struct ReplayedRun: Sendable {
    package let domain: String
    /// Its place among the runs of its domain.
    package let index: Int
    package var key = ""
    package var turns = 0
    package var calls = 0
    /// Calls that may run ahead.
    package var callsAhead = 0
    package var sequential = ReplayPass()
    package var observed = ReplayPass()
    package var speculative = ReplayPass()
    package var oracle = ReplayPass()
    /// Why it could not be replayed, in words.
    package var failure: String?

    init(domain: String, index: Int, failure: String? = nil) {
        self.domain = domain
        self.index = index
        self.failure = failure
    }

    init(domain: String, index: Int, path: ReplayPath) {
        self.domain = domain
        self.index = index
        key = path.key
        turns = path.turns.count
        calls = path.calls.count
        callsAhead = path.calls.count { $0.effect != .external }
    }

    /// Seconds that speculation saved.
    package var saved: Double { sequential.seconds - speculative.seconds }
    /// Seconds that perfect guesses would have saved.
    package var savedByOracle: Double { sequential.seconds - oracle.seconds }
}
