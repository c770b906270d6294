import ForerunChess
package import ForerunCore
import ForerunEndpoints
import ForerunSpeculators
import ForerunWorkspace

/// The parts of one run, as the configuration names them.
package struct Assembly: Sendable {
    package let settings: AgentSettings
    package let environment: any ForerunCore.Environment
    /// The environment, where it is a workspace.
    let workspace: WorkspaceEnvironment?
    let program: any Program
    private let isConversation: Bool
    let actors: [String: RunPlan.ActorPlan]
    let speculators: [RunPlan.SpeculatorPlan]
    /// Those of the environment's tools that the agent gets.
    package let tools: [Tool]
    let learned: LearnedState
    /// Why no question is asked ahead; `nil`: the mode decides.
    package let restriction: String?
    /// Frees what the parts hold: engine processes.
    let shutDown: @Sendable () async -> Void

    init(
        _ request: RunRequest, _ resolved: ResolvedConfiguration, runtime: AgentRuntime
    ) throws(RunFailure) {
        var settings = resolved.settings
        (environment, workspace) = Self.makeEnvironment(request, settings)
        tools = try Self.chosenTools(environment.tools, settings)
        let instructions = request.continuing?.instructions ?? Self.instructions(request, resolved, settings)
        let roles = Self.roleNames(settings).map { [tools, settings] name in
            ModelRequest.Role(
                name: name, instructions: instructions, tools: tools,
                options: settings.sampling)
        }
        program =
            switch settings.program {
            case .alternating: AlternatingProgram(roles: roles)
            case .react:
                ReActProgram(
                    role: roles[0], commentary: settings.commentary == .keep ? .keep : .drop,
                    isConversation: request.isConversation)
            }
        isConversation = request.isConversation
        var models = ModelMaker(request, resolved, runtime: runtime)
        var actors: [String: RunPlan.ActorPlan] = [:]
        for role in roles {
            let casting: Casting
            do throws(ConfigurationError) {
                casting = try resolved.actor(of: role.name)
            } catch {
                throw .configuration(error)
            }
            var actor = try models.actor(casting.first)
            for name in casting.substitutes { actor.substitutes.append(try models.actor(name)) }
            actors[role.name] = actor
        }
        self.actors = actors
        let reason = LookAheadRestriction.reason(program, actors.values.map(\.model))
        restriction = settings.speculation.policy.mode == .full ? reason : nil
        settings.speculation.policy = settings.speculation.policy.restricted(reason)
        self.settings = settings
        learned = LearnedState(
            agent: resolved.agent?.name ?? "agent", workspace: request.workspace, variables: request.variables,
            isKept: request.keepsLog)
        speculators = try models.speculators(learned)
        let engines = models.engines
        shutDown = { for engine in engines { await engine() } }
    }

    /// What the live driver needs.
    func plan(
        task: String?, book: any CallBook, mode: SpeculationPolicy.Mode?, experience: Experience
    ) -> RunPlan {
        var policy = settings.speculation.policy
        if let mode { policy.mode = mode }
        var plan = RunPlan(
            program: program, environment: environment, book: book, actors: actors,
            speculators: policy.mode == .off ? [] : speculators, policy: policy, limits: settings.limits, task: task,
            experience: experience, restriction: mode == nil ? restriction : nil)
        plan.isConversation = isConversation
        return plan
    }

    // MARK: - Parts

    private static func roleNames(_ settings: AgentSettings) -> [String] {
        guard settings.program == .alternating else { return ["actor"] }
        return settings.actors.isEmpty ? ["first", "second"] : settings.actors.names
    }

    private static func makeEnvironment(
        _ request: RunRequest, _ settings: AgentSettings
    ) -> (any ForerunCore.Environment, WorkspaceEnvironment?) {
        switch settings.environment.kind {
        case .chess:
            let options = ChessEnvironment.Options(
                maxPlies: settings.environment.maxPlies, rulesEngine: settings.engine.path)
            return (ChessEnvironment(options), nil)
        case .workspace:
            var options = WorkspaceOptions()
            options.network = settings.environment.network
            options.sandbox =
                WorkspaceOptions.SandboxMode(rawValue: settings.environment.sandbox.rawValue) ?? .preferred
            // Without look-ahead, changes are made in place: the sequential agent, with nothing in between.
            options.direct = [.off, .observe].contains(settings.speculation.policy.mode)
            if request.workspaceCopy != nil { options.presentedPath = request.workspace }
            options.commits.isSynchronized = true
            switch settings.environment.sharing {
            case .share: options.commits.sharing = .share
            case .wait: options.commits.sharing = .wait
            case .refuse: options.commits.sharing = .refuse
            }
            options.commits.onSettled = RunLog.settling(request.variables, request.continuing?.log)
            options.permission = { [permissions = settings.permissions] tool, subject in
                permissions.decision(tool: tool, subject: subject, standard: .allow)
            }
            let workspace = WorkspaceEnvironment(request.workspaceCopy ?? request.workspace, options: options)
            return (workspace, workspace)
        case .none: return (NoEnvironment(), nil)
        }
    }

    private static func chosenTools(_ all: [Tool], _ settings: AgentSettings) throws(RunFailure) -> [Tool] {
        guard let names = settings.tools else { return all }
        for name in names where !all.contains(where: { $0.name == name }) {
            throw .configuration(
                ConfigurationError(
                    .unknownValue, "the environment has no tool “\(name)”",
                    remedy: Suggestion.remedy(for: name, among: all.map(\.name))))
        }
        return all.filter { names.contains($0.name) }
    }

    /// The agent's instructions; in a workspace, those of the nearest AGENTS.md join them.
    private static func instructions(
        _ request: RunRequest, _ resolved: ResolvedConfiguration, _ settings: AgentSettings
    ) -> String {
        let own = resolved.agent?.instructions ?? ""
        guard settings.environment.kind == .workspace,
            let local = AgentsInstructions.nearest(to: request.workspace)
        else { return own }
        return own + "\n\n# Instructions of this workspace (AGENTS.md)\n\n" + local.text
    }
}
