package import ForerunCore
import ForerunEndpoints
import ForerunStore
import Synchronization

/// The live driver: executes the core's commands with real endpoints, tools, branches and time. It decides nothing.
///
/// One owner of the run's state: events come in through a mailbox, one at a time; work runs in tasks of its own and
/// reports back through the mailbox, each with exactly one end.
package actor LiveRun {
    private let plan: RunPlan
    private let slots: SlotKeeper
    private let user: RunUser
    private let beforeClosing: @Sendable (WorldID) async -> Void
    private let notify: @Sendable (RunNotice) -> Void
    private let run: RunID
    private let events: AsyncStream<Event>
    private let mailbox: AsyncStream<Event>.Continuation
    private let clock = ContinuousClock()

    private var start: ContinuousClock.Instant
    private var works: [WorkID: Task<Void, Never>] = [:]
    private var forks: [WorldID: Task<EnvironmentFailure?, Never>] = [:]
    /// Commits, discards and lessons happen in order, off the path.
    private var commits: Task<Bool, Never>?
    private var discards: Task<Void, Never>?
    private var lessons: Task<Void, Never>?
    private var timers: [Task<Void, Never>] = []
    private var people: [Task<Void, Never>] = []
    /// Opens connections while the environment opens.
    private var warmUp: Task<Void, Never>?
    private var decidedAt: Double?
    /// Writes down what the core is told; `nil`: nothing is kept.
    private var decisions: DecisionRecorder?
    /// Roles that a substitute plays, with its number; see ``RunPlan/ActorPlan/substitutes``.
    private var substituted: [String: Int] = [:]

    /// - Parameters:
    ///   - notify: called in order, from one task at a time; must be quick.
    ///   - beforeClosing: looks at the environment once more, with the committed world, before it is closed.
    package init(
        _ plan: RunPlan, slots: SlotKeeper, user: RunUser = .absent,
        notify: @escaping @Sendable (RunNotice) -> Void = { _ in },
        beforeClosing: @escaping @Sendable (WorldID) async -> Void = { _ in }
    ) {
        self.plan = plan
        self.slots = slots
        self.user = user
        self.beforeClosing = beforeClosing
        self.notify = notify
        run = slots.newRun()
        (events, mailbox) = AsyncStream.makeStream()
        start = clock.now
    }

    /// The user wants the run to end now, cleanly: what is committed stays, all else goes.
    package nonisolated func interrupt() { mailbox.yield(.interrupted) }

    /// A message that joins the transcript at the next question. - Parameter isUrgent: the answer at hand is given up for it.
    package nonisolated func send(_ message: String, isUrgent: Bool = false) {
        mailbox.yield(.messageArrived(message, isUrgent: isUrgent))
    }

    /// No message will follow: the run ends with the agent's last word.
    package nonisolated func endMessages() { mailbox.yield(.messagesEnded) }

    /// The user wants the agent to stop what it does, and to wait for a message.
    package nonisolated func halt() { mailbox.yield(.halted) }

    /// Waits until what is committed is where the user sees it.
    package func land() async { _ = await commits?.value }

    /// The user wants nothing to run ahead any more, or again.
    package nonisolated func switchSpeculation(isOn: Bool) { mailbox.yield(.speculationSwitched(isOn: isOn)) }

    /// Somebody else changed the world.
    package nonisolated func worldChanged(_ footprint: Footprint) { mailbox.yield(.worldChangedByOthers(footprint)) }

    /// Runs to the end. Called once; leaves nothing running behind.
    package func run() async -> RunReport {
        var tree: SpeculationTree
        warmUp = Task { @concurrent [plan] in await plan.prewarm() }
        do throws(EnvironmentFailure) {
            let briefing = try await plan.environment.open()
            if let warning = plan.environment.warning { notify(.warning(warning)) }
            tree = try await begin(briefing)
        } catch {
            await tidy()
            await plan.environment.close()
            return finish(failure: error)
        }
        slots.join(run, reserving: reserve, mailbox: mailbox)
        mailbox.yield(.started)
        for await event in events {
            if let footprint = plan.environment.changesByOthers() { step(.worldChangedByOthers(footprint), &tree) }
            step(event, &tree)
            if tree.isQuiet { break }
        }
        decisions?.end()
        slots.leave(run)
        await tidy()
        var report = RunReport(
            end: tree.end ?? .interrupted, seconds: decidedAt ?? elapsed, statistics: tree.statistics,
            ledger: tree.ledger,
            sequentialSeconds: tree.sequentialSeconds, transcript: tree.transcript, digest: "",
            experience: tree.experience, restriction: plan.restriction, fallbacks: tree.fallbacks)
        report.waitedSeconds = tree.waitedSeconds
        report.digest = await digest(tree)
        await beforeClosing(tree.world)
        await plan.environment.close()
        notify(.finished(report))
        return report
    }

    /// The state from which the first step is taken: that of a new run, or of one that goes on.
    private func begin(_ briefing: String?) async throws(EnvironmentFailure) -> SpeculationTree {
        guard let past = plan.resumption else {
            let opening = [briefing, plan.task].compactMap(\.self)
            notify(.fact(plan.opened(with: opening)))
            start = clock.now
            return makeTree(.new(opening: opening))
        }
        notify(.fact(plan.reopened(at: past.elapsed)))
        let world = try await plan.environment.restored(past, plan.book)
        start = clock.now - .seconds(past.elapsed)
        return makeTree(.resumed(past, in: world))
    }

    private func makeTree(_ path: CoreStart.Path) -> SpeculationTree {
        var start = CoreStart(setup, path, experience: plan.experience)
        // Declares what there is of tools, too.
        start.reserve = reserve
        start.capacities = slots.capacities(of: start.setup, tools: plan.environment.tools)
        let (tree, recorder) = plan.tree(start)
        decisions = recorder
        return tree
    }

    /// What happens cannot be recorded any more: ends the run before anything else is committed.
    nonisolated func recordFailed(_ failure: EnvironmentFailure) { mailbox.yield(.recordFailed(failure)) }

    private func step(_ event: Event, _ tree: inout SpeculationTree) {
        let moment = Self.nanoseconds(clock.now - start)
        let time = DecisionRecorder.seconds(moment)
        if let id = event.endedWork {
            works[id] = nil
            plan.probe?(.ended(work: id.number, failure: event.failure), time)
        }
        if case .committed(let world) = event {
            notify(.fact(["type": "branch.landed", "world": .int(world.number), "time": .seconds(time)]))
        }
        let commands =
            decisions?.step(event, at: moment, &tree) { [slots] in slots.step($0) }
            ?? slots.step { tree.on(event, at: time, slots: &$0) }
        for command in commands { execute(command, time) }
    }

    private var elapsed: Double { Self.seconds(clock.now - start) }

    /// The core is told times by the nanosecond, so that they can be written down as they are.
    private static func nanoseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(0, Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    /// The run could not be opened. One that goes on has come as far as it had.
    private func finish(failure: EnvironmentFailure) -> RunReport {
        let tree =
            plan.resumption.map { SpeculationTree(setup, resuming: $0, experience: plan.experience) }
            ?? SpeculationTree(setup, transcript: Transcript(), experience: plan.experience)
        let report = RunReport(
            end: .environmentFailed(failure), seconds: plan.resumption?.elapsed ?? 0, statistics: tree.statistics,
            ledger: tree.ledger, sequentialSeconds: tree.sequentialSeconds, transcript: tree.transcript, digest: "",
            experience: plan.experience, fallbacks: tree.fallbacks)
        notify(.finished(report))
        return report
    }

    private func digest(_ tree: SpeculationTree) async -> String {
        var digest = StableDigest()
        digest.update(tree.transcript)
        if let world = try? await plan.environment.digest(of: tree.world) { digest.update(Array(world.utf8)) }
        return digest.hex
    }

    /// Nothing outlives the run: every task is ended and awaited.
    private func tidy() async {
        warmUp?.cancel()
        await warmUp?.value
        for task in timers + people { task.cancel() }
        for task in works.values { task.cancel() }
        for task in works.values { await task.value }
        for task in forks.values { _ = await task.value }
        _ = await commits?.value
        await discards?.value
        await lessons?.value
        mailbox.finish()
    }

    // MARK: - Set-up

    private var setup: SpeculationTree.Setup {
        var prices: [String: Price] = [:]
        for (role, actor) in plan.actors { prices[role] = actor.price }
        for item in plan.speculators { prices[item.speculator.source] = item.price }
        let epoch = slots.seconds(at: start)
        var setup = SpeculationTree.Setup(
            run: run, program: plan.program, book: plan.book, policy: plan.policy, limits: plan.limits,
            retry: plan.retry,
            endpoints: plan.actors.mapValues(\.resource), prices: prices,
            speculators: plan.speculators.map { ($0.speculator.source, $0.resource) })
        setup.epoch = epoch
        setup.isConversation = plan.isConversation
        for (role, actor) in plan.actors {
            setup.models[role] = actor.model.id
            setup.rates[role] = actor.rate
            setup.substitutes[role] = actor.substitutes.map {
                Substitute(
                    model: $0.model.id, resource: $0.resource, rate: $0.rate, price: $0.price,
                    asksAhead: $0.model.mustEcho == nil)
            }
        }
        for item in plan.speculators {
            let source = item.speculator.source
            setup.requests[source] = item.speculator.requests
            setup.models[source] = item.model
            setup.rates[source] = item.rate
        }
        return setup
    }

    /// What the authoritative path uses at most at a time: one slot of each endpoint, the widest parallel turn of a tool.
    private var reserve: [Resource: Int] {
        var reserve: [Resource: Int] = [:]
        for actor in plan.actors.values { reserve[actor.resource] = 1 }
        for tool in plan.environment.tools {
            let concurrency = tool.concurrency ?? 1
            // The effect of a call may differ from that of its tool.
            for effect in Effect.allCases { slots.declare(concurrency, of: .tool(tool.name, effect, of: run)) }
            // Only reads run in parallel within a turn, and rarely more than a few.
            reserve[.tool(tool.name, tool.effect, of: run)] =
                tool.effect == .readOnly ? max(1, min(8, concurrency / 2)) : 1
        }
        return reserve
    }

    // MARK: - Commands

    private func execute(_ command: Command, _ time: Double) {
        switch command {
        case .ask(let id, let request, _, _, let isWatched): ask(id, request, isWatched, time)
        case .predict(let id, let speculator, let context): predict(id, plan.speculators[speculator], context, time)
        case .fork(let world, let parent): fork(world, from: parent)
        case .perform(let id, let call, let world, _, let isRestricted, _): perform(id, call, world, isRestricted)
        case .promote: break
        case .cancel(let id): works[id]?.cancel()
        case .commit(let world): commit(world)
        case .discard(let world): discard(world)
        case .record(let event): notify(.event(event, time: time))
        case .release(.text(let text, let turn)): notify(.text(text, turn: turn))
        case .release(.withdrawn(let turn)): notify(.withdrawn(turn: turn))
        case .requestApproval(let id, let call): requestApproval(id, call)
        case .wake(let alarm, let moment): wake(alarm, at: moment)
        case .substitute(let role, let number): substituted[role] = number
        case .observe(let turn, let context): observe(turn, context)
        case .awaitMessage: awaitMessage()
        case .finish: decidedAt = time
        }
    }

    private func ask(_ id: WorkID, _ request: ModelRequest, _ isWatched: Bool, _ time: Double) {
        let role = request.role.name
        let actor = plan.actors[role]
        let substitute = substituted[role].flatMap { actor?.substitutes[$0 - 1].model }
        guard let model = substitute ?? actor?.model else {
            mailbox.yield(
                .answerFailed(id, ModelFailure(.notFound, "no model is configured for role \(request.role.name)")))
            return
        }
        plan.probe?(.asking(work: id.number, role: role, model: model.id), time)
        let mailbox = mailbox
        let first = plan.probe.map { [start, clock] probe in
            FirstChunk { probe(.firstChunk(work: id.number), Self.seconds(clock.now - start)) }
        }
        works[id] = traced(id) {
            do throws(ModelFailure) {
                let answer = try await model.answer(request) { delta in
                    first?.came()
                    if isWatched || delta.isText { mailbox.yield(.answerStreamed(id, delta)) }
                }
                mailbox.yield(.answerFinished(id, answer))
            } catch {
                mailbox.yield(.answerFailed(id, error))
            }
        }
    }

    /// Work that asks a model, in a task that knows where in a trace it is.
    private func traced(
        _ id: WorkID, _ body: @escaping @Sendable @concurrent () async -> Void
    ) -> Task<Void, Never> {
        guard let fields = plan.traceFields?(id.number) else { return Task(operation: body) }
        return OutgoingTrace.$fields.withValue(fields) { Task(operation: body) }
    }

    private func predict(
        _ id: WorkID, _ item: RunPlan.SpeculatorPlan, _ context: SpeculationContext, _ time: Double
    ) {
        let speculator = item.speculator
        // What costs next to nothing is no request.
        if item.resource != nil {
            plan.probe?(
                .guessing(
                    work: id.number, turn: context.turnNumber, source: speculator.source, model: item.model), time)
        }
        let mailbox = mailbox
        works[id] = traced(id) {
            let usage = await speculator.predict(context) { mailbox.yield(.predictionsArrived(id, $0)) }
            mailbox.yield(.predictionEnded(id, usage: usage))
        }
    }

    private func fork(_ world: WorldID, from parent: WorldID) {
        let environment = plan.environment
        forks[world] = Task { @concurrent in
            do throws(EnvironmentFailure) {
                try await environment.fork(parent, as: world)
                return nil
            } catch {
                return error
            }
        }
    }

    private func perform(_ id: WorkID, _ call: Call, _ world: WorldID, _ isRestricted: Bool) {
        let environment = plan.environment
        let mailbox = mailbox
        let fork = forks[world]
        // Where it may reach outside, what it builds on is where the user sees it first.
        let reachesOut = !isRestricted && environment.traits(of: call).isRestrictedAhead
        let commits = reachesOut ? commits : nil
        let secure = leavesItsBranch(call) ? plan.secure : nil
        works[id] = Task { @concurrent in
            _ = await commits?.value
            if let failure = await fork?.value {
                mailbox.yield(.branchFailed(id, failure))
                return
            }
            // That it was begun must be known before anything of it can be.
            do throws(EnvironmentFailure) { try await secure?(true) } catch {
                mailbox.yield(.callFailed(id, CallFailure(.notStarted, error.description)))
                return
            }
            do throws(CallFailure) {
                let context = CallContext(isRestricted: isRestricted) { mailbox.yield(.callTainted(id)) }
                let result = try await environment.perform(call, in: world, context: context)
                mailbox.yield(.callFinished(id, result))
            } catch {
                mailbox.yield(.callFailed(id, error))
            }
        }
    }

    /// Whether a call changes what no branch holds back.
    private func leavesItsBranch(_ call: Call) -> Bool {
        guard case .perform(let traits) = plan.book.judge(call).verdict else { return false }
        return traits.effect == .external || (traits.effect == .contained && !plan.environment.canFork)
    }

    private func commit(_ world: WorldID) {
        let environment = plan.environment
        let mailbox = mailbox
        let secure = plan.secure
        let earlier = commits
        forks[world] = nil
        commits = Task { @concurrent in
            // What builds on a change that could not be made is not made either.
            guard await earlier?.value ?? true else {
                mailbox.yield(
                    .commitFailed(world, EnvironmentFailure(.failed, "an earlier change could not be committed")))
                return false
            }
            do throws(EnvironmentFailure) {
                // Those that outlive the process share their commit point with the log.
                if !environment.outlivesProcess { try await secure(false) }
                try await environment.commit(world)
                mailbox.yield(.committed(world))
                return true
            } catch {
                mailbox.yield(.commitFailed(world, error))
                return false
            }
        }
    }

    private func discard(_ world: WorldID) {
        let environment = plan.environment
        let fork = forks.removeValue(forKey: world)
        let earlier = discards
        discards = Task { @concurrent in
            await earlier?.value
            _ = await fork?.value
            await environment.discard(world)
        }
    }

    private func observe(_ turn: Turn, _ context: SpeculationContext) {
        let earlier = lessons
        let speculators = plan.speculators.map(\.speculator)
        lessons = Task { @concurrent in
            await earlier?.value
            for speculator in speculators { await speculator.observe(turn, after: context) }
        }
    }

    private func requestApproval(_ id: ApprovalID, _ call: Call) {
        let mailbox = mailbox
        let user = user
        people.append(Task { @concurrent in mailbox.yield(.approvalAnswered(id, await user.approve(call))) })
    }

    private func awaitMessage() {
        let mailbox = mailbox
        guard let nextMessage = user.nextMessage else { return }
        people.append(
            Task { @concurrent in
                if let message = await nextMessage() {
                    mailbox.yield(.messageArrived(message))
                } else {
                    mailbox.yield(.messagesEnded)
                }
            })
    }

    private func wake(_ alarm: Alarm, at moment: Double) {
        let mailbox = mailbox
        let clock = clock
        let deadline = start.advanced(by: .seconds(moment))
        timers.append(
            Task { @concurrent in
                // Cancelled at the end of the run: then nobody listens.
                guard (try? await clock.sleep(until: deadline)) != nil else { return }
                mailbox.yield(.woke(alarm))
            })
    }
}

/// Tells once that the first piece of an answer came.
private final class FirstChunk: Sendable {
    private let tell: @Sendable () -> Void
    private let isTold = Atomic(false)

    init(_ tell: @escaping @Sendable () -> Void) { self.tell = tell }

    func came() { if !isTold.exchange(true, ordering: .relaxed) { tell() } }
}
