import ForerunChess
package import ForerunCore
package import ForerunStore
import ForerunTelemetry
import ForerunWorkspace
import Synchronization

/// A run that is put together and can be started, once.
package final class PreparedRun: Sendable {
    /// The name of the run, also of its directory of state.
    package let id: String
    package let resolved: ResolvedConfiguration
    /// What the user should know before it starts.
    package var notes: [String] { ownNotes + state.withLock { $0.takenBack } }
    private let ownNotes: [String]
    package let logPath: String?
    package let request: RunRequest

    struct State {
        var live: LiveRun?
        var isInterrupted = false
        var diff = ""
        var report: RunReport?
        var logFailure: StoreError?
        /// What was taken back in the workspace, in words.
        var takenBack: [String] = []
    }

    let assembly: Assembly
    private let slots: SlotKeeper
    private let telemetry: TelemetryKeeper
    /// `nil`: nothing is exported.
    private let exports: TelemetrySettings?
    let log: RunLog?
    private let snapshot: WorkspaceSnapshot?
    let state = Mutex(State())

    init(
        _ request: RunRequest, _ resolved: ResolvedConfiguration, _ assembly: Assembly, slots: SlotKeeper,
        telemetry: TelemetryKeeper, snapshot: WorkspaceSnapshot?
    ) throws(RunFailure) {
        self.request = request
        self.resolved = resolved
        self.assembly = assembly
        self.slots = slots
        self.telemetry = telemetry
        let log: RunLog?
        if let earlier = request.continuing, earlier.kind == .resumed, let held = earlier.log?.current {
            log = RunLog(resuming: earlier.run, held)
        } else {
            log = try request.keepsLog ? RunLog(variables: request.variables) : nil
        }
        self.log = log
        id = log?.name ?? "unrecorded"
        logPath = log?.path
        if let log { assembly.workspace?.record(in: log.commitRecord) }
        let (exports, remarks) = TelemetryKeeper.settings(request.variables)
        self.exports = exports
        ownNotes = (request.continuing?.notes(assembly) ?? []) + Self.notes(resolved, assembly) + remarks
        self.snapshot = snapshot
    }

    /// How far the run speculates: as configured, or less where an actor allows no more.
    package var mode: SpeculationPolicy.Mode { assembly.settings.speculation.policy.mode }

    /// What a view of it shows beside its events.
    package var facts: LiveFacts {
        let settings = assembly.settings
        return LiveFacts(
            limits: settings.limits, extra: settings.speculation.policy.maxExtraCost,
            rates: { [slots] in slots.rateLevels })
    }

    /// The first line that the run adds to its log.
    package var started: JSON {
        if let earlier = request.continuing, earlier.kind == .resumed { return earlier.resumed(mode) }
        let started: JSON = [
            "type": "run.started", "version": .int(EventLog.version), "id": .string(id),
            "agent": .string(resolved.agent?.name ?? ""), "mode": .string(mode.rawValue),
            "workspace": .string(request.workspace),
            "task": request.task.map { .string($0) } ?? .null, "log": logPath.map { .string($0) } ?? .null,
            "request": request.repeatable, "time": 0,
        ]
        let whole = request.isConversation ? started.adding("conversation", true) : started
        guard let earlier = request.continuing, case .forked(let turns) = earlier.kind else { return whole }
        return whole.adding("forkOf", ["id": .string(earlier.run.description), "turns": .int(turns)])
    }

    /// Runs to the end.
    ///
    /// - Throws: where the run could not begin.
    package func run(
        user: RunUser = .absent, notify: @escaping @Sendable (RunNotice) -> Void = { _ in }
    ) async throws(RunFailure) -> RunReport {
        let book = try book()
        let log = log
        try begin(log)
        var plan = assembly.plan(task: request.task, book: book, mode: nil, experience: assembly.learned.experience)
        plan.resumption = request.continuing?.path
        plan.decisions = log?.decisions
        if let log { plan.secure = { durable throws(EnvironmentFailure) in try await log.secure(durable: durable) } }
        let reporting = exports.map { telemetry.begin(RunFacts(self), $0) }
        if let reporting {
            plan.probe = { signal, time in reporting.add(signal, at: time) }
            plan.traceFields = { work in reporting.context(ofWork: work)?.fields ?? [] }
        }
        let live = LiveRun(
            plan,
            slots: slots,
            user: user,
            notify: { notice in
                log?.append(notice)
                reporting?.observe(notice)
                notify(notice)
            }, beforeClosing: { [weak self] _ in await self?.takeDiff() })
        log?.onFailure { [weak live] in live?.recordFailed($0) }
        let isInterrupted = state.withLock { state in
            state.live = live
            return state.isInterrupted
        }
        if isInterrupted { live.interrupt() }
        // A file system without pipes: nobody can ask for anything, and the run goes on.
        let door = log.flatMap {
            try? $0.openDoor { [weak live] wish in
                switch wish {
                case .cancel: live?.interrupt()
                case .speculation(let isOn): live?.switchSpeculation(isOn: isOn)
                }
            }
        }
        let report = await live.run()
        door?.close()
        await assembly.shutDown()
        let speculates = assembly.settings.speculation.policy.mode != .off
        if request.keepsLog, request.teaches, speculates { assembly.learned.save(report.experience) }
        let failure = log?.close()
        log?.release()
        state.withLock { state in
            state.report = report
            state.logFailure = failure
        }
        // Last: all that counts is done and durable.
        if let loss = await reporting?.finish(report) { notify(.warning(loss)) }
        return report
    }

    /// Takes back in the workspace what the turns that the run begins with do not know of. Where that fails, there was no run.
    func rewind() throws(RunFailure) {
        guard let rewind = request.rewind else { return }
        do throws(EnvironmentFailure) {
            let paths = try rewind.perform()
            guard !paths.isEmpty else { return }
            let note =
                "what \(rewind.run) changed in \(PresentedNumber.count(paths.count, "path")) after turn \(rewind.turns) was taken "
                + "back: forerun undo 'undo \(rewind.run)' brings it back"
            state.withLock { $0.takenBack = [note] }
        } catch {
            log?.remove()
            throw .environment(error)
        }
    }

    /// Writes the first lines: of a run that begins, of one that goes on, of one that begins with the turns of another.
    ///
    /// The turns of another are on the device before the first of its own: with some of them only, it would make the rest again.
    private func begin(_ log: RunLog?) throws(RunFailure) {
        guard let log else { return }
        log.append(started)
        guard let earlier = request.continuing, earlier.kind != .resumed else { return }
        if let opened = earlier.opened { log.append(opened) }
        for line in earlier.path?.lines ?? [] { log.append(line) }
        do throws(StoreError) { try log.requireWhole() } catch { throw .store(error) }
    }

    /// Ends the run cleanly: what is committed stays, all else goes. May come before it has begun.
    package func interrupt() {
        let live = state.withLock { state in
            state.isInterrupted = true
            return state.live
        }
        live?.interrupt()
    }

    /// Why the log of the finished run is not whole (a full disk); `nil` where it is.
    package var logFailure: StoreError? { state.withLock { $0.logFailure } }

    /// What changed in the workspace, as a unified diff; empty before the end, or where nothing did.
    package func diff() -> String { state.withLock { $0.diff } }

    /// Plays the finished run again, sequentially, with the committed answers, on what the workspace was like before.
    package func verify() async throws(RunFailure) -> Verification {
        guard let report = state.withLock({ $0.report }) else {
            throw .environment(EnvironmentFailure(.failed, "The run is not over: there is nothing to verify"))
        }
        return try await Verification.replay(self, report, from: snapshot)
    }

    /// What the user says of tools' effects.
    var effects: [String: Effect] {
        Dictionary(assembly.settings.effects.map { ($0.name, $0.value) }) { $1 }
    }

    func book() throws(RunFailure) -> ToolBook {
        do throws(EnvironmentFailure) {
            return try ToolBook(
                tools: assembly.tools, environment: assembly.environment, permissions: assembly.settings.permissions,
                effects: effects)
        } catch {
            throw .environment(error)
        }
    }

    private func takeDiff() async {
        guard let workspace = assembly.workspace, let diff = try? await workspace.changes() else { return }
        state.withLock { $0.diff = diff }
    }

    private static func notes(_ resolved: ResolvedConfiguration, _ assembly: Assembly) -> [String] {
        var notes = resolved.ignored.map { "ignored from the project, which is not trusted: \($0)" }
        if let reason = assembly.restriction { notes.append("tools only run ahead: \(reason)") }
        notes += unpriced(resolved.settings, assembly)
        if let source = assembly.learned.patterns?.source, resolved.settings.speculation.policy.mode != .off {
            notes.append("guesses also by patterns learnt from \(source)")
        }
        let speculation = resolved.settings.speculation
        let wantsModel =
            speculation.model == nil
            && speculation.speculators.contains {
                switch $0 {
                case .model(nil, _, _), .heads(nil, _), .parts(nil): true
                default: false
                }
            }
        if wantsModel, speculation.policy.mode != .off {
            notes.append("no small model is named to guess with: set speculation.model or --speculator endpoint/model")
        }
        return notes
    }

    /// Limits of money that cannot be kept, since what a model costs is not known.
    private static func unpriced(_ settings: AgentSettings, _ assembly: Assembly) -> [String] {
        var notes: [String] = []
        var limits: [String] = []
        let actors = assembly.actors.values.flatMap { [$0.price] + $0.substitutes.map(\.price) }
        if settings.limits.money != nil, actors.contains(where: { $0 == nil }) {
            limits.append("limits.money")
        }
        let guessing = assembly.speculators.filter { $0.resource != nil }.map(\.price)
        let all = actors + guessing
        if settings.speculation.policy.maxExtraCost.money != nil, all.contains(where: { $0 == nil }) {
            limits.append("speculation.maxExtraCost.money")
        }
        if settings.limits.money != nil || settings.speculation.policy.maxExtraCost.money != nil {
            let days = Set(all.compactMap { $0?.asOf }).sorted()
            if !days.isEmpty { notes.append("limits of money go by the prices of \(days.joined(separator: ", "))") }
        }
        let currencies = Set(all.compactMap { $0?.currency }).sorted()
        if currencies.count > 1 {
            notes.append("prices are in \(currencies.joined(separator: " and ")): limits of money take them for one")
        }
        return notes + limits.map { "\($0) has no effect: prices are missing (endpoints.NAME.models.MODEL.price)" }
    }
}
