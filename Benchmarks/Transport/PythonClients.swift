#if PEERS
    import ForerunCore
    import Foundation
    import Subprocess
    import SystemPackage

    /// Python's clients, where they are installed.
    enum PythonClients {
        /// Seconds of processor time for `count` requests, by library.
        static func measure(
            _ kind: String, _ url: String, _ model: String, _ count: Int
        ) async throws -> [(library: String, seconds: Double)] {
            let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
            var results: [(String, Double)] = []
            for library in ["httpx", "aiohttp"] {
                let result = try? await Subprocess.run(
                    .name(python), arguments: [Layout.file("transport.py"), library, url, model, String(count)],
                    output: .string(limit: 65_536), error: .discarded)
                guard let result, result.terminationStatus.isSuccess,
                    let seconds = Double(result.standardOutput.split(separator: "\n").last ?? "")
                else {
                    Figures.note("\(python) has no \(library): left out of \(kind)")
                    continue
                }
                results.append((library, seconds))
            }
            return results
        }
    }
#endif
