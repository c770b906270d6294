import ForerunChess
import ForerunCore
import ForerunEndpoints
import ForerunSpeculators
import ForerunTransport
import Foundation

/// Makes the models and speculators that a configuration names, each once.
struct ModelMaker {
    private let request: RunRequest
    private let resolved: ResolvedConfiguration
    private let runtime: AgentRuntime
    private var made: [ModelName: RunPlan.ActorPlan] = [:]
    /// Ends the engine processes that were made.
    private(set) var engines: [@Sendable () async -> Void] = []

    init(_ request: RunRequest, _ resolved: ResolvedConfiguration, runtime: AgentRuntime) {
        self.request = request
        self.resolved = resolved
        self.runtime = runtime
    }

    /// The model of that name, with the slots of its endpoint declared.
    mutating func actor(_ name: ModelName) throws(RunFailure) -> RunPlan.ActorPlan {
        if resolved.configuration.endpoints[name.endpoint]?.configuration.wire == .completions {
            throw .configuration(
                ConfigurationError(
                    .unknownValue, "\(name) cannot act: plain completions make no calls",
                    remedy: "Use it to guess (--speculator), or set endpoints.\(name.endpoint).protocol to chat"))
        }
        return try model(name)
    }

    private mutating func model(_ name: ModelName) throws(RunFailure) -> RunPlan.ActorPlan {
        if let known = made[name] { return known }
        let plan =
            try name.endpoint == Self.engineEndpoint && resolved.configuration.endpoints[name.endpoint] == nil
            ? engine(name) : endpoint(name)
        made[name] = plan
        return plan
    }

    mutating func speculators(_ learned: LearnedState) throws(RunFailure) -> [RunPlan.SpeculatorPlan] {
        var plans: [RunPlan.SpeculatorPlan] = []
        let settings = resolved.settings
        guard settings.speculation.policy.mode != .off else { return [] }
        for choice in settings.speculation.speculators {
            switch choice {
            case .model(let name, let samples, let logprobs):
                // An agent that asks for a model, where the user has named none, goes without.
                guard let name = name ?? settings.speculation.model else { continue }
                plans.append(try modelSpeculator(name, samples, logprobs: logprobs, hints: learned.hints))
            case .heads(let name, let logprobs):
                guard let name = name ?? settings.speculation.model else { continue }
                plans.append(try heads(name, logprobs: logprobs))
            case .parts(let name):
                guard let name = name ?? settings.speculation.model else { continue }
                plans.append(try parts(name))
            case .transition: plans.append(RunPlan.SpeculatorPlan(learned.transitions))
            case .graph: plans.append(RunPlan.SpeculatorPlan(learned.graph))
            case .engine(let nodes):
                let resource = Resource.endpoint("engine speculator")
                let speculator = EngineSpeculator(program: settings.engine.path, nodes: nodes, concurrency: 1)
                engines.append { await speculator.shutdown() }
                runtime.slots.declare(1, of: resource)
                plans.append(RunPlan.SpeculatorPlan(speculator, resource: resource))
            }
        }
        if let patterns = learned.patterns { plans.append(RunPlan.SpeculatorPlan(patterns.speculator)) }
        return plans
    }

    // MARK: - Engines

    private static let engineEndpoint = "engine"

