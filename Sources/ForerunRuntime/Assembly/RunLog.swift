package import ForerunCore
package import ForerunStore
import ForerunWorkspace
import OrderedCollections
import Synchronization

/// The event log of one run: every notice as a JSON line, with the time.
///
/// The run puts down what happened and goes on: lines are made of it, and handed to the system, beside it.
///
/// A log that cannot be written any more (a full disk) does not stop the run in the middle of a step: ``onFailure(_:)`` is
/// told, and nothing else is committed.
package final class RunLog: Sendable {
    private struct State {
        /// What lines are still to be made of, in order.
        var notices: [RunNotice] = []
        var failure: StoreError?
        var onFailure: (@Sendable (EnvironmentFailure) -> Void)?
        /// The world of which the log says what became of it.
        var settled: Int?
        /// When what waits will be handed to the system.
        var handOver = HandOver.none
        /// When it was last done.
        var handedOver: ContinuousClock.Instant?
    }

    private enum HandOver { case none, soon, now }

    /// How long a line waits at most before it is out of this process: others follow the run by it, and what was is not lost
    /// with the process. Nothing durable waits for it: what may not be lost is handed over before, by ``secure(durable:)``.
    ///
    /// So where steps take no time, one system call does for many; where they take longer, each line that matters leaves at
    /// once.
    private static let handOverDelay = Duration.milliseconds(10)

    let name: String
    let path: String
    /// What the core of the run is told; handed over with the lines, and only then.
    package let decisions: DecisionLog
    private let log: EventLog
    private let state = Mutex(State())
    /// Lines come in order: one task at a time makes them.
    private let pen = Mutex(())

    /// The log of a new run.
    package init(variables: [String: String]) throws(RunFailure) {
        do throws(StoreError) {
            let directory = try RunStateDirectory(environment: { variables[$0] })
            let run = try directory.makeRun()
            log = try EventLog(creating: run, in: directory)
            decisions = DecisionLog(of: run, in: directory)
            name = run.description
            path = log.path
        } catch {
            throw .store(error)
        }
    }

    /// The log of a run that goes on.
    init(resuming run: RunName, _ log: EventLog) {
        self.log = log
        name = run.description
        path = log.path
        decisions = DecisionLog(besides: log)
    }

    /// Writes what waits, if it can. Only ``close()`` tells.
    deinit { write() }

    /// Lets other processes of the user ask the run for something; `nil`: it is in no directory of runs.
    func openDoor(_ onWish: @escaping @Sendable (RunWish) -> Void) throws(StoreError) -> RunDoor? {
        let directory = path.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
        guard let run = RunName(name) else { return nil }
        return try RunDoor(of: run, in: RunStateDirectory(path: directory), onWish: onWish)
    }

    /// - Parameter body: called once, as soon as something cannot be written.
    func onFailure(_ body: @escaping @Sendable (EnvironmentFailure) -> Void) {
        let failure = state.withLock { state in
            state.onFailure = body
            return state.failure
        }
        if let failure { body(Self.environmentFailure(failure)) }
    }

    /// Hands everything so far to the device, or (to within the delay of a line) to the system.
    @concurrent
    package func secure(durable: Bool) async throws(EnvironmentFailure) {
        if durable { flush(durable: true) } else { handOver(isWanted: true) }
        if let failure = state.withLock({ $0.failure }) { throw Self.environmentFailure(failure) }
    }

    private static func environmentFailure(_ error: StoreError) -> EnvironmentFailure {
        EnvironmentFailure(
            error.code == .noSpace ? .noSpace : .failed,
            "the run's event log cannot be written (\(error.path): \(error.message)); nothing else was committed",
            remedy: "\(error.remedy) Then: forerun resume --last")
    }

    /// Adds what happened.
    package func append(_ notice: RunNotice) {
        switch notice {
        // A run can be told from here on after a crash.
        case .event(.turnTaken, _): handOver(adding: notice, isWanted: true)
        // What people said is never asked of them again.
        case .event(.messageJoined, _), .event(.messageAwaited, _), .event(.halted, _):
            handOver(adding: notice, isWanted: false)
            flush(durable: false)
        case .fact(let fact):
            // Of worlds with changes the commit itself has said so.
            if fact["type"] == "branch.landed", state.withLock({ $0.settled }) == fact["world"]?.intValue { break }
            handOver(adding: notice, isWanted: true)
        case .text, .withdrawn: break
        case .event, .warning, .finished: handOver(adding: notice, isWanted: false)
        }
    }

    func append(_ object: JSON) { handOver(adding: .fact(object), isWanted: false) }

    /// Hands over what was appended, beside the run: at once, where that is wanted and was not done a moment ago; otherwise
    /// soon.
    private func handOver(adding notice: RunNotice? = nil, isWanted: Bool) {
        let delay = state.withLock { state -> Duration? in
            if let notice { state.notices.append(notice) }
            switch state.handOver {
            case .now: return nil
            case .soon where !isWanted: return nil
            case .none, .soon: break
            }
            if isWanted, state.handedOver.map({ .now - $0 >= Self.handOverDelay }) ?? true {
                state.handOver = .now
                return .zero
            }
            guard state.handOver == .none else { return nil }
            state.handOver = .soon
            return Self.handOverDelay
        }
        guard let delay else { return }
        Task { @concurrent [weak self] in
            if delay > .zero { try? await Task.sleep(for: delay) }
            self?.handOver()
        }
    }

    /// Makes lines of what waits.
    private func write() {
        pen.withLock { _ in
            let notices = state.withLock { state in
                defer { state.notices = [] }
                return state.notices
            }
            for notice in notices {
                do throws(StoreError) { try write(notice) } catch { note(error) }
            }
        }
    }

    private func write(_ notice: RunNotice) throws(StoreError) {
        switch notice {
        case .event(let event, let time): try write(event, time)
        case .fact(let fact): try log.append(fact)
        case .warning(let text): try log.append(["type": "note", "text": .string(text)])
        case .finished(let report): try log.append(report.json)
        case .text, .withdrawn: break
        }
    }

    /// Large outputs go to files of their own.
    private func write(_ event: RunEvent, _ time: Double) throws(StoreError) {
        var kept: (name: String, text: String)?
        if case .callTaken(_, _, _, let output, _, _, _, _) = event, let files = log.outputs,
            output.text.utf8.count > OutputFiles.limit
        {
            do throws(StoreError) { kept = (try files.keep(output.text), output.text) } catch { note(error) }
        }
        try log.append { line in
            if let kept {
                let head = String(decoding: kept.text.utf8.prefix(OutputFiles.headLimit), as: UTF8.self)
                event.writeTaken(head, to: &line)
                line.add("outputFile", kept.name)
                line.add("outputBytes", kept.text.utf8.count)
            } else {
                event.write(to: &line)
            }
            line.add("time", seconds: time)
        }
    }

    /// What cannot be written now is kept; the run hears of it where it relies on it.
    package func handOver() {
        state.withLock { state in
            state.handOver = .none
            state.handedOver = .now
        }
        write()
        try? log.flush(durable: false)
        decisions.handOver()
    }

    /// What commits of the workspace share with this log.
    var commitRecord: CommitRecord {
        CommitRecord(run: name) { [self] in
            write()
            // Also where there is room again: a line before this commit may be missing.
            if let failure = state.withLock({ $0.failure }) { throw failure }
            try noting { () throws(StoreError) in try log.flush(durable: true) }
        } settle: { [self] world, isCommitted in
            state.withLock { $0.settled = world }
            write()
            try noting { () throws(StoreError) in try Self.settle(world, isCommitted, log) }
        }
    }

    /// Says in the logs of earlier runs, which died, what became of their commits. A log that is gone says nothing.
    ///
    /// - Parameter held: a log that nobody but us can write.
    static func settling(_ variables: [String: String], _ held: HeldLog? = nil) -> CommitOptions.OnSettled {
        { run, world, isCommitted in
            guard let run = RunName(run) else { return }
            do throws(StoreError) {
                let directory = try RunStateDirectory(environment: { variables[$0] })
                if let own = held?.current, own.path == directory.eventsPath(of: run) {
                    try settle(world, isCommitted, own)
                } else {
                    try settle(world, isCommitted, try EventLog(resuming: run, in: directory))
                }
            } catch {
                if error.code != .notFound { throw error }
            }
        }
    }

    private static func settle(_ world: Int, _ isCommitted: Bool, _ log: EventLog) throws(StoreError) {
        try log.append(line(world, isCommitted))
        try log.flush(durable: true)
    }

    private static func line(_ world: Int, _ isCommitted: Bool) -> JSON {
        ["type": isCommitted ? "branch.landed" : "branch.takenBack", "world": .int(world)]
    }

    /// Nothing happened: removes the log of a new run, as long as nothing is in it.
    func remove() { log.remove() }

    /// Makes everything durable, or throws where anything was lost.
    func requireWhole() throws(StoreError) {
        if let failure = close() { throw failure }
    }

    /// Makes everything durable. - Returns: the first failure since the log was made, if any.
    func close() -> StoreError? {
        flush(durable: true)
        decisions.handOver()
        return state.withLock { $0.failure }
    }

    /// Others may write the log from here on.
    func release() { log.release() }

    private func flush(durable: Bool) {
        write()
        do throws(StoreError) { try log.flush(durable: durable) } catch { note(error) }
    }

    private func noting(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        do throws(StoreError) { try body() } catch {
            note(error)
            throw error
        }
    }

    private func note(_ error: StoreError) {
        let onFailure = state.withLock { state in
            guard state.failure == nil else { return nil as (@Sendable (EnvironmentFailure) -> Void)? }
            state.failure = error
            return state.onFailure
        }
        onFailure?(Self.environmentFailure(error))
    }
}

extension JSON {
    /// An object with one more member at its end.
    func adding(_ key: String, _ value: JSON) -> JSON {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
