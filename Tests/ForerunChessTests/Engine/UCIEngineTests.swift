import ForerunChess
import Glibc
import Testing

extension WithStockfish {
    struct UCIEngineTests {
        private static let opening = EnginePosition(moves: ["e2e4", "e7e5", "g1f3"])
        private static let other = EnginePosition(moves: ["d2d4", "d7d5"])

        private func withEngine<Value>(_ body: (UCIEngine) async throws -> Value) async throws -> Value {
            try await using(UCIEngine.launch(), close: { await $0.shutdown() }, body: body)
        }

        @Test func tellsItsName() async throws {
            try await withEngine { #expect(await $0.name.contains("Stockfish")) }
        }

        @Test func equalSearchesAreEqualWhateverComesBetween() async throws {
            try await withEngine { engine in
                let first = try await engine.search(Self.opening, nodes: 40_000)
                #expect(first.best.map { UCIMove.isWellFormed($0) } == true)
                #expect(first.nodes >= 40_000)
                #expect(try await engine.search(Self.opening, nodes: 40_000) == first)
                _ = try await engine.search(Self.other, nodes: 30_000, multiPV: 3)
                _ = try await engine.inspect(Self.other)
                #expect(try await engine.search(Self.opening, nodes: 40_000) == first)
            }
        }

        @Test func aFreshProcessAnswersAsAnOldOne() async throws {
            let first = try await withEngine { try await $0.search(Self.opening, nodes: 20_000, multiPV: 2) }
            let second = try await withEngine { engine in
                _ = try await engine.search(Self.other, nodes: 20_000)
                return try await engine.search(Self.opening, nodes: 20_000, multiPV: 2)
            }
            #expect(first == second)
        }

        @Test func severalLinesAreDifferentAndRanked() async throws {
            try await withEngine { engine in
                let result = try await engine.search(Self.opening, nodes: 10_000, multiPV: 3)
                #expect(result.lines.count == 3)
                #expect(Set(result.lines.map(\.move)).count == 3)
                #expect(result.best == result.lines.first?.move)
            }
        }

        @Test func noLegalMoveIsNoMove() async throws {
            try await withEngine { engine in
                let mated = EnginePosition(moves: ["f2f3", "e7e5", "g2g4", "d8h4"])
                let result = try await engine.search(mated, nodes: 1_000)
                #expect(result.best == nil)
                #expect(result.lines.isEmpty)
            }
        }

        @Test func aCancelledSearchEndsAndLeavesACleanEngine() async throws {
            try await withEngine { engine in
                let expected = try await engine.search(Self.opening, nodes: 20_000)
                for _ in 0..<5 {
                    // Far too large to end by itself within the time limit of this suite.
                    let task = Task { try await engine.search(Self.opening, nodes: 10_000_000_000) }
                    try await Task.sleep(for: .milliseconds(20))
                    task.cancel()
                    let failure = await #expect(throws: EngineFailure.self) { try await task.value }
                    #expect(failure?.kind == .cancelled)
                    #expect(try await engine.search(Self.opening, nodes: 20_000) == expected)
                }
            }
        }

        @Test func aSearchCancelledAtAnyMomentOfItsStartEnds() async throws {
            try await withEngine { engine in
                // The commands before the search take about a millisecond: cancel before, during and after.
                for delay in 0..<60 {
                    let task = Task { try await engine.search(Self.opening, nodes: 10_000_000_000) }
                    try await Task.sleep(for: .microseconds(delay * 50))
                    task.cancel()
                    await #expect(throws: EngineFailure.self) { try await task.value }
                }
                let result = try await engine.search(Self.opening, nodes: 1_000)
                #expect(result.best != nil)
            }
        }

        @Test func twoSearchesAtATimeAreRefused() async throws {
            try await withEngine { engine in
                let first = Task { try await engine.search(Self.opening, nodes: 10_000_000_000) }
                try await Task.sleep(for: .milliseconds(50))
                let failure = await #expect(throws: EngineFailure.self) {
                    try await engine.search(Self.other, nodes: 10)
                }
                #expect(failure?.kind == .busy)
                first.cancel()
                _ = await first.result
            }
        }

