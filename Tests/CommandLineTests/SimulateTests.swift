import ForerunCore
import Testing

/// `forerun simulate`.
struct SimulateTests {
    private static let fleet = """
        agents: 2
        turns: 5
        actor: fixed:1
        guess: fixed:0.1
        accuracy: [1]
        learns: false
        sweep:
          speculation.depth: [1, 4]
          speculation.mode: ["off", full]
        """

    @Test func everyCombinationIsACaseAndTheAnswerIsPlain() async throws {
        let home = try TemporaryHome(files: ["fleet.yaml": Self.fleet])
        let result = try await Program.run(["simulate", "fleet.yaml", "--svg", "fleet.svg"], in: home)
        #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
        #expect(result.lines.first?.hasPrefix("case ") == true)
        // A guess a turn behind the first answer, but for the last turn: 1.4 of 5 seconds.
        #expect(
            result.lines.last?.hasPrefix(
                "Speculation saves 72.0 % at best (speculation.depth=4 speculation.mode=full), for 0.0 %") == true,
            "\(result.output)")
        #expect(home.read("fleet.svg")?.contains("</svg>") == true)
    }

    @Test func jsonLinesHaveACaseEach() async throws {
        let home = try TemporaryHome(files: ["fleet.yaml": Self.fleet])
        let first = try await Program.run(["simulate", "fleet.yaml", "--json"], in: home)
        let second = try await Program.run(["simulate", "fleet.yaml", "--json"], in: home)
        #expect(first.status == 0 && first.output == second.output, "\(first.error)")
        let cases = try first.lines.map { try JSON(parsing: $0) }
        #expect(cases.count == 4 && cases.allSatisfy { $0["agents"] == 2 && $0["failed"]?["on"] == 0 })
        let off = cases.filter { $0["case"]?.stringValue?.hasSuffix("mode=off") == true }
        #expect(off.count == 2 && off.allSatisfy { $0["saved"]?.doubleValue == 0 })
    }

    @Test(arguments: [
        ("agents: 0", "bad.yaml:1: agents must be a whole number from 1 to 100000"),
        ("actor: gamma:2", "bad.yaml:1: actor: “gamma:2” is no law of latencies"),
        ("tool: recorded", "Write fixed:SECONDS"), ("accuracy: [0.7, 0.6]", "with probability 1.3 together"),
        ("speculation: {speed: warp}", "thrifty, balanced or fastest"),
        ("speculation: {maxExtraCost: {ratio: -1}}", "speculation.maxExtraCost.ratio"),
        ("slot: 4", "Did you mean “slots”?"), ("sweep: {agents: 4}", "agents: [1, 2, 4]"),
        ("sweep: {turns: [1, x]}", "turns must be a whole number"), ("agents: [", "bad.yaml:"),
    ])
    func wrongFilesAreNamed(text: String, part: String) async throws {
        let home = try TemporaryHome(files: ["bad.yaml": text])
        let result = try await Program.run(["simulate", "bad.yaml"], in: home)
        #expect(result.status == 3 && result.output.isEmpty && result.error.contains(part), "\(result.error)")
    }

    @Test func aMissingFileIsNamed() async throws {
        let home = try TemporaryHome(files: [:])
        let result = try await Program.run(["simulate", "none.yaml"], in: home)
        #expect(result.status == 3 && result.error.contains("there is no file none.yaml"), "\(result.error)")
    }
}
