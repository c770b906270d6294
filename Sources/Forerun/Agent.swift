@_exported public import ForerunCore
import ForerunRuntime
import ForerunSpeculators

/// An agent: an actor that decides, an environment that it acts in, and speculators that run ahead of it.
public struct Agent: Sendable {
    public var instructions: String
    public var actor: EndpointModel
    public var environment: any ForerunCore.Environment
    /// Small models that guess what the actor does next.
    public var guessing: [EndpointModel]
    /// Speculators of your own.
    public var speculators: [any Speculator]
    /// Turns of the actor, at most.
    public var maxSteps: Int
    /// `false`: one thing after the other, as every other agent does it.
    public var runsAhead: Bool

    public init(
        instructions: String = "", actor: EndpointModel, environment: any ForerunCore.Environment = Toolbox([]),
        guessing: [EndpointModel] = [], speculators: [any Speculator] = [], maxSteps: Int = 200, runsAhead: Bool = true
    ) {
        self.instructions = instructions
        self.actor = actor
        self.environment = environment
        self.guessing = guessing
        self.speculators = speculators
        self.maxSteps = maxSteps
        self.runsAhead = runsAhead
    }

    /// Does a task.
    ///
    /// - Parameter onText: the actor's words as they come, once they are certain.
    /// - Throws: ``AgentError`` where the actor's endpoint or the environment failed, or a limit was reached.
    public func run(
        _ task: String, onText: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(AgentError) -> AgentResult {
        let slots = SharedSlots.keeper
        let live = LiveRun(try plan(task, slots), slots: slots) { notice in
            if case .text(let text, _) = notice { onText(text) }
        }
        let report = await withTaskCancellationHandler {
            await live.run()
        } onCancel: {
            live.interrupt()
        }
        if let error = AgentError(report.end) { throw error }
        return AgentResult(report)
    }

    private func plan(_ task: String, _ slots: SlotKeeper) throws(AgentError) -> RunPlan {
        let role = ModelRequest.Role(name: "actor", instructions: instructions, tools: environment.tools)
        var plans = speculators.map { RunPlan.SpeculatorPlan($0, resource: $0.endpoint.map { Resource.endpoint($0) }) }
        for small in guessing {
            let speculator = try ModelSpeculator.standard(small.model)
            slots.declare(small.concurrency, of: .endpoint(small.endpoint))
            plans.append(
                RunPlan.SpeculatorPlan(speculator, resource: .endpoint(small.endpoint), rate: small.rate))
        }
        slots.declare(actor.concurrency, of: .endpoint(actor.endpoint))
        do {
            let permissions = Permissions([Permissions.Rule("*", .allow)])
            let book = try ToolBook(tools: environment.tools, environment: environment, permissions: permissions)
            return RunPlan(
                program: ReActProgram(role: role), environment: environment, book: book,
                actors: [
                    "actor": RunPlan.ActorPlan(actor.model, resource: .endpoint(actor.endpoint), rate: actor.rate)
                ],
                speculators: plans, policy: SpeculationPolicy(mode: runsAhead ? .full : .off),
                limits: Limits(steps: maxSteps), task: task)
        } catch {
            throw AgentError(.environment, error.description)
        }
    }
}

extension ModelSpeculator {
    /// With the prompt that is shipped.
    fileprivate static func standard(_ model: any Model) throws(AgentError) -> ModelSpeculator {
        do {
            let variables = ProcessVariables.current
            let places = try ConfigurationPlaces(environment: variables, workspace: ".")
            return try ModelSpeculator(model: model, template: try ResourceLocator(places).prompt("speculator"))
        } catch {
            throw AgentError(.configuration, "\(error)")
        }
    }
}
