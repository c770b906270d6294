import ForerunCore

/// What the agents that are asked about need.
struct Needs: Sendable {
    private(set) var configuration: Configuration?
    private(set) var actors: [ModelName] = []
    private(set) var speculators: [ModelName] = []
    /// Some agent needs a model that nothing names.
    private(set) var wantsActor = false
    private(set) var sandbox = AgentSettings.EnvironmentChoice.Sandbox.preferred
    private(set) var enginePath = AgentSettings.Engine().path
    private(set) var isChess = false

    /// Nothing is known.
    init() {}

    /// - Parameters:
    ///   - agent: `nil`: all agents.
    ///   - report: told of agents that cannot be read.
    init(
        _ layers: ConfigurationLayers, agent: String?, report: (Finding) -> Void
    ) throws(ConfigurationError) {
        let defaults = try layers.resolved()
        configuration = defaults.configuration
        sandbox = defaults.settings.environment.sandbox
        enginePath = defaults.settings.engine.path
        let locator = ResourceLocator(layers.places)
        if let agent {
            let resolved = try layers.resolved(for: AgentDefinition(file: try locator.agent(agent)))
            configuration = resolved.configuration
            sandbox = resolved.settings.environment.sandbox
            enginePath = resolved.settings.engine.path
            isChess = resolved.settings.environment.kind == .chess
            add(resolved.settings)
            return
        }
        let agents = locator.agents()
        if agents.isEmpty {
            let remedy = "Set FORERUN_SHARE to the directory that holds Agents and Prompts"
            report(.failure("agents", Complaint("there are none", remedy: remedy, status: .configuration)))
        }
        for agent in agents {
            do throws(ConfigurationError) {
                add(try layers.resolved(for: AgentDefinition(file: agent.path)).settings)
            } catch {
                report(Finding.failure("agent \(agent.name)", Complaint(error)).asWarning)
            }
        }
        add(defaults.settings, isAgent: false)
    }

    private mutating func add(_ settings: AgentSettings, isAgent: Bool = true) {
        let castings = [settings.actor].compactMap(\.self) + settings.actors.names.compactMap { settings.actors[$0] }
        let named = castings.flatMap(\.models)
        if isAgent, named.isEmpty { wantsActor = true }
        Self.add(named, to: &actors)
        guard settings.speculation.policy.mode != .off else { return }
        let guessing = settings.speculation.namedSpeculators.compactMap { choice -> ModelName? in
            switch choice {
            case .model(let name, _, _), .heads(let name, _), .parts(let name): name
            case .transition, .graph, .engine: nil
            }
        }
        Self.add(guessing + [settings.speculation.model].compactMap(\.self), to: &speculators)
    }

    /// Chess engines are no endpoints: they are looked at apart.
    private static func add(_ names: [ModelName], to list: inout [ModelName]) {
        for name in names where name.endpoint != "engine" && !list.contains(name) { list.append(name) }
    }
}
