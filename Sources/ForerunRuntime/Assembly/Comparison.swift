package import ForerunCore
import ForerunWorkspace

/// The same run twice, sequentially and then with speculation, each on a fresh copy of the same world.
package struct Comparison: Sendable {
    package enum Side: String, Sendable { case sequential, speculative }

    package let sequential: RunReport
    package let speculative: RunReport
    /// Where the two differ; empty if they are identical.
    package let differences: [String]

    package var identical: Bool { differences.isEmpty }
    /// Speculative time as a share of sequential time.
    package var ratio: Double { sequential.seconds > 0 ? speculative.seconds / sequential.seconds : 1 }

    package var json: JSON {
        [
            "type": "comparison",
            "sequential": ["seconds": .seconds(sequential.seconds), "digest": .string(sequential.digest)],
            "speculative": ["seconds": .seconds(speculative.seconds), "digest": .string(speculative.digest)],
            "ratio": .seconds(ratio), "identical": .bool(identical),
        ]
    }
}

extension AgentRuntime {
    /// Runs an agent twice and compares. Refused for agents with tools whose effects leave the branch.
    package func compare(
        _ request: RunRequest, user: RunUser = .absent,
        notify: @escaping @Sendable (Comparison.Side, RunNotice) -> Void = { _, _ in },
        onStart: @Sendable (PreparedRun) -> Void = { _ in }
    ) async throws(RunFailure) -> Comparison {
        let first = try await prepare(request.unrecorded)
        try await Self.refuseExternal(first)
        let original = first.assembly.workspace == nil ? nil : try await WorkspaceSnapshot(of: request.workspace)
        var reports: [RunReport] = []
        for side in [Comparison.Side.sequential, .speculative] {
            var own = request
            let copy = try await original?.copy()
            own.workspaceCopy = copy?.path
            own.teaches = false
            if side == .sequential { own.assignments.append(try Self.off()) }
            let run = try await prepare(own)
            onStart(run)
            reports.append(try await run.run(user: user) { notify(side, $0) })
            withExtendedLifetime(copy) {}
            // An interrupted or failed first half is no baseline.
            guard reports[0].end.isComparable else { break }
        }
        guard reports.count == 2 else {
            return Comparison(
                sequential: reports[0], speculative: reports[0], differences: ["the sequential run did not end"])
        }
        return Comparison(
            sequential: reports[0], speculative: reports[1],
            differences: Difference.between(reports[0], reports[1]))
    }

    private static func off() throws(RunFailure) -> ConfigurationAssignment {
        do throws(ConfigurationError) {
            return try ConfigurationAssignment(flag: "--compare", "speculation.mode", "off")
        } catch {
            throw .configuration(error)
        }
    }

    /// What happens outside would happen twice.
    private static func refuseExternal(_ run: PreparedRun) async throws(RunFailure) {
        let settings = run.assembly.settings
        var external = run.assembly.tools.filter { (settings.effects[$0.name] ?? $0.effect) == .external }.map(\.name)
        if let workspace = run.assembly.workspace {
            do throws(EnvironmentFailure) { _ = try await workspace.open() } catch { throw .environment(error) }
            let leaving = run.assembly.tools.filter { workspace.traits(of: Call($0.name)).effect == .external }
            let warning = workspace.warning
            await workspace.close()
            if !leaving.isEmpty, let warning {
                throw .environment(
                    EnvironmentFailure(
                        .unavailable, "This agent cannot be compared here: \(warning)",
                        remedy: "See forerun doctor; or leave run_command out of the agent's tools"))
            }
            let why = run.assembly.settings.environment.network ? "with the network" : "without a sandbox"
            external += leaving.map { "\($0.name) (\(why))" }
        }
        guard external.isEmpty else {
            throw .environment(
                EnvironmentFailure(
                    .unavailable,
                    "This agent cannot be compared: effects of \(external.joined(separator: ", ")) leave the branch",
                    remedy: "Leave these tools out (--set 'tools=[…]'), or run it without --compare"))
        }
    }
}

extension RunRequest {
    var unrecorded: RunRequest {
        var copy = self
        copy.keepsLog = false
        return copy
    }
}

extension RunEnd {
    /// An end that a second run can be held against.
    var isComparable: Bool {
        switch self {
        case .finished, .limit(.steps), .limit(.tokens), .limit(.money): true
        case .limit(.seconds), .endpointFailed, .environmentFailed, .interrupted: false
        }
    }
}
