import ForerunCore
import ForerunStore
import Synchronization

/// A conversation with an agent: one run, or several, one after the other, where something was taken back or failed.
///
/// It owns the messages that wait: what is entered while the agent is at work is sent after its last word, in order, and noted
/// in the log, so that it is not lost with the process.
package final class Conversation: Sendable {
    /// Why the run at hand is ended.
    enum Turning: Sendable {
        case quit
        case undo
    }

    struct State: Sendable {
        var run: PreparedRun?
        /// The names of all runs so far.
        var runs: [String] = []
        /// It can be told something.
        var isReady = false
        var queue: [String] = []
        /// Those of ``queue`` that the log does not know of yet.
        var unnoted: [String] = []
        /// The agent waits for a message.
        var isAwaited = false
        /// A message was heard, and the last word to it was not said yet.
        var isBusy = false
        /// Nothing more will be entered.
        var isEnded = false
        var turning: Turning?
        var isInterrupted = false
        /// Who waits for a word after a failure.
        var retry: CheckedContinuation<Bool, Never>?
        var isFailed = false
    }

    let runtime: AgentRuntime
    let person: any ChatPerson
    let state = Mutex(State())

    package init(_ runtime: AgentRuntime, _ person: any ChatPerson) {
        self.runtime = runtime
        self.person = person
    }

    /// Goes on until the person ends it, or until it cannot go on.
    ///
    /// - Parameter first: what is said first, if that is known already.
    /// - Throws: where it could not begin.
    package func run(_ request: RunRequest, first: String? = nil) async throws(Complaint) -> ExitStatus {
        var next = Next(request: request)
        if let first { enter(message: first) }
        state.withLock { $0.queue.insert(contentsOf: request.queued, at: 0) }
        var last: PreparedRun?
        while true {
            do throws(Complaint) {
                let run = try await prepare(next.request)
                begin(run)
                if let words = next.takenBack {
                    person.say(["took back your last message"])
                    person.giveBack(words)
                }
                last = run
                let report = try await perform(run)
                let turning = over()
                await person.end(run, report)
                guard let more = try await follow(run, report, turning) else { return status(run, report) }
                next = more
            } catch {
                _ = over()
                guard let last else { throw error }
                person.complain(error)
                // What cannot be taken back stays, and the conversation goes on.
                if next.takenBack == nil {
                    guard person.staysOn, await isTriedAgain() else { return error.status }
                }
                next = Next(request: try await resumption(of: last))
            }
        }
    }

    private func prepare(_ request: RunRequest) async throws(Complaint) -> PreparedRun {
        do throws(RunFailure) { return try await runtime.prepare(request) } catch { throw Complaint(error) }
    }

    private func perform(_ run: PreparedRun) async throws(Complaint) -> RunReport {
        do throws(RunFailure) {
            return try await run.run(user: user) { [weak self] in self?.heard($0) }
        } catch {
            throw Complaint(error)
        }
    }

    /// What the conversation goes on with.
    private struct Next {
        var request: RunRequest
        /// What the user had said, where that is taken back.
        var takenBack: String?
    }

    private func over() -> Turning? {
        state.withLock { state in
            state.run = nil
            state.isReady = false
            state.isBusy = false
            state.isAwaited = false
            defer { state.turning = nil }
            return state.turning
        }
    }

    private func status(_ run: PreparedRun, _ report: RunReport) -> ExitStatus {
        run.logFailure == nil ? ExitStatus(report.end, isDenied: person.deniedUnasked > 0) : .failed
    }

    /// What comes after a run that is over; `nil`: nothing.
    private func follow(_ run: PreparedRun, _ report: RunReport, _ turning: Turning?) async throws(Complaint) -> Next? {
        if let failure = run.logFailure {
            person.complain(Complaint(.store(failure)))
            return nil
        }
        if turning == .undo, let name = RunName(run.id) {
            do throws(Complaint) {
                if let (request, said) = try await AgentRuntime.undoing(lastMessageOf: name, run.request) {
                    return Next(request: request, takenBack: said.joined(separator: "\n"))
                }
                person.say(["there is nothing to take back"])
            } catch {
                person.complain(error)
            }
            return Next(request: try await resumption(of: run))
        }
        guard let complaint = Complaint(report.end, run.resolved.settings) else { return nil }
        person.complain(complaint)
        guard person.staysOn, state.withLock({ !$0.isEnded && !$0.isInterrupted }), await isTriedAgain()
        else { return nil }
        return Next(request: try await resumption(of: run))
    }

    private func resumption(of run: PreparedRun) async throws(Complaint) -> RunRequest {
        guard let name = RunName(run.id) else {
            throw Complaint("the conversation has no log", remedy: "Begin another one", status: .failed)
        }
        var request = try await AgentRuntime.resumption(
            of: name, settings: run.request.assignments, variables: run.request.variables, asConversation: true)
        // They are all the same.
        request.assignments = run.request.assignments
        request.queued = []
        return request
    }

    private func isTriedAgain() async -> Bool {
        person.say(["press Enter to try again, or say something; /quit ends the conversation"])
        return await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isEnded || state.isInterrupted { return true }
                state.isFailed = true
                state.retry = continuation
                return false
            }
            if isOver { continuation.resume(returning: false) }
        }
    }

    private func begin(_ run: PreparedRun) {
        let isInterrupted = state.withLock { state in
            state.run = run
            if state.runs.last != run.id { state.runs.append(run.id) }
            return state.isInterrupted
        }
        person.begin(run)
        if isInterrupted { run.interrupt() }
    }

    private var user: RunUser {
        RunUser(approve: { [person] in await person.approve($0) }, nextMessage: nil)
    }

    /// The names of its runs so far.
    package var runs: [String] { state.withLock { $0.runs } }

    /// Ends the conversation now, cleanly: what is committed stays, all else goes.
    package func interrupt() {
        let (run, retry) = state.withLock { state in
            state.isInterrupted = true
            defer { state.retry = nil }
            return (state.run, state.retry)
        }
        run?.interrupt()
        retry?.resume(returning: false)
    }

    // MARK: - What the run says

    private func heard(_ notice: RunNotice) {
        person.show(notice)
        state.withLock { $0.isReady = true }
        guard case .event(let event, _) = notice else { return }
        switch event {
        case .messageAwaited: awaited()
        case .messageJoined:
            state.withLock { state in
                state.isAwaited = false
                state.isBusy = true
                state.run?.markChanges()
            }
        default: break
        }
    }

    private func awaited() {
        enum Move {
            case send(String)
            case end, none
        }
        let (move, run, unnoted) = state.withLock { state -> (Move, PreparedRun?, [String]) in
            state.isBusy = false
            guard state.turning == nil else { return (.end, state.run, []) }
            defer { state.unnoted = [] }
            guard !state.queue.isEmpty else {
                state.isAwaited = true
                return (state.isEnded ? .end : .none, state.run, [])
            }
            let next = state.queue.removeFirst()
            return (.send(next), state.run, state.unnoted)
        }
        note("message.queued", unnoted, in: run)
        switch move {
        case .send(let text):
            run?.send(text)
            showQueue()
        case .end: run?.endMessages()
        case .none: break
        }
    }

    func showQueue() { person.showQueue(state.withLock { $0.queue }) }
}
