import Testing

@testable import ForerunRuntime

struct PatternLibraryTests {
    private static func line(_ number: Int) -> String {
        #"{"id":"\#(number)","source":"here","domain":"shop","tools":[],"events":["#
            + #"{"type":"user","text":"I am user_\#(number)."},{"type":"assistant","text":"","turn":1},"#
            + #"{"type":"tool_call","name":"find","arguments":{"user":"user_\#(number)"},"call_id":"c1","turn":1},"#
            + #"{"type":"tool_result","call_id":"c1","name":"find","result":"fine"}]}"#
    }

    @Test func whatWasLearntBeforeAStopIsKept() throws {
        let scene = try Scene()
        try scene.write("runs.jsonl", (0..<3).map(Self.line).joined(separator: "\n"))
        let variables = ["XDG_DATA_HOME": scene.root + "/data"]
        let library = try #require(try PatternLibrary.open(variables, makes: true))
        var asked = 0
        let stopped = try library.learn(
            [scene.root + "/runs.jsonl"], agent: nil,
            isStopped: {
                asked += 1
                return asked > 2
            }, onProgress: { _ in })
        #expect(stopped.first == "learnt from 2 runs with 2 calls")
        #expect(stopped.last?.hasPrefix("interrupted") == true)
        #expect(try library.lines().contains { $0.hasPrefix("shop  2 runs, 2 calls") })
        let rest = try library.learn([scene.root + "/runs.jsonl"], agent: nil, onProgress: { _ in })
        #expect(rest.first == "learnt from 1 runs with 1 calls" && rest.contains("2 runs were known already"))
        #expect(!rest.contains { $0.hasPrefix("interrupted") })
    }
}
