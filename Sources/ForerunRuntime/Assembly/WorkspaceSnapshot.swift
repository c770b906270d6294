import ForerunCore
import ForerunWorkspace
import Foundation

/// A private copy of a workspace as it was, removed with the last reference.
final class WorkspaceSnapshot: Sendable {
    let path: String
    private let directory: String

    /// - Parameter workspace: the directory to copy.
    init(of workspace: String) async throws(RunFailure) {
        Self.removeLeftovers()
        directory = "\(Self.prefix)\(getpid())-\(UUID().uuidString)"
        path = directory + "/workspace"
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try await WorkspaceEnvironment.copy(workspace, to: path)
        } catch let error as EnvironmentFailure {
            throw .environment(error)
        } catch {
            throw .environment(
                EnvironmentFailure(
                    .unavailable, "The workspace cannot be copied to \(directory): \(error.localizedDescription)",
                    remedy: "Set TMPDIR to a directory with enough room"))
        }
    }

    private static let prefix = NSTemporaryDirectory() + "forerun-snapshot-"

    /// Copies of processes that were killed.
    private static func removeLeftovers() {
        let place = NSTemporaryDirectory()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] {
            guard name.hasPrefix("forerun-snapshot-"), let process = name.split(separator: "-").dropFirst(2).first,
                let id = pid_t(process), kill(id, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: place + name)
        }
    }

    /// A further copy, to work in.
    func copy() async throws(RunFailure) -> WorkspaceSnapshot { try await WorkspaceSnapshot(of: path) }

    deinit { try? FileManager.default.removeItem(atPath: directory) }
}
