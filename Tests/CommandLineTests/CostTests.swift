import ForerunCore
import Testing

/// `forerun cost`.
struct CostTests {
    private static let prices = """
        endpoints:
          mock: {models: {actor: {price: {input: 10, cached: 1, output: 20, asOf: 2026-11-01}}}}
        """

    @Test func whatRunsTookIsToldByModelRoleAndOutcome() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.writing) { flags in
            for mode in ["off", "full"] {
                let run = try await Program.run(["run", "coder", "Do it.", "--mode", mode] + flags, in: home)
                #expect(run.status == 0, "\(run.error)")
            }
            try home.configure(Self.prices)
            let run = try await Program.run(["run", "coder", "Do it.", "--json"] + flags, in: home)
            #expect(run.status == 0, "\(run.error)")
            let completed = try JSON(parsing: try #require(run.lines.last))
            let result = try await Program.run(["cost", "--json"], in: home)
            #expect(result.status == 0, "\(result.error)")
            let objects = try result.lines.map { try JSON(parsing: $0) }
            #expect(objects.count == 4)
            #expect(objects.dropLast().allSatisfy { $0["end"] == "finished" && $0["agent"] == "coder" })
            let last = objects[2]
            // The same sums as the run's own report.
            let committed = last["costs"]?.arrayValue?.filter {
                ["committed", "ahead"].contains($0["outcome"]?.stringValue)
            }
            #expect(
                committed?.reduce(0) { $0 + ($1["usage"]?["input"]?.intValue ?? 0) }
                    == completed["usage"]?["input"]?.intValue)
            let money = committed?.reduce(0) { $0 + ($1["money"]?["USD"]?.doubleValue ?? 0) } ?? 0
            #expect(abs(money - (completed["cost"]?.doubleValue ?? -1)) < 1e-6 && money > 0)
            let total = try #require(objects.last?["total"])
            #expect(total["requests"]?.intValue ?? 0 >= 9)
            #expect(total["unpriced"]?.intValue ?? 0 >= 6)
            let text = try await Program.run(["cost"], in: home)
            #expect(
                text.lines.first?.split(separator: " ").map(String.init).prefix(4) == [
                    "model", "role", "outcome", "requests",
                ])
            #expect(
                text.lines.contains { $0.hasPrefix("mock/actor  actor  committed") && $0.hasSuffix("USD and unknown") },
                "\(text.output)")
            #expect(text.output.contains("3 runs\n"))
            #expect(text.output.contains("set endpoints.NAME.models.MODEL.price"))
            let one = try await Program.run(["cost", "--latest", "1"], in: home)
            #expect(one.output.contains("1 run\n") && !one.output.contains("unknown"), "\(one.output)")
            let named = try await Program.run(["cost", try #require(last["run"]?.stringValue)], in: home)
            #expect(named.output == one.output)
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let home = try TemporaryHome()
        let none = try await Program.run(["cost"], in: home)
        #expect(none.status == 0 && none.error == "no run was recorded yet\n")
        let missing = try await Program.run(["cost", "20260101-000000-0000"], in: home)
        #expect(missing.status == 1)
        #expect(missing.error.hasPrefix("forerun: error: there is no run 20260101-000000-0000\n"))
        #expect(try await Program.run(["cost", "x", "--latest", "1"], in: home).status == 2)
    }

    @Test func logsFromBeforeHaveTheirAnswers() async throws {
        let home = try TemporaryHome()
        try home.write(
            "old.jsonl",
            """
            {"type":"run.started","version":1,"id":"old","agent":"coder"}
            {"type":"turn.taken","turn":0,"role":"actor","usage":{"input":5,"cached":0,"output":2,"reasoning":0},"ahead":true}
            broken

            """)
        let result = try await Program.run(["cost", "old.jsonl"], in: home)
        #expect(result.status == 0, "\(result.error)")
        #expect(
            result.lines.contains { $0.hasPrefix("unknown  actor  ahead") && $0.hasSuffix("unknown") },
            "\(result.output)")
        #expect(result.output.contains("1 without an end in the log"))
    }
}
