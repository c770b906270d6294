import ForerunCore
import Foundation
import Testing

@testable import ForerunLearning

struct LearningTests {
    /// Counts calls by name: what was learnt can be read off.
    struct Counts: LearnedModel {
        var numbers: [String: Int] = [:]

        init() {}

        struct Damaged: Error {}

        init(content: [UInt8]) throws {
            for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
                let fields = line.split(separator: " ")
                guard fields.count == 2, let count = Int(fields[1]) else { throw Damaged() }
                numbers[String(fields[0])] = count
            }
        }

        var content: [UInt8] { numbers.sorted { $0.key < $1.key }.flatMap { Array("\($0.key) \($0.value)\n".utf8) } }

        mutating func learn(_ run: RecordedRun, from first: Int) {
            for step in run.steps.dropFirst(first) {
                for call in step.calls { numbers[call.call.name, default: 0] += 1 }
            }
        }
    }

    private let place: String
    private let path: String

    init() throws {
        place = FileManager.default.temporaryDirectory.path + "/forerun-tests-\(UUID().uuidString)"
        path = place + "/learned.sqlite"
        try FileManager.default.createDirectory(atPath: place + "/logs", withIntermediateDirectories: true)
    }

    private func write(_ name: String, calls: [String]) throws {
        var lines = [#"{"role":"user","content":"Go."}"#]
        for (number, call) in calls.enumerated() {
            lines.append(
                #"{"role":"assistant","content":null,"tool_calls":[{"id":"c\#(number)","type":"function","function":{"name":"\#(call)","arguments":"{}"}}]}"#
            )
            lines.append(#"{"role":"tool","tool_call_id":"c\#(number)","content":"ok"}"#)
        }
        try ("[" + lines.joined(separator: ",\n") + "]").write(
            toFile: "\(place)/logs/\(name)", atomically: true, encoding: .utf8)
    }

    private func learn(flushCalls: Int = 20_000, steps: Int = .max) throws -> Learning<Counts>.Outcome {
        var learning = try Learning<Counts>(
            [place + "/logs"], into: LearnedStore(path: path), flushCalls: flushCalls)
        var count = 0
        while count < steps, try learning.step(time: 1) { count += 1 }
        return learning.outcome
    }

    private func known(_ agent: String = LearnedStore.everyone) throws -> [String: Int] {
        try LearnedStore(path: path).model(of: agent).map { try Counts(content: $0).numbers } ?? [:]
    }

    @Test func runsAreLearntOnceAndGrownOnesGoOn() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        try write("a.json", calls: ["look", "look", "write"])
        try write("b.json", calls: ["look"])
        #expect(try learn().runs == 2)
        #expect(try known() == ["look": 3, "write": 1])
        #expect(try learn() == Learning<Counts>.Outcome())
        try write("a.json", calls: ["look", "look", "write", "test", "look"])
        let outcome = try learn()
        #expect(outcome.runs == 1)
        #expect(try known() == ["look": 4, "write": 1, "test": 1])
        let summaries = try LearnedStore(path: path).summaries()
        #expect(summaries.contains { $0.agent == "*" && $0.runs == 2 && $0.calls == 6 })
    }

    @Test func copiesOfALogAreOneRunWithinASessionAsWell() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        for name in ["a.jsonl", "copy.jsonl"] {
            try Fixture.claudeCode.text.write(toFile: "\(place)/logs/\(name)", atomically: true, encoding: .utf8)
        }
        let outcome = try learn()
        #expect(outcome.runs == 1 && outcome.knownRuns == 1)
        #expect(try known() == ["Read": 1, "Grep": 1])
    }

    @Test func anAgentThatIsCalledAsAllAreIsLearntOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        try write("a.json", calls: ["look"])
        var learning = try Learning<Counts>(
            [place + "/logs"], into: LearnedStore(path: path), agent: LearnedStore.everyone)
        while try learning.step(time: 1) {}
        #expect(try known() == ["look": 1])
    }

    @Test func anInterruptedSessionGoesOn() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        for number in 0..<6 { try write("\(number).json", calls: ["look", "write"]) }
        // Each run is kept as soon as it was learnt; the session never ends properly.
        _ = try learn(flushCalls: 1, steps: 4)
        _ = try learn()
        #expect(try known() == ["look": 6, "write": 6])
    }

    /// Each would write back the model that it had read, without what the other one learnt.
    @Test func twoDoNotLearnAtTheSameTime() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        for number in 0..<3 { try write("\(number).json", calls: ["look"]) }
        func begin() throws -> Learning<Counts> {
            try Learning<Counts>([place + "/logs"], into: LearnedStore(path: path))
        }
        do {
            var first = try begin()
            _ = try first.step(time: 1)
            let failure = #expect(throws: LearningError.self) { _ = try begin() }
            #expect(failure?.message.contains("another process is learning into") == true)
            #expect(throws: LearningError.self) { try LearnedStore(path: path).forgetEverything() }
            while try first.step(time: 1) {}
        }
        #expect(try known() == ["look": 3])
        #expect(try learn().runs == 0)
        try LearnedStore(path: path).forgetEverything()
        #expect(try known() == [:])
    }

    @Test func theFileBelongsToTheUser() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        _ = try learn()
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func damagedFilesAndModelsAreSaid() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        try "no database".write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: LearningError.self) { _ = try LearnedStore(path: path) }
        #expect(error?.message.contains("damaged") == true, "\(String(describing: error))")
        try FileManager.default.removeItem(atPath: path)
        try write("a.json", calls: ["look"])
        let store = try LearnedStore(path: path)
        var lesson = LearnedStore.Lesson()
        lesson.models = [LearnedStore.everyone: [1, 2, 3]]
        try store.keep(lesson, time: 1)
        #expect(try learn().begunAnew == [LearnedStore.everyone])
        #expect(try known() == ["look": 1])
        try store.forgetEverything()
        #expect(try known() == [:] && store.bookmarks().isEmpty)
        #expect(throws: LearningError.self) { _ = try LearnedStore(path: "/proc/no/such/place") }
    }

    @Test func twoProcessesShareTheFile() throws {
        defer { try? FileManager.default.removeItem(atPath: place) }
        let (one, two) = (try LearnedStore(path: path), try LearnedStore(path: path))
        var lesson = LearnedStore.Lesson()
        lesson.models = ["a": [1]]
        try one.keep(lesson, time: 1)
        lesson.models = ["b": [2]]
        try two.keep(lesson, time: 2)
        #expect(try one.model(of: "b") == [2] && two.model(of: "a") == [1])
    }
}
