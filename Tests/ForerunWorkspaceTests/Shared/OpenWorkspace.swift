import ForerunCore
import Glibc

@testable import ForerunWorkspace

/// A workspace in a temporary directory, with worlds that are numbered as they are made.
final class OpenWorkspace {
    let directory: TemporaryDirectory
    let scratch: TemporaryDirectory
    let environment: WorkspaceEnvironment
    private var last = 0

    init(
        _ files: [String: String] = [:], in place: String = "/tmp", options: WorkspaceOptions = WorkspaceOptions()
    ) async throws {
        directory = try TemporaryDirectory(in: place, files)
        scratch = try TemporaryDirectory(in: place)
        var options = options
        options.temporaryDirectory = scratch.path + "/private"
        environment = WorkspaceEnvironment(directory.path, options: options)
        _ = try await environment.open()
    }

    func fork(_ parent: WorldID = .initial) async throws -> WorldID {
        last += 1
        try await environment.fork(parent, as: WorldID(last))
        return WorldID(last)
    }

    func perform(_ name: String, _ arguments: JSON, in world: WorldID) async throws -> CallResult {
        try await environment.perform(Call(name, arguments), in: world, context: CallContext())
    }

    func output(_ name: String, _ arguments: JSON, in world: WorldID = .initial) async throws -> Output {
        try await perform(name, arguments, in: world).output
    }

    /// A child of `parent` in which the call was performed.
    func child(of parent: WorldID = .initial, _ name: String, _ arguments: JSON) async throws -> WorldID {
        let child = try await fork(parent)
        _ = try await perform(name, arguments, in: child)
        return child
    }

    /// What a command prints in a new child of `parent`.
    func run(_ command: String, in parent: WorldID = .initial) async throws -> String {
        try await output("run_command", ["command": .string(command)], in: fork(parent)).text
    }
}

/// Whether commands can be run in branches on this machine.
let canBranch: Bool = {
    guard let program = BranchProgram.find(), let place = try? TemporaryDirectory() else { return false }
    return system("'\(program)' probe '\(place.path)' >/dev/null 2>&1") == 0
}()

/// Whether branches can keep layers in memory here: a tmpfs keeps the attributes that overlays need since Linux 6.6.
let keepsLayersInMemory: Bool = {
    guard canBranch, let program = BranchProgram.find(), let place = try? TemporaryDirectory() else { return false }
    return system("'\(program)' probe '\(place.path)' 2>/dev/null | grep -q '^memory-layers=1'") == 0
}()
