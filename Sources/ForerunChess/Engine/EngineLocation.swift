import Glibc

/// Finds an engine's program as a shell would.
package enum EngineLocation {
    /// Where Debian puts games; it is not in the `PATH` of every user.
    private static let gameDirectory = "/usr/games"

    package static let remedy = "Install it with: apt install stockfish"

    /// The path of `program`, a name looked up in `PATH` and `/usr/games`, or a path taken as it is.
    package static func find(_ program: String) throws(EngineFailure) -> String {
        let candidates: [String]
        if program.contains("/") {
            candidates = [program]
        } else {
            let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
            let directories = path.split(separator: ":").map(String.init) + [gameDirectory]
            candidates = directories.map { "\($0)/\(program)" }
        }
        // A directory can be "executable" too.
        if let found = candidates.first(where: { access($0, X_OK) == 0 && access("\($0)/.", F_OK) != 0 }) {
            return found
        }
        throw EngineFailure(.missing, "no program '\(program)' in PATH or \(gameDirectory)", remedy: remedy)
    }
}