    /// A chess engine in the place of a model: as many at a time as there are processors.
    private mutating func engine(_ name: ModelName) -> RunPlan.ActorPlan {
        let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)
        let settings = resolved.settings.engine
        let model = EngineModel(
            name: name.model, program: settings.path, nodes: settings.nodes, concurrency: processors)
        engines.append { await model.shutdown() }
        let resource = Resource.endpoint(Self.engineEndpoint)
        runtime.slots.declare(processors, of: resource)
        return RunPlan.ActorPlan(model, resource: resource)
    }

    // MARK: - Endpoints

    private func endpoint(_ name: ModelName) throws(RunFailure) -> RunPlan.ActorPlan {
        var configuration: EndpointConfiguration
        do throws(ConfigurationError) {
            configuration = try resolved.configuration.endpoint(of: name)
        } catch {
            throw .configuration(error)
        }
        // A recording is played without keys; one that is there serves to mask it in requests, as it was when recording.
        if case .played = runtime.client.traffic, (try? configuration.key.resolve()) == nil {
            configuration.key = .none
        }
        let resource = Resource.endpoint(name.endpoint)
        runtime.slots.declare(configuration.concurrency, of: resource)
        do throws(ModelFailure) {
            let rate = Resource.rate(name.endpoint, name.model)
            let model = try configuration.model(
                name.model, client: runtime.client, rates: runtime.gauge(of: rate))
            let price = resolved.configuration.endpoints[name.endpoint]?.tariff(of: name.model)?.price
            return RunPlan.ActorPlan(model, resource: resource, price: price, rate: rate)
        } catch {
            throw .model(error)
        }
    }

    /// Heads are asked all at once: they take one slot together, as the server decodes them in one batch.
    private func heads(_ name: ModelName, logprobs: Bool) throws(RunFailure) -> RunPlan.SpeculatorPlan {
        let configuration: EndpointConfiguration
        do throws(ConfigurationError) {
            configuration = try resolved.configuration.endpoint(of: name)
        } catch {
            throw .configuration(error)
        }
        guard configuration.wire == .completions else {
            throw .configuration(
                ConfigurationError(
                    .unknownValue, "\(name) has no heads: they need plain completions",
                    remedy: "Set endpoints.\(name.endpoint).protocol to completions, or use kind: model"))
        }
        let resource = Resource.endpoint(name.endpoint)
        runtime.slots.declare(configuration.concurrency, of: resource)
        do throws(ModelFailure) {
            let rate = Resource.rate(name.endpoint, name.model)
            let client = try CompletionsClient(
                name.model, at: configuration, client: runtime.client, rates: runtime.gauge(of: rate))
            let price = resolved.configuration.endpoints[name.endpoint]?.tariff(of: name.model)?.price
            let speculator = HeadSpeculator(
                EndpointHeads(id: name.description, client: client, logprobs: logprobs))
            return RunPlan.SpeculatorPlan(
                speculator, resource: resource, price: price, model: name.description, rate: rate)
        } catch {
            throw .model(error)
        }
    }

    /// The parts of a call take one slot together, as heads do: as many at a time as a quarter of what the endpoint bears.
    private mutating func parts(_ name: ModelName) throws(RunFailure) -> RunPlan.SpeculatorPlan {
        let plan = try model(name)
        let concurrency = (try? resolved.configuration.endpoint(of: name).concurrency) ?? 1
        return try speculator(of: plan, prompt: "parts") { template throws(ModelSpeculator.TemplateError) in
            try PartsSpeculator(model: plan.model, template: template, parallel: concurrency / 4)
        }
    }

    private mutating func modelSpeculator(
        _ name: ModelName, _ samples: Int, logprobs: Bool, hints: ModelHints
    ) throws(RunFailure) -> RunPlan.SpeculatorPlan {
        let plan = try model(name)
        if logprobs, let wire = try? resolved.configuration.endpoint(of: name).wire,
            wire != .chat, wire != .completions
        {
            throw .configuration(
                ConfigurationError(
                    .unknownValue, "\(name) tells no log-probabilities: its protocol is \(wire.rawValue)",
                    remedy: "Leave logprobs out, or reach the model over chat or completions"))
        }
        return try speculator(of: plan, prompt: "speculator") { template throws(ModelSpeculator.TemplateError) in
            try ModelSpeculator(
                model: plan.model, template: template,
                options: SamplingOptions(maxTokens: 1024, logprobs: logprobs), samples: samples, hints: hints)
        }
    }

    /// A speculator that asks a model in the words of a prompt.
    private func speculator(
        of plan: RunPlan.ActorPlan, prompt: String,
        make: (String) throws(ModelSpeculator.TemplateError) -> any Speculator
    ) throws(RunFailure) -> RunPlan.SpeculatorPlan {
        let template: String
        do throws(ConfigurationError) {
            let places = try ConfigurationPlaces(environment: request.variables, workspace: request.workspace)
            template = try ResourceLocator(places).prompt(prompt)
        } catch {
            throw .configuration(error)
        }
        do throws(ModelSpeculator.TemplateError) {
            return RunPlan.SpeculatorPlan(
                try make(template), resource: plan.resource, price: plan.price, model: plan.model.id, rate: plan.rate)
        } catch {
            throw .configuration(
                ConfigurationError(.syntax, "the prompt “\(prompt)” is no mustache template: \(error)"))
        }
    }
}
