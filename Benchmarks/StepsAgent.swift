import ForerunCore
import ForerunEndpoints
import ForerunRuntime
import ForerunSpeculators
import Foundation

/// The agent of the benchmarks: 20 steps of one trivial tool, against a server that plays a script.
struct StepsAgent: Sendable {
    let url: String
    var mode = SpeculationPolicy.Mode.full
    var width = 1
    var depth = 8
    var slots = SlotKeeper()

    func run(task: String) async throws -> RunReport {
        var endpoint = EndpointConfiguration(name: "mock", baseURL: url)
        endpoint.concurrency = 1000
        slots.declare(endpoint.concurrency, of: .endpoint("mock"))
        let environment = NoteEnvironment()
        let role = ModelRequest.Role(name: "actor", instructions: "Note every step.", tools: environment.tools)
        let actor = try OpenAIChatModel("actor", at: endpoint)
        let small = try OpenAIChatModel("speculator", at: endpoint)
        let template = try String(contentsOfFile: Self.prompt, encoding: .utf8)
        let speculator = try ModelSpeculator(model: small, template: template)
        let plan = RunPlan(
            program: ReActProgram(role: role), environment: environment,
            book: try ToolBook(
                tools: environment.tools, environment: environment, permissions: Permissions([.init("*", .allow)])),
            actors: ["actor": RunPlan.ActorPlan(actor, resource: .endpoint("mock"))],
            speculators: mode == .off ? [] : [RunPlan.SpeculatorPlan(speculator, resource: .endpoint("mock"))],
            policy: SpeculationPolicy(mode: mode, width: width, depth: depth, maxExtraCost: .unlimited), task: task)
        let report = await LiveRun(plan, slots: slots).run()
        guard report.end == .finished, report.statistics.turns == 21 else {
            throw BenchmarkError("a run ended \(report.end) after \(report.statistics.turns) turns")
        }
        return report
    }

    private static let prompt =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Prompts/speculator.mustache"
}
