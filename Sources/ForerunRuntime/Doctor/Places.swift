import ForerunCore
import ForerunStore
import Glibc

/// The directories that runs write to.
enum Places {
    private static let leastRoom = 100 << 20

    static func findings(workspace: String, variables: [String: String]) -> [Finding] {
        var findings = [
            finding("workspace", workspace, remedy: "Change its permissions, or name another with --workspace")
        ]
        do throws(StoreError) {
            let path = try RunStateDirectory(environment: { variables[$0] }).path
            findings.append(finding("state", path, remedy: "Change its permissions, or set XDG_STATE_HOME"))
        } catch {
            findings.append(.failure("state", Complaint(error)))
        }
        let temporary = variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        findings.append(
            finding("temporary files", temporary, remedy: "Set TMPDIR to a directory that you can write to"))
        return findings
    }

    /// Whether `path`, or what of it exists, can be written to.
    private static func finding(_ subject: String, _ path: String, remedy: String) -> Finding {
        var existing = path
        while !FileAccess.exists(existing), existing != "/" { existing = FileAccess.parent(of: existing) }
        guard FileAccess.isDirectory(existing), access(existing, W_OK | X_OK) == 0 else {
            return .failure(
                subject, Complaint("\(path) cannot be written to", remedy: remedy, status: .configuration))
        }
        var info = statvfs()
        guard statvfs(existing, &info) == 0 else { return .ok(subject, path) }
        let room = Int(clamping: UInt64(info.f_bavail) * UInt64(info.f_frsize))
        guard room >= leastRoom else {
            return .warning(subject, "\(path) has \(room >> 20) MiB left", remedy: "Make room there")
        }
        return .ok(subject, path)
    }
}

/// An empty directory, removed with the last reference.
final class TrialDirectory: Sendable {
    let path: String

    init() throws(EnvironmentFailure) {
        let base = ProcessVariables.current["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array((base + "/forerun-doctor-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw EnvironmentFailure(
                .unavailable, "no directory can be made in \(base): \(String(cString: strerror(errno)))",
                remedy: "Set TMPDIR to a directory that you can write to")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { rmdir(path) }
}
