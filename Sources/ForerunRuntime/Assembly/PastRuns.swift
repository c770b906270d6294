import ForerunCore
package import ForerunStore

/// The runs that are recorded for this user.
package struct PastRuns: Sendable {
    package let directory: RunStateDirectory

    package init(variables: [String: String]) throws(Complaint) {
        do throws(StoreError) { directory = try RunStateDirectory(environment: { variables[$0] }) } catch {
            throw Complaint(error)
        }
    }

    package var names: [RunName] {
        get throws(Complaint) { do throws(StoreError) { return try directory.runs() } catch { throw Complaint(error) } }
    }

    /// The run that a user means: a name, an unambiguous beginning or end of one; `nil`: the last one.
    package func find(_ text: String?) throws(Complaint) -> RunName {
        let names = try names
        guard let text else {
            if let last = names.last { return last }
            throw Complaint(
                "no run is recorded in \(directory.path)", remedy: "Begin one: forerun run", status: .failed)
        }
        let matches = names.filter {
            $0.description == text || $0.description.hasPrefix(text) || $0.description.hasSuffix(text)
        }
        switch matches.count {
        case 1: return matches[0]
        case 0:
            throw Complaint(
                "no run \(DisplayText.line(text, limit: 80)) is recorded", remedy: "forerun runs lists them",
                status: .usage)
        default:
            throw Complaint(
                "\(matches.count) runs are called \(text)…",
                remedy: "Give more of the name: \(matches[0]), \(matches[1])",
                status: .usage)
        }
    }

    /// The conversation that was begun last.
    package func lastConversation() throws(Complaint) -> RunName {
        for run in try names.reversed() {
            // The first line says so.
            guard var reader = try? EventLogReader(run, in: directory),
                let first = try? reader.nextItem(), case .event(let started) = first,
                started["conversation"]?.boolValue == true
            else { continue }
            return run
        }
        throw Complaint(
            "no conversation is recorded in \(directory.path)", remedy: "Begin one: forerun chat AGENT", status: .failed
        )
    }

    package func record(of run: RunName, wholeOutputs: Bool = true) throws(Complaint) -> RunRecord {
        do throws(StoreError) {
            return try RunRecord(run, in: directory, wholeOutputs: wholeOutputs)
        } catch {
            throw Complaint(error)
        }
    }

    package func isGoingOn(_ run: RunName) -> Bool { directory.isBeingWritten(run) }

    /// Keeps others from writing the log of a run.
    ///
    /// - Parameter mayBeReadOnly: a log that we cannot write will do; it is not held then.
    /// - Throws: where a process is writing it.
    func hold(_ run: RunName, mayBeReadOnly: Bool = false) throws(Complaint) -> HeldLog? {
        do throws(StoreError) { return HeldLog(try EventLog(resuming: run, in: directory)) } catch {
            if mayBeReadOnly, error.code == .notPermitted { return nil }
            guard error.code == .inUse else { throw Complaint(error) }
            throw Complaint("the run \(run) is still going on", remedy: "Wait for its end, or end it", status: .failed)
        }
    }
}
