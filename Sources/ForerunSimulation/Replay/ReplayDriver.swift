import ForerunCore
import ForerunLearning
import HeapModule
import Synchronization

/// Executes the core's commands over a recorded run on a virtual clock, and decides nothing.
///
/// The actor answers what it answered; a request that is not on the path gets an answer that nobody can use. Persons answer
/// at once: their time is neither saved nor counted.
struct ReplayDriver {
    /// What a speculator that only looks things up takes, in seconds. Where nothing runs ahead, guesses take no time and come
    /// first: what they are worth does not depend on latencies.
    static let guessSeconds = 0.001
    /// Events after which something must be wrong: for each turn.
    private static let mostEvents = 20_000

    private struct Item: Comparable {
        let time: Double
        /// Of what happens at one time, guesses that take no time are first.
        let order: Int
        let number: Int
        let event: Event
        static func == (a: Item, b: Item) -> Bool { a.number == b.number }
        static func < (a: Item, b: Item) -> Bool { (a.time, a.order, a.number) < (b.time, b.order, b.number) }
    }

    private let setup: ReplaySetup
    private let path: ReplayPath
    /// Guesses are scored.
    private let scores: Bool
    private var tree: SpeculationTree
    private var slots: Scheduler
    private var worlds: ReplayWorlds
    private var heap = Heap<Item>()
    private var number = 0
    private var now = 0.0
    /// Work that is under way, and whether it was cancelled.
    private var running: [WorkID: Bool] = [:]
    private var digests = RequestDigests { $0.json.canonicalText }
    private var guesses: ReplayGuesses
    private var end: RunEnd?
    private var pass = ReplayPass()

    init(_ setup: ReplaySetup, scores: Bool = false) {
        self.setup = setup
        self.scores = scores
        path = setup.path
        tree = setup.tree
        slots = setup.slots
        worlds = ReplayWorlds(setup.path, book: setup.book, latencies: setup.latencies, records: setup.records)
        guesses = ReplayGuesses(setup.path, setup.book)
    }

    /// What was learnt of how far guesses can be trusted, before and in this pass.
    var trust: ReplayTrust { ReplayTrust(tree) }

    /// Runs to the end.
    mutating func run() async -> ReplayPass {
        do throws(EnvironmentFailure) { try await worlds.open() } catch {
            pass.failure = "its database: \(error)"
            return pass
        }
        at(0, .started)
        let limit = Self.mostEvents * (path.turns.count + 1)
        var steps = 0
        while let item = heap.popMin() {
            guard admit(item.event) else { continue }
            steps += 1
            // Events of a virtual clock wait for nothing: others have their turn here.
            if steps % 32 == 0 { await Task.yield() }
            guard steps <= limit, !Task.isCancelled else {
                pass.failure = Task.isCancelled ? "it was interrupted" : "it does not come to an end"
                break
            }
            now = item.time
            if case .predictionsArrived(let id, let news) = item.event { guesses.arrive(news, of: id) }
            for command in tree.on(item.event, at: now, slots: &slots) { await execute(command) }
        }
        await worlds.close()
        summarise()
        return pass
    }

    private mutating func summarise() {
        pass.statistics = tree.statistics
        pass.wastedSeconds = tree.ledger.wastedSeconds
        pass.tokens = tree.ledger.cost.tokens
        pass.wastedTokens = tree.ledger.wasted.tokens
        pass.answerSeconds = guesses.answerSeconds
        pass.scores = guesses.scores
        pass.earned = guesses.earned
        pass.comparisons = worlds.comparisons
        pass.differences = worlds.differences
        guard pass.failure == nil else { return }
        switch end {
        case .finished where tree.transcript == path.transcripts.last: break
        case .environmentFailed(let failure): pass.failure = "its database: \(failure)"
        default: pass.failure = "it left its recorded path at turn \(tree.transcript.turns)"
        }
    }

    private mutating func at(_ time: Double, _ event: Event, order: Int = 1) {
        number += 1
        heap.insert(Item(time: time, order: order, number: number, event: event))
    }

    /// Drops what was under way when its work was cancelled.
    private mutating func admit(_ event: Event) -> Bool {
        if case .predictionsArrived(let id, _) = event { return running[id] == false }
        guard let id = event.endedWork else { return true }
        guard let isCancelled = running[id] else { return false }
        if case .workEnded = event {} else if isCancelled { return false }
        running[id] = nil
        return true
    }