        @Test func aKilledEngineIsReportedAsDead() async throws {
            try await withEngine { engine in
                let task = Task { try await engine.search(Self.opening, nodes: 10_000_000_000) }
                try await Task.sleep(for: .milliseconds(50))
                kill(engine.processID, SIGKILL)
                let failure = await #expect(throws: EngineFailure.self) { try await task.value }
                #expect(failure?.kind == .died)
                #expect(failure?.message.contains("signal 9") == true)
                #expect(!engine.isRunning)
                let next = await #expect(throws: EngineFailure.self) {
                    try await engine.search(Self.opening, nodes: 10)
                }
                #expect(next?.kind == .died)
            }
        }

        @Test func shutdownEndsARunningSearchAndTheProcess() async throws {
            let engine = try await UCIEngine.launch()
            let task = Task { try await engine.search(Self.opening, nodes: 10_000_000_000) }
            try await Task.sleep(for: .milliseconds(50))
            await engine.shutdown()
            #expect(!exists(engine.processID))
            let failure = await #expect(throws: EngineFailure.self) { try await task.value }
            #expect(failure?.kind == .closed)
        }

        @Test func anEngineThatNobodyHoldsEnds() async throws {
            var engine: UCIEngine? = try await UCIEngine.launch()
            let processID = try #require(engine?.processID)
            #expect(exists(processID))
            engine = nil
            while exists(processID) { try await Task.sleep(for: .milliseconds(5)) }
        }

        @Test func theSpeculatorsProcessIsNice() async throws {
            let engine = try await UCIEngine.launch(UCIEngine.Options(niceness: 7))
            let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(engine.processID)) == max(own, 7))
            await engine.shutdown()
        }
    }
}

@Suite(.timeLimit(.minutes(20)))
struct NoEngineTests {
    @Test func aMissingProgramIsNamedWithItsRemedy() async throws {
        for program in ["no-such-engine", "/no/such/engine", "/usr"] {
            let failure = await #expect(throws: EngineFailure.self) {
                try await UCIEngine.launch(UCIEngine.Options(program: program))
            }
            #expect(failure?.kind == .missing)
            #expect(failure?.message.contains(program) == true)
            #expect(failure?.remedy?.contains("apt install stockfish") == true)
        }
    }

    @Test func aProgramThatIsNoEngineIsFoundOut() async throws {
        let failure = await #expect(throws: EngineFailure.self) {
            try await UCIEngine.launch(UCIEngine.Options(program: "/bin/true"))
        }
        #expect(failure?.kind == .protocolViolation)
    }

    @Test func aProcessThatIgnoresTheInterruptIsKilled() async throws {
        let process = try EngineProcess(executable: "/bin/sleep", arguments: ["1000"])
        let task = Task { () async throws(EngineFailure) in
            try await process.exchange(["go"], interrupt: "stop", grace: .milliseconds(50)) { $0 == "bestmove" }
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        let failure = await #expect(throws: EngineFailure.self) { try await task.value }
        #expect(failure?.kind == .died)
        #expect(failure?.message.contains("no answer") == true)
        await process.waitUntilGone()
        #expect(!exists(process.processID))
    }

    @Test func aProcessEndsWithItsInput() async throws {
        let process = try EngineProcess(executable: "/bin/cat")
        let lines = try await process.exchange(["one", "two", "three"]) { $0 == "three" }
        #expect(lines == ["one", "two", "three"])
        process.closeInput()
        await process.waitUntilGone()
        #expect(!exists(process.processID))
        let failure = await #expect(throws: EngineFailure.self) { try await process.exchange(["four"]) { _ in true } }
        #expect(failure?.message.contains("status 0") == true)
    }

    @Test func talkingToADeadProcessFailsAndDoesNotKillUs() async throws {
        for _ in 0..<50 {
            let process = try EngineProcess(executable: "/bin/true")
            await #expect(throws: EngineFailure.self) { try await process.exchange(["hello"]) { _ in false } }
            await process.waitUntilGone()
        }
    }

    @Test func descendantsEndWithTheProcess() async throws {
        let process = try EngineProcess(executable: "/bin/sh", arguments: ["-c", "sleep 1000 & echo $!; cat"])
        let lines = try await process.exchange([]) { !$0.isEmpty }
        let descendant = try #require(Int32(lines[0]))
        process.kill(because: EngineFailure(.closed, ""))
        await process.waitUntilGone()
        // Whoever adopts it collects it; until then it is a zombie.
        while exists(descendant), !isZombie(descendant) { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func isZombie(_ processID: Int32) -> Bool {
        guard let file = fopen("/proc/\(processID)/stat", "r") else { return true }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        let count = fread(&buffer, 1, 255, file)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self).contains(") Z")
    }
}
