package import ForerunCore
import Synchronization

/// The process's scheduler, shared by all of its runs. Steps of runs take it in turn; nobody waits inside.
package final class SlotKeeper: Sendable {
    private struct State {
        var scheduler: Scheduler
        var mailboxes: [RunID: AsyncStream<Event>.Continuation] = [:]
        var nextRun = 1
    }

    private let state: Mutex<State>
    /// What endpoints have said last, for those who watch: they hold up no step.
    private let heard = Mutex<[Resource: Allowance]>([:])
    private let start = ContinuousClock.now

    package init(capacities: [Resource: Int] = [:]) {
        state = Mutex(State(scheduler: Scheduler(capacities: capacities)))
    }

    /// Declares how much of a resource can be used at a time.
    package func declare(_ capacity: Int, of resource: Resource) {
        state.withLock { $0.scheduler.setCapacity(capacity, of: resource) }
    }

    func capacities(of resources: Set<Resource>) -> [Resource: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: resources.map { ($0, state.scheduler.capacity(of: $0)) })
        }
    }

    /// A moment on the clock of the scheduler.
    package func seconds(at moment: ContinuousClock.Instant) -> Double {
        let duration = moment - start
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    /// An endpoint has said what is left of its rate limit.
    ///
    /// - Parameter asked: when the request was sent whose response says so.
    package func learn(_ allowance: Allowance, of resource: Resource, asked: Double) {
        state.withLock { $0.scheduler.learn(allowance, of: resource, asked: asked) }
        heard.withLock { $0[resource] = allowance }
    }

    /// What endpoints have said last of their rate limits, by name.
    package var rateLevels: [RateLevel] {
        let now = seconds(at: .now)
        return heard.withLock { heard in
            heard.map { resource, allowance in
                // Named like `rate endpoint/model`.
                let name = resource.description.drop { $0 != " " }.dropFirst()
                return RateLevel(
                    name: String(name), remaining: allowance.remaining, limit: allowance.limit,
                    wholeIn: allowance.resetsAt - now)
            }
        }.sorted { $0.name < $1.name }
    }

    func newRun() -> RunID {
        state.withLock { state in
            defer { state.nextRun += 1 }
            return RunID(state.nextRun)
        }
    }

    func join(_ run: RunID, reserving reserve: [Resource: Int], mailbox: AsyncStream<Event>.Continuation) {
        state.withLock { state in
            state.scheduler.join(run, reserving: reserve)
            state.mailboxes[run] = mailbox
        }
    }

    func leave(_ run: RunID) {
        state.withLock { state in
            state.scheduler.leave(run)
            state.mailboxes[run] = nil
            Self.deliver(&state)
        }
    }

    /// Runs one step of a run, and tells other runs what it means for them.
    func step(_ body: (inout Scheduler) -> [Command]) -> [Command] {
        state.withLock { state in
            let commands = body(&state.scheduler)
            Self.deliver(&state)
            return commands
        }
    }

    private static func deliver(_ state: inout State) {
        for notice in state.scheduler.takeNotices() {
            switch notice {
            case .granted(let run): state.mailboxes[run]?.yield(.granted)
            case .revoked(let holder): state.mailboxes[holder.run]?.yield(.revoked(holder.work))
            }
        }
    }
}
