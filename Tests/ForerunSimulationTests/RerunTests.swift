import ForerunCore
import ForerunSimulation
import ForerunTesting
import Foundation
import Testing

@testable import ForerunStore

/// Simulated runs that are written down as live ones are: their decisions are made again from what was written.
struct RerunTests {
    /// A run with everything that scenarios have: guesses right and wrong, faults, people, changes by others.
    private static func recorded(
        _ seed: UInt64, limit: Int = DecisionLog.limit, change: (inout Scenario) -> Void = { _ in }
    ) throws -> [UInt8] {
        var scenario = Scenario(seed: seed)
        change(&scenario)
        let path = FileManager.default.temporaryDirectory.path + "/forerun-rerun-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let log = DecisionLog(path: path, limit: limit)
        var start = CoreStart(
            SimulationDriver.setup(scenario), .new(opening: [SimulationDriver.opening]), experience: Experience())
        let tools = [Effect.readOnly, .contained].map { Resource.tool("act", $0, of: RunID(1)) }
        start.capacities = [.endpoint("actor"): scenario.actorSlots]
        start.reserve = [.endpoint("actor"): 1]
        for tool in tools {
            start.capacities[tool] = scenario.toolSlots
            start.reserve[tool] = 4
        }
        let (recorder, tree) = try #require(DecisionRecorder.begin(log, start))
        let keeper = Keeper(recorder)
        var driver = SimulationDriver(scenario)
        driver.play(tree) { event, time, tree, slots in
            keeper.recorder.step(event, at: Int((time * 1e9).rounded()), &tree) { $0(&slots) }
        }
        driver.run()
        keeper.recorder.end()
        log.handOver()
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    private final class Keeper {
        var recorder: DecisionRecorder
        init(_ recorder: DecisionRecorder) { self.recorder = recorder }
    }

    @Test func theSameDecisionsAreMadeAgain() async throws {
        let first = UInt64.random(in: 0..<1_000_000)
        var steps = 0
        for seed in first..<first + 150 {
            // Other tests, which wait for servers, have their turn.
            await Task.yield()
            let again = Rerun(try Self.recorded(seed)) { _ in steps += 1 }
            #expect(again.isSame && again.isWhole && again.damage == nil, "seed \(seed)")
            #expect(again.grantedOtherwise == 0, "seed \(seed)")
        }
        #expect(steps > 5_000)
    }

    /// Each rule of the core is switched off once: decisions of some run come out otherwise, and where is named.
    @Test func aCoreWithAnotherRuleIsNoticed() async throws {
        var open = MutantTests.mutants.filter { $0.reserve == .width }
        for seed in UInt64(0)..<600 where !open.isEmpty {
            await Task.yield()
            let bytes = try Self.recorded(seed)
            open.removeAll { mutant in
                var rules = Rules()
                mutant.change(&rules)
                let again = Rerun(bytes, rules: rules)
                // One rule is for the scheduler only, whose answers were kept: that it would give others is counted.
                return again.difference.map { $0.line > 1 && !$0.kinds.isEmpty } ?? (again.grantedOtherwise > 0)
            }
        }
        #expect(open.map(\.testDescription) == [])
    }

    /// A file that breaks off anywhere is read up to there, and what is read is the same.
    @Test func aFileThatBreaksOffIsReadUpToThere() throws {
        let bytes = try Self.recorded(11)
        let whole = Rerun(bytes)
        #expect(whole.isSame && whole.events > 20)
        for end in stride(from: 0, to: bytes.count, by: 97) {
            let part = Rerun(Array(bytes[..<end]))
            #expect(part.difference == nil && part.damage == nil && !part.isWhole, "\(end)")
            #expect(part.events <= whole.events)
        }
    }

    /// Whatever stands in a file, nothing traps, and what cannot be read is named.
    @Test func garbledFilesAreNamed() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let bytes = try Self.recorded(23)
        let lines = bytes.count { $0 == UInt8(ascii: "\n") }
        var damaged = 0
        for _ in 0..<300 {
            await Task.yield()
            var garbled = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<garbled.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: garbled[place] = UInt8.random(in: 0 ... .max, using: &random)
                case 1: garbled[place] = UInt8(ascii: "0") + UInt8.random(in: 0..<10, using: &random)
                case 2: garbled.removeSubrange(place..<min(garbled.count, place + 40))
                default:
                    garbled.insert(contentsOf: garbled[place..<min(garbled.count, place + 60)], at: place)
                }
            }
            let again = Rerun(garbled)
            if let damage = again.damage {
                damaged += 1
                #expect(damage.line >= 1 && damage.line <= lines + 200 && !damage.reason.isEmpty, "seed \(seed)")
            }
        }
        #expect(damaged > 50, "seed \(seed)")
    }

    @Test func aFileDoesNotGrowForEver() throws {
        let whole = try Self.recorded(11)
        let bytes = try Self.recorded(11, limit: whole.count / 2)
        #expect(bytes.count <= whole.count / 2)
        let again = Rerun(bytes)
        #expect(again.isSame && again.isCut && !again.isWhole && again.damage == nil)
        #expect(again.events > 0 && again.events < Rerun(whole).events)
    }

    @Test func anotherVersionIsNamed() throws {
        let text = String(decoding: try Self.recorded(11), as: UTF8.self)
        let later = text.replacingOccurrences(of: #""version":1,"#, with: #""version":2,"#)
        #expect(later != text)
        let again = Rerun(Array(later.utf8))
        #expect(again.damage?.line == 1 && again.damage?.reason.contains("newer") == true && again.parts == 0)
    }

    /// What a killed process left is passed over where the run was gone on with.
    @Test func aTornLineBeforeAnotherPartIsPassedOver() throws {
        let (first, second) = (try Self.recorded(11), try Self.recorded(12))
        let torn = Array(first[..<(first.count * 2 / 3)])
        let again = Rerun(torn + [UInt8(ascii: "\n")] + second)
        #expect(again.isSame && again.isWhole && again.parts == 2 && again.damage == nil)
    }
}
