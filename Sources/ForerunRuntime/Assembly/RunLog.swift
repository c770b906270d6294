import ForerunCore
import ForerunStore
import ForerunWorkspace
import OrderedCollections
import Synchronization

/// The event log of one run: every notice as a JSON line, with the time.
///
/// A log that cannot be written any more (a full disk) does not stop the run in the middle of a step; it is reported when
/// the log is closed.
final class RunLog: Sendable {
    let name: String
    let path: String
    private let log: EventLog
    private let failure = Mutex<StoreError?>(nil)

    init(variables: [String: String]) throws(RunFailure) {
        do throws(StoreError) {
            let directory = try RunStateDirectory(environment: { variables[$0] })
            let run = try directory.makeRun()
            log = try EventLog(creating: run, in: directory)
            name = run.description
            path = log.path
        } catch {
            throw .store(error)
        }
    }

    func append(_ notice: RunNotice) {
        switch notice {
        case .event(let event, let time):
            append(event.json.adding("time", .seconds(time)))
            // A commit is the point from which a run can be told after a crash.
            if case .committed = event { flush(durable: false) }
            if case .turnTaken = event { flush(durable: false) }
        case .warning(let text): append(["type": "note", "text": .string(text)])
        case .text, .withdrawn: break
        case .finished(let report): append(report.json)
        }
    }

    func append(_ event: JSON) {
        do throws(StoreError) { try log.append(event) } catch { note(error) }
    }

    /// What commits of the workspace share with this log.
    var commitRecord: CommitRecord {
        CommitRecord(run: name) { [log] in
            try log.flush(durable: true)
        } settle: { [self] world, isCommitted in
            append(Self.line(world, isCommitted))
            flush(durable: true)
        }
    }

    /// Says in the logs of earlier runs, which died, what became of their commits. A log that is gone says nothing.
    static func settling(_ variables: [String: String]) -> CommitOptions.OnSettled {
        { run, world, isCommitted in
            guard let run = RunName(run),
                let directory = try? RunStateDirectory(environment: { variables[$0] }),
                let log = try? EventLog(resuming: run, in: directory)
            else { return }
            try? log.append(line(world, isCommitted))
            try? log.flush(durable: true)
        }
    }

    private static func line(_ world: Int, _ isCommitted: Bool) -> JSON {
        ["type": isCommitted ? "branch.landed" : "branch.takenBack", "world": .int(world)]
    }

    /// Makes everything durable. - Returns: the first failure since the log was made, if any.
    func close() -> StoreError? {
        flush(durable: true)
        return failure.withLock { $0 }
    }

    private func flush(durable: Bool) {
        do throws(StoreError) { try log.flush(durable: durable) } catch { note(error) }
    }

    private func note(_ error: StoreError) { failure.withLock { $0 = $0 ?? error } }
}

extension JSON {
    /// An object with one more member at its end.
    func adding(_ key: String, _ value: JSON) -> JSON {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
