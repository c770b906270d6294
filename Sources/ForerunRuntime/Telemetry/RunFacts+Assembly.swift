import ForerunCore
import ForerunEndpoints
import ForerunStore
import ForerunTelemetry

extension RunFacts {
    /// What is known of a run that is put together.
    init(_ run: PreparedRun) {
        let assembly = run.assembly
        self.init(id: run.id, agent: run.resolved.agent?.name ?? "agent", mode: run.mode.rawValue)
        description = run.resolved.agent?.description
        roles = assembly.program.roles
        tools = assembly.tools
        callID = { CallID.text(turn: $0, call: $1) }
        for (role, actor) in assembly.actors {
            actors[role] = actor.model.id
            for plan in [actor] + actor.substitutes { learn(plan.model.id, run.resolved.configuration) }
        }
        for plan in assembly.speculators { if let model = plan.model { learn(model, run.resolved.configuration) } }
        guard let earlier = run.request.continuing else { return }
        switch earlier.kind {
        case .resumed: isResumed = true
        case .forked: forkOf = earlier.run.description
        }
        history = earlier.path?.transcript(assembly.program.entry(for:)).entries ?? []
    }

    private mutating func learn(_ id: String, _ configuration: Configuration) {
        guard let name = ModelName(id) else { return }
        guard let endpoint = configuration.endpoints[name.endpoint] else {
            models[id] = Model(name: name.model, provider: name.endpoint, streams: false)
            return
        }
        let (address, port) = Self.server(endpoint.configuration.baseURL)
        models[id] = Model(
            name: name.model, provider: endpoint.preset.flatMap { Self.providers[$0] } ?? name.endpoint,
            address: address, port: port)
    }

    /// What the conventions call the providers that we have presets for.
    private static let providers = [
        "openai": "openai", "anthropic": "anthropic", "gemini": "gcp.gemini", "azure": "azure.ai.openai",
        "groq": "groq", "deepseek": "deepseek", "mistral": "mistral_ai",
    ]

    /// Host and port of an address, without who is named in it.
    static func server(_ url: String) -> (address: String?, port: Int?) {
        guard let scheme = url.firstRange(of: "://") else { return (nil, nil) }
        var host = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        let standard = url.lowercased().hasPrefix("https:") ? 443 : 80
        // A colon in brackets is one of an IPv6 address.
        guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") else {
            return (host.isEmpty ? nil : String(host), standard)
        }
        return (String(host[..<colon]), Int(host[host.index(after: colon)...]) ?? standard)
    }
}

extension RunTelemetry {
    /// Takes what is of interest of a notice.
    func observe(_ notice: RunNotice) {
        switch notice {
        case .event(let event, let time): add(event, at: time)
        case .fact(let fact):
            switch fact["type"]?.stringValue {
            case "run.opened":
                begin(with: fact["opening"]?.arrayValue?.compactMap(\.stringValue) ?? [], at: 0)
            case "run.reopened": begin(with: [], at: fact["time"]?.doubleValue ?? 0)
            default: break
            }
        // Words, and what is known from events.
        default: break
        }
    }

    /// The run is over. Waits a little until what it reported is out.
    ///
    /// - Returns: what was lost, in a sentence; `nil`: nothing.
    func finish(_ report: RunReport) async -> String? {
        let outcome = RunOutcome(
            end: report.end.label, failure: report.end.failure, seconds: report.seconds,
            savedSeconds: report.savedSeconds, ledger: report.ledger, statistics: report.statistics)
        return await finish(outcome, at: report.seconds)
    }
}

extension RunEnd {
    /// What failed, in one of few words, and in words for people; never those of a server.
    fileprivate var failure: (type: String, message: String)? {
        switch self {
        case .finished, .limit, .interrupted: nil
        case .endpointFailed(let failure):
            (WorkSignal.Failure(failure.kind.description).kind, failure.kind.description)
        case .environmentFailed: ("environment_failed", label)
        }
    }
}
