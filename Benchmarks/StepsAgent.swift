import ForerunCore
import ForerunEndpoints
import ForerunRuntime
import ForerunSpeculators
import Foundation

/// The agent of the benchmarks: 20 steps of one trivial tool, against a server that plays a script.
struct StepsAgent: Sendable {
    let url: String
    var mode = SpeculationPolicy.Mode.full
    var policy = SpeculationPolicy(width: 1, maxExtraCost: .unlimited)
    /// What the server says of its rate limit is told to the scheduler.
    var hearsRates = false
    var slots = SlotKeeper()
    /// Answers of the script.
    var turns = 21
    /// Requests that the server is told to take at a time.
    var concurrency = 1000
    /// `nil`: none is kept.
    var log: RunLog?

    /// One guess a turn, four turns ahead, where time is all that counts.
    static let deep = SpeculationPolicy(speed: .fastest, width: 1, depth: 4, maxExtraCost: .unlimited)

    func run(task: String) async throws -> RunReport {
        var endpoint = EndpointConfiguration(name: "mock", baseURL: url)
        endpoint.concurrency = concurrency
        slots.declare(endpoint.concurrency, of: .endpoint("mock"))
        let environment = NoteEnvironment()
        let role = ModelRequest.Role(name: "actor", instructions: "Note every step.", tools: environment.tools)
        let rate = Resource.rate("mock", "actor")
        let actor = try endpoint.model("actor", rates: hearsRates ? RateGauge(rate, slots: slots) : nil)
        let small = try OpenAIChatModel("speculator", at: endpoint)
        let template = try String(contentsOfFile: Self.prompt, encoding: .utf8)
        let speculator = try ModelSpeculator(model: small, template: template)
        var own = policy
        own.mode = mode
        var plan = RunPlan(
            program: ReActProgram(role: role), environment: environment,
            book: try ToolBook(
                tools: environment.tools, environment: environment, permissions: Permissions([.init("*", .allow)])),
            actors: ["actor": RunPlan.ActorPlan(actor, resource: .endpoint("mock"), rate: hearsRates ? rate : nil)],
            speculators: mode == .off ? [] : [RunPlan.SpeculatorPlan(speculator, resource: .endpoint("mock"))],
            policy: own, task: task)
        plan.decisions = log?.decisions
        if let log { plan.secure = { durable throws(EnvironmentFailure) in try await log.secure(durable: durable) } }
        let report = await LiveRun(plan, slots: slots) { [log] in log?.append($0) }.run()
        guard report.end == .finished, report.statistics.turns == turns else {
            throw BenchmarkError("a run ended \(report.end) after \(report.statistics.turns) turns")
        }
        return report
    }

    private static let prompt =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Prompts/speculator.mustache"
}
