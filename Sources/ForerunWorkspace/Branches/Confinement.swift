import Glibc

/// How commands are kept inside of their branch here. The first that works counts; nothing is tried that is not needed.
enum Confinement: Sendable {
    /// Overlays in namespaces: cheap, and nothing escapes.
    case branches(BranchKeeper, BranchHost.Capabilities)
    /// Copies of the workspace; Landlock and seccomp keep commands from writing elsewhere and from the network.
    case copies(program: String, reason: String, remedy: String?)
    /// Chosen by the user: commands run on the real directory.
    case off
    /// Commands are refused.
    case unavailable(reason: String, remedy: String)

    /// In words, for people.
    var description: String {
        switch self {
        case .branches(_, let found):
            let kind =
                switch found.tier {
                case "T1b": "overlays as root, without a user namespace"
                default: "overlays in a user namespace"
                }
            let places = [
                found.keepsLayersInMemory ? "memory" : nil, found.keepsLayersOnDisk ? "disk" : nil,
            ].compactMap(\.self).joined(separator: " and ")
            let landlock = found.landlock > 0 ? "Landlock \(found.landlock)" : "no Landlock"
            let cgroup = found.cgroup == "none" ? "limits by rlimit" : "cgroup \(found.cgroup)"
            return "tier \(found.tier): \(kind); layers in \(places), seccomp, \(landlock), \(cgroup)"
        case .copies: return "tier T3: copies of the workspace, with Landlock and seccomp"
        case .off: return "off: commands run as you"
        case .unavailable: return "tier T4: no commands; only reads and file tools run ahead"
        }
    }

    /// What the user should know of it and can change; `nil`: nothing.
    var warning: String? {
        switch self {
        case .unavailable(let reason, let remedy):
            "commands cannot be run: they cannot be sandboxed (\(reason)). \(remedy)"
        case .copies(_, let reason, let remedy):
            "commands run in copies of the workspace: cheap branches are not to be had (\(reason))"
                + (remedy.map { ". \($0)" } ?? "")
        case .branches, .off: nil
        }
    }

    /// What works is found out by doing it: versions and settings do not tell.
    static func probe(_ opening: BranchHost.Opening, program chosen: String?) async -> Confinement {
        guard let program = BranchProgram.find(chosen) else {
            return .unavailable(
                reason: BranchProgram.named(chosen).map { "\($0) is missing, or no program" }
                    ?? "the program forerun-branch is missing",
                remedy: "Install forerun-branch beside forerun, or name it in FORERUN_BRANCH")
        }
        let failure: BranchFailure
        do throws(BranchFailure) {
            let keeper = BranchKeeper(opening, program: program)
            let host = try await keeper.host()
            try await tryOut(host)
            return .branches(keeper, host.capabilities)
        } catch {
            failure = error
        }
        if await canConfine(program, opening.workspace) {
            return .copies(program: program, reason: failure.reason, remedy: failure.remedy)
        }
        return .unavailable(
            reason: failure.reason,
            remedy: failure.remedy ?? "See forerun doctor, or turn the sandbox off (environment.sandbox: off)")
    }

    /// One command in one branch.
    private static func tryOut(_ host: BranchHost) async throws(BranchFailure) {
        let upper = host.newLayer(inMemory: host.capabilities.keepsLayersInMemory)
        defer { host.remove(upper) }
        let run = BranchRun(
            upper: upper, lowers: [], arguments: ["/bin/sh", "-c", "exit 7"], environment: CommandEnvironment.make(),
            umask: 0o022, outputLimit: 4096)
        let (result, isTimedOut) = try await host.run(run, timeout: .seconds(20))
        guard !isTimedOut, result.status == 7 else {
            throw BranchFailure(reason: "a first command did not end as it should: \(result.output)")
        }
    }

    private static func canConfine(_ program: String, _ directory: String) async -> Bool {
        let command = Command(
            arguments: ["/bin/sh", "-c", "exit 7"], directory: "/",
            launcher: [program, "confine", "--write", directory, "--"],
            environment: CommandEnvironment.make(), timeout: .seconds(20), outputLimit: 4096)
        return (try? await command.run().status) == 7
    }
}
