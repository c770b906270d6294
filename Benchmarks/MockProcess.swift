import Foundation
import Subprocess
import SystemPackage

/// `forerun mock SCRIPT` in a process of its own, so that its time is not the client's.
enum MockProcess {
    /// Where the server writes what became of each request.
    static let log = FileManager.default.temporaryDirectory.path + "/forerun-bench-requests-\(getuid()).jsonl"

    /// Starts the server, hands its address to `body`, and ends it.
    static func with<Result: Sendable>(
        script: String, body: @Sendable @escaping (String) async throws -> Result
    ) async throws -> Result {
        let path = FilePath(Layout.script(script))
        try? FileManager.default.removeItem(atPath: log)
        let outcome = try await Subprocess.run(
            .path(FilePath(Layout.forerun)),
            arguments: ["mock", path.string, "--port", "0", "--print-url", "--log", log],
            input: .none, output: .sequence, error: .discarded
        ) { execution in
            do {
                let result = try await body(try await url(execution.standardOutput))
                try execution.send(signal: .terminate)
                return result
            } catch {
                try execution.send(signal: .terminate)
                throw error
            }
        }
        return outcome.closureResult
    }

    /// The address in the first line that the server prints.
    private static func url(_ output: SubprocessOutputSequence) async throws -> String {
        for try await line in output.strings() {
            let words = line.split { $0 == " " || $0.isNewline }
            if let address = words.first(where: { $0.hasPrefix("http://") }) { return String(address) }
        }
        throw BenchmarkError("forerun mock ended before it was ready")
    }
}

/// Where things lie: beside this program, and in the checkout.
enum Layout {
    static let directory = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().path
    static var forerun: String { directory + "/forerun" }
    static var helper: String { directory + "/forerun-branch" }
    static func script(_ name: String) -> String { file(name + ".yaml") }
    /// A file of `Benchmarks/Scripts`.
    static func file(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Scripts/\(name)"
    }
}
