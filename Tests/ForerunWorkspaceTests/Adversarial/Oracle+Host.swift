import ForerunCore
import Synchronization
import Testing

@testable import ForerunWorkspace

extension Oracle {
    /// The host of the workspace's branches.
    func host() async throws -> BranchHost {
        guard case .branches(let keeper, _) = environment.state.withLock({ $0.session?.confinement }) else {
            throw CallFailure(.notStarted, "there are no branches")
        }
        return try await keeper.host()
    }

    /// Runs a command with limits that calls cannot set.
    func run(_ command: String, limits: BranchRun.Limits, seconds: Int = 20) async throws -> BranchRun.Result {
        try await Self.run(command, on: host(), limits: limits, seconds: seconds)
    }

    static func run(
        _ command: String, on host: BranchHost, limits: BranchRun.Limits = BranchRun.Limits(), seconds: Int = 20
    ) async throws -> BranchRun.Result {
        let upper = host.newLayer(inMemory: host.capabilities.keepsLayersInMemory)
        defer { host.remove(upper) }
        var run = BranchRun(
            upper: upper, lowers: [], arguments: ["/bin/sh", "-c", command], environment: CommandEnvironment.make(),
            umask: 0o022, outputLimit: 1 << 16)
        run.limits = limits
        let (result, isTimedOut) = try await host.run(run, timeout: .seconds(seconds))
        #expect(!isTimedOut, "the command was ended after \(seconds) seconds")
        return result
    }
}
