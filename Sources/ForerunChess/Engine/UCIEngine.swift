/// One chess engine, spoken to in UCI; the owner of its process.
///
/// Every search starts from an empty hash table, so that equal searches give equal answers: with a used table the same
/// position can bring another move.
package actor UCIEngine {
    package struct Options: Sendable, Hashable {
        /// A name in `PATH` or `/usr/games`, or a path.
        package var program: String
        package var arguments: [String]
        /// More than one thread makes searches irreproducible.
        package var threads: Int
        /// MiB of hash table.
        package var hash: Int
        /// Added to the process's niceness, 0…19.
        package var niceness: Int

        package init(
            program: String = "stockfish", arguments: [String] = [], threads: Int = 1, hash: Int = 16, niceness: Int = 0
        ) {
            self.program = program
            self.arguments = arguments
            self.threads = threads
            self.hash = hash
            self.niceness = niceness
        }
    }

    /// What the engine calls itself.
    package let name: String
    package nonisolated let processID: Int32
    private nonisolated let process: EngineProcess
    private var multiPV = 1
    private var isBusy = false
    /// Seconds that the start of the process took, until somebody has counted them.
    private var launchSeconds: Double

    /// How long a search may take to end after `stop`. Stockfish takes about a millisecond.
    private static let stopGrace = Duration.seconds(10)

    private init(name: String, process: EngineProcess, launchSeconds: Double) {
        self.name = name
        self.process = process
        self.launchSeconds = launchSeconds
        processID = process.processID
    }

    /// Starts a process and shakes hands.
    package static func launch(_ options: Options = Options()) async throws(EngineFailure) -> UCIEngine {
        let start = ContinuousClock.now
        let path = try EngineLocation.find(options.program)
        let process = try EngineProcess(
            executable: path, arguments: options.arguments, niceness: options.niceness)
        do {
            let greeting = try await process.exchange(["uci"]) { $0 == "uciok" }
            let known = Set(greeting.compactMap(Self.optionName))
            let settings = [("Threads", options.threads), ("Hash", options.hash)]
                .filter { known.contains($0.0) }
                .map { "setoption name \($0.0) value \($0.1)" }
            _ = try await process.exchange(settings + ["isready"]) { $0 == "readyok" }
            let name = greeting.first { $0.hasPrefix("id name ") }.map { String($0.dropFirst("id name ".count)) }
            return UCIEngine(
                name: name ?? options.program, process: process,
                launchSeconds: (ContinuousClock.now - start) / .seconds(1))
        } catch {
            process.kill(because: error)
            await process.waitUntilGone()
            throw EngineFailure(
                .protocolViolation, "\(path) did not complete the UCI handshake: \(error.message)",
                remedy: EngineLocation.remedy)
        }
    }

    private static func optionName(_ line: String) -> String? {
        guard line.hasPrefix("option name "), let end = line.firstRange(of: " type ") else { return nil }
        return String(line[line.index(line.startIndex, offsetBy: 12)..<end.lowerBound])
    }

    /// Seconds that its start took; 0 from the second time on.
    package func takeLaunchSeconds() -> Double {
        defer { launchSeconds = 0 }
        return launchSeconds
    }

    /// Whether it can be given more work.
    package nonisolated var isRunning: Bool { process.isRunning }

    /// Searches `position` for `nodes` positions and reports the best `multiPV` lines.
    ///
    /// Cancelling the task stops the search; the engine is ready for more when this function has thrown.
    package func search(
        _ position: EnginePosition, nodes: Int, multiPV: Int = 1
    ) async throws(EngineFailure) -> SearchResult {
        try begin()
        defer { isBusy = false }
        let width = self.multiPV == multiPV ? [] : ["setoption name MultiPV value \(multiPV)"]
        _ = try await process.exchange(width + ["ucinewgame", "isready"]) { $0 == "readyok" }
        self.multiPV = multiPV
        let lines = try await process.exchange(
            [position.command, "go nodes \(nodes)"], interrupt: "stop", grace: Self.stopGrace
        ) { $0.hasPrefix("bestmove") }
        // What a stopped search found depends on when it was stopped.
        guard !Task.isCancelled else { throw EngineFailure(.cancelled, "") }
        return SearchResult(parsing: lines)
    }

    /// What the rules say about `position`, whose moves must be legal.
    ///
    /// `d` and `perft` are no UCI, but Stockfish and its kin have them.
    package func inspect(_ position: EnginePosition) async throws(EngineFailure) -> PositionFacts {
        try begin()
        defer { isBusy = false }
        let lines = try await process.exchange([position.command, "d", "go perft 1"]) { $0.hasPrefix("Nodes searched") }
        guard let facts = PositionFacts(parsing: lines) else {
            throw EngineFailure(
                .protocolViolation, "\(name) does not answer 'd' and 'go perft 1' as Stockfish does",
                remedy: EngineLocation.remedy)
        }
        return facts
    }

    private func begin() throws(EngineFailure) {
        guard !Task.isCancelled else { throw EngineFailure(.cancelled, "") }
        guard !isBusy else { throw EngineFailure(.busy, "one search at a time") }
        isBusy = true
    }

    /// Ends the process and returns when it is gone. A search that is under way fails with `.closed`.
    package func shutdown() async {
        // SIGKILL, not `quit`: an engine has nothing to save, and may not listen.
        process.kill(because: EngineFailure(.closed, "its owner shut it down"))
        await process.waitUntilGone()
    }
}