    private mutating func execute(_ command: Command) async {
        switch command {
        case .ask(let id, let request, _, _, _): ask(id, request)
        case .predict(let id, let speculator, let context): await predict(id, setup.speculators[speculator], context)
        case .fork(let world, let parent):
            do throws(EnvironmentFailure) { try await worlds.fork(world, from: parent) } catch {
                pass.failure = pass.failure ?? "its database: \(error)"
            }
        case .perform(let id, let call, let world, _, _, _):
            running[id] = false
            let performed = await worlds.perform(call, in: world, turn: tree.transcript.turns)
            at(now + performed.seconds, .callFinished(id, performed.result))
        case .cancel(let id):
            running[id] = true
            at(now, .workEnded(id))
        case .commit(let world): at(now, .committed(world))
        case .discard(let world): await worlds.discard(world)
        case .record(let event): guesses.record(event, at: now)
        case .wake(let alarm, let time): at(time, .woke(alarm))
        case .observe(let turn, let context): await observe(turn, context)
        case .awaitMessage:
            let message = path.messages[tree.transcript.turns - path.first - 1]
            at(now, message.map { .messageArrived($0) } ?? .interrupted)
        case .finish(let end):
            self.end = end
            pass.seconds = now
        case .promote, .release, .substitute: break
        // Nothing in a replay needs a person's word.
        case .requestApproval(let id, _): at(now, .approvalAnswered(id, true))
        }
    }

    // MARK: - Work

    private mutating func ask(_ id: WorkID, _ request: ModelRequest) {
        running[id] = false
        if let index = path.turn(after: request.transcript) {
            let recorded = path.turns[index]
            let turn = Turn(text: recorded.text, calls: recorded.calls.map(\.call))
            let seconds = setup.latencies.answer(path, turn: index, wrong: nil)
            at(now + seconds, .answerFinished(id, Answer(turn, usage: recorded.usage)))
        } else {
            let index = min(max(0, request.transcript.turns - path.first), path.turns.count - 1)
            let digest = digests.digest(request.transcript)
            let seconds = setup.latencies.answer(path, turn: index, wrong: digest)
            // Nobody knows what the actor would have said; whatever it was, the run did not go there.
            let turn = Turn(text: "(not recorded: \(digest))")
            at(now + seconds, .answerFinished(id, Answer(turn, usage: usage(request, like: path.turns[index]))))
        }
    }

    /// What an answer that was never given would have taken: the input of the recorded one in its place, the usual output.
    private func usage(_ request: ModelRequest, like recorded: RecordedTurn) -> Usage {
        let seen = request.transcript.size / 4 + 50 * request.role.tools.count
        let said = Transcript([.turn(Turn(text: recorded.text, calls: recorded.calls.map(\.call)))]).size / 4
        return Usage(
            input: recorded.usage?.input ?? seen, cached: recorded.usage?.cached ?? 0,
            output: setup.latencies.recorded.medianOutputTokens ?? said)
    }

    private mutating func predict(
        _ id: WorkID, _ speculator: ReplaySpeculator, _ context: SpeculationContext
    ) async {
        running[id] = false
        let said = Said()
        let usage = await speculator.speculator.predict(context) { said.add($0) }
        guesses.ask(id, at: context.request.transcript)
        let (time, order) = setup.policy.mode.runsAhead ? (now + Self.guessSeconds, 1) : (now, 0)
        if !said.all.isEmpty { at(time, .predictionsArrived(id, said.all), order: order) }
        at(time, .predictionEnded(id, usage: usage), order: order)
    }

    private mutating func observe(_ turn: Turn, _ context: SpeculationContext) async {
        if scores {
            // Before it learns what came.
            let ranking = setup.speculators.lazy.compactMap(\.ranking).first.map { $0(context) }
            guesses.score(turn, context, ranking: ranking)
        }
        guesses.take(turn, at: context.request.transcript)
        for item in setup.speculators { await item.speculator.observe(turn, after: context) }
    }
}

/// What a speculator said.
private final class Said: Sendable {
    private let predictions = Mutex<[Prediction]>([])

    var all: [Prediction] { predictions.withLock { $0 } }
    func add(_ news: [Prediction]) { predictions.withLock { $0 += news } }
}
