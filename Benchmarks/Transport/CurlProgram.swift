#if PEERS
    import Foundation
    import Subprocess
    import SystemPackage

    /// The same streams read by a program in C with libcurl.
    enum CurlProgram {
        /// Seconds of processor time; `nil`: there is no C compiler, or it does not find libcurl.
        static func measure(_ url: String, _ body: [UInt8], streams: Int) async throws -> Double? {
            guard let program = try await compiled() else {
                Figures.note("no C compiler (cc) or no libcurl: left out")
                return nil
            }
            let result = try await Subprocess.run(
                .path(FilePath(program)),
                arguments: [url + "/chat/completions", String(decoding: body, as: UTF8.self), String(streams)],
                output: .string(limit: 4096), error: .discarded)
            guard result.terminationStatus.isSuccess,
                let seconds = Double(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
            else { throw BenchmarkError("the program in C failed: \(result.terminationStatus)") }
            return seconds
        }

        private static func compiled() async throws -> String? {
            let program = Layout.directory + "/forerun-bench-streams"
            let compiler = ProcessInfo.processInfo.environment["CC"] ?? "cc"
            let result = try? await Subprocess.run(
                .name(compiler), arguments: ["-O2", "-o", program, Layout.file("streams.c"), "-lcurl"],
                output: .discarded,
                error: .discarded)
            return result?.terminationStatus.isSuccess == true ? program : nil
        }
    }
#endif
