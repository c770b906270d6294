import Glibc
import Testing

@testable import ForerunWorkspace

/// A workspace and a place for its state, both removed with this object.
final class CommitRoom {
    let directory: TemporaryDirectory
    let state: TemporaryDirectory
    let scene: CommitScene

    init(_ files: [String: String] = [:], in place: String = "/tmp", statePlace: String = "/tmp") throws {
        directory = try TemporaryDirectory(in: place, files)
        state = try TemporaryDirectory(in: statePlace)
        scene = try CommitScene(directory.path, state: state.path + "/state")
    }

    var model: TreeModel {
        get throws { try TreeModel(of: directory.directory) }
    }

    /// Commits what `change` does to the present tree.
    func commit(
        run: String? = nil, options: Transaction.Options = Transaction.Options(),
        limits: UndoHistory.Limits = UndoHistory.Limits(), _ change: (inout TreeModel) -> Void
    ) throws {
        var target = try model
        change(&target)
        try scene.commit(to: target, run: run, options: options, limits: limits)
    }

    func recover() throws -> [Recovery.Outcome] { try Recovery(state: scene.state).run() }

    func history(_ limits: UndoHistory.Limits = UndoHistory.Limits()) throws -> UndoHistory {
        // As another process sees it.
        UndoHistory(try StateDirectory(for: directory.directory, preferred: state.path + "/state"), limits: limits)
    }

    /// Whether nothing of a transaction is left, neither beside the workspace nor in it.
    var isClean: Bool {
        !scene.state.hasTransactions && !directory.names.contains { $0.contains("forerun-commit") }
    }
}

extension TreeModel {
    mutating func write(_ path: String, _ text: String, mode: UInt32 = 0o644) {
        put(RelativePath(path), .file(text, mode: mode))
    }

    mutating func remove(_ path: String) { remove(RelativePath(path)) }
}
