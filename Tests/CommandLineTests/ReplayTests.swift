import ForerunCore
import Glibc
import Testing

/// `forerun replay`.
struct ReplayTests {
    /// A list of OpenAI messages: the agent reads two files, one after the other, and answers.
    private static let log = """
        [{"role": "user", "content": "What do the files say?"},
         {"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function",
           "function": {"name": "read_file", "arguments": "{\\"path\\": \\"a.txt\\"}"}}]},
         {"role": "tool", "tool_call_id": "a", "content": "see b.txt"},
         {"role": "assistant", "content": null, "tool_calls": [{"id": "b", "type": "function",
           "function": {"name": "read_file", "arguments": "{\\"path\\": \\"b.txt\\"}"}}]},
         {"role": "tool", "tool_call_id": "b", "content": "nothing"},
         {"role": "assistant", "content": "Nothing."}]
        """
    private static let laws = ["--actor-latency", "fixed:1", "--tool-latency", "fixed:0.5"]

    @Test func aLogIsReplayedAndTheAnswerIsPlain() async throws {
        let home = try TemporaryHome(files: ["run.json": Self.log])
        let perfect = try await Program.run(
            ["replay", "run.json", "--speculators", "oracle", "--svg", "plots.svg"] + Self.laws, in: home)
        #expect(perfect.status == 0 && perfect.error.isEmpty, "\(perfect.error)")
        #expect(perfect.output.contains("1 runs, 3 turns, 2 calls"), "\(perfect.output)")
        #expect(perfect.lines.last?.hasPrefix("Perfect guesses would save 50.0 %") == true, "\(perfect.output)")
        #expect(home.read("plots.svg")?.contains("</svg>") == true)
        let off = try await Program.run(["replay", "run.json", "--mode", "off"] + Self.laws, in: home)
        #expect(off.status == 0 && off.output.contains("Nothing ran ahead in this mode"), "\(off.output)\(off.error)")
    }

    @Test func jsonLinesEndWithASummaryAndASeedRepeatsThem() async throws {
        let home = try TemporaryHome(files: ["run.json": Self.log, "other.json": Self.log])
        let arguments = [
            "replay", "run.json", "--train", "other.json", "--json", "--mode", "tools", "--seed", "7",
            "--actor-latency", "lognormal:1,3", "--tool-latency", "exponential:0.5",
        ]
        let first = try await Program.run(arguments, in: home)
        let second = try await Program.run(arguments, in: home)
        #expect(first.status == 0 && first.output == second.output, "\(first.error)")
        let objects = try first.lines.map { try JSON(parsing: $0) }
        #expect(objects.last?["type"] == "summary" && objects.last?["runs"] == 1)
        let domain = try #require(objects.first { $0["type"] == "domain" })
        #expect(domain["learntRuns"] == 1 && domain["callsThatMayRunAhead"] == 2)
        let seconds = try #require(domain["seconds"]?.doubleValue)
        #expect(seconds <= domain["secondsInTurn"]?.doubleValue ?? 0)
    }

    @Test(arguments: [
        (["nothing.json"], "nothing.json"), (["run.json", "--tool-latency", "gamma:1"], "lognormal:MEDIAN,P90"),
        (["run.json", "--mode", "fast"], "off, observe, tools, full"),
        (["run.json", "--speculators", "pattern,luck"], "pattern, transition, graph, oracle"),
        (["run.json", "--speculators", "graph,pattern,graph"], "graph twice"),
        (["run.json", "--domain", "shop"], "'shop'"), (["run.json", "--records", "none"], "none"),
        (["run.json", "--assume", "readOnly"], "contained"), (["run.json", "--runs", "0"], "--runs 0"), ([], "paths"),
    ])
    func wrongUseIsNamed(arguments: [String], part: String) async throws {
        let home = try TemporaryHome(files: ["run.json": Self.log])
        let result = try await Program.run(["replay"] + arguments, in: home)
        #expect(result.status == 2 && result.output.isEmpty && result.error.contains(part), "\(result.error)")
    }

    @Test func logsWithoutRunsAndPlotsWithoutRoomFail() async throws {
        let home = try TemporaryHome(files: ["bad.json": "{\"role\": \n", "run.json": Self.log])
        let bad = try await Program.run(["replay", "bad.json"], in: home)
        #expect(bad.status == 1 && bad.error.contains("there is no recorded run in bad.json"), "\(bad.error)")
        let plots = try await Program.run(["replay", "run.json", "--svg", "no/such/plots.svg"], in: home)
        #expect(plots.status == 1 && plots.error.contains("the plots cannot be written"), "\(plots.error)")
    }
}
