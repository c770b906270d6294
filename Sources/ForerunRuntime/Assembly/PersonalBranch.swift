import ForerunCore
import ForerunWorkspace
import FoundationEssentials

/// The branch that a person works in from the command line.
package struct PersonalBranch: Sendable {
    private let branch: KeptBranch
    private let variables: [String: String]

    /// - Throws: why there can be none, with a remedy.
    package static func open(
        _ workspace: String, variables: [String: String]
    ) async throws(Complaint) -> PersonalBranch {
        let home = variables["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.local/state" : nil }
        guard let state = variables["XDG_STATE_HOME"].flatMap({ $0.hasPrefix("/") ? $0 : nil }) ?? home else {
            throw Complaint(
                "there is no place to keep a branch: neither XDG_STATE_HOME nor HOME is an absolute path",
                remedy: "Set HOME", status: .configuration)
        }
        var options = WorkspaceOptions()
        options.commits.onSettled = RunLog.settling(variables)
        return try await complaining { [options] () throws(EnvironmentFailure) in
            PersonalBranch(
                branch: try await KeptBranch.open(workspace, state: state, options: options), variables: variables)
        }
    }

    /// Runs a program on the terminal that we have. - Returns: its exit status.
    package func execute(_ command: [String], network: Bool) async throws(Complaint) -> Int32 {
        try await ending { () throws(EnvironmentFailure) in
            let ended = try await branch.execute(command, streams: [1, 2], variables: variables, network: network)
            if let problem = ended.problem {
                OutputFile.error.write("forerun: cannot run \(DisplayText.harmless(command[0])): \(problem)\n")
            }
            for path in ended.refused {
                OutputFile.error.write("forerun: \(DisplayText.harmless(path)) was not kept, since it is protected\n")
            }
            return ended.status
        }
    }

    package func difference(nameOnly: Bool) async throws(Complaint) -> String {
        try await ending { () throws(EnvironmentFailure) in
            nameOnly ? branch.changedPaths.map { $0 + "\n" }.joined() : try await branch.diff()
        }
    }

    /// - Returns: how many paths were changed, and the name by which that can be undone.
    package func commit() async throws(Complaint) -> (count: Int, run: String) {
        let run = "branch-" + Date().formatted(.iso8601).filter { $0.isNumber || $0.isLetter }
        return try await ending { () throws(EnvironmentFailure) in
            let count = branch.changedPaths.count
            try await branch.commit(as: run)
            return (count, run)
        }
    }

    /// - Returns: of how many paths the changes are gone.
    package func discard() async throws(Complaint) -> Int {
        try await ending { () throws(EnvironmentFailure) in
            let count = branch.changedPaths.count
            try branch.discard()
            return count
        }
    }

    private func ending<Value: Sendable>(
        _ body: () async throws(EnvironmentFailure) -> Value
    ) async throws(Complaint) -> Value {
        do throws(Complaint) {
            let value = try await Self.complaining(body)
            await branch.close()
            return value
        } catch {
            await branch.close()
            throw error
        }
    }

    private static func complaining<Value: Sendable>(
        _ body: () async throws(EnvironmentFailure) -> Value
    ) async throws(Complaint) -> Value {
        do throws(EnvironmentFailure) { return try await body() } catch { throw Complaint(error) }
    }
}
