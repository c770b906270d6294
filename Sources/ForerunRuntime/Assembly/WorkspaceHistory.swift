import ForerunCore
import ForerunWorkspace
import FoundationEssentials

/// The runs that changed a workspace and can be undone.
package struct WorkspaceHistory: Sendable {
    private let history: UndoHistory

    package static func open(_ workspace: String, variables: [String: String]) throws(Complaint) -> WorkspaceHistory {
        do throws(EnvironmentFailure) {
            return WorkspaceHistory(history: try UndoHistory.open(workspace, onSettled: RunLog.settling(variables)))
        } catch {
            throw Complaint(error)
        }
    }

    /// A line for each run, oldest first: its name, when, how many paths.
    package var lines: [String] {
        history.runs.map { run in
            let time = Date(timeIntervalSince1970: Double(run.time) / 1e9).formatted(.iso8601)
            let count = "\(run.paths.count) path\(run.paths.count == 1 ? "" : "s")"
            return "\(run.id)  \(time)  \(count)" + (run.isComplete ? "" : "  (not all of it was kept)")
        }
    }

    /// - Returns: the restored paths.
    package func undo(_ run: String) throws(Complaint) -> [String] {
        do throws(EnvironmentFailure) {
            return try history.undo(run).map { DisplayText.harmless($0) }
        } catch {
            throw Complaint(error)
        }
    }
}
