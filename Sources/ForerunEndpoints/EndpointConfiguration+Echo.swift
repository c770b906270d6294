extension EndpointConfiguration {
    /// What the answers of `model` hold that the next request must hold too and nobody can guess, in words; `nil`: nothing,
    /// so that the next request can be formed from a predicted turn alone.
    package func mustEcho(model: String) -> String? {
        switch wire {
        case .anthropic:
            // Thinking that led to a call must come back with its signature, and only where it was asked for does it come.
            reasoning.isAsked ? "signed thinking" : nil
        case .responses:
            echoesReasoning(of: model) ? "encrypted reasoning" : nil
        case .chat:
            echoesReasoning(of: model) ? "reasoning" : nil
        case .completions: nil
        }
    }

    /// Whether reasoning goes back, where the protocol leaves the choice.
    func echoesReasoning(of model: String) -> Bool {
        if let echo = reasoning.echo { return echo }
        // A model behind a gateway has the name of its maker in front.
        let name = model.split(separator: "/").last.map { $0.lowercased() } ?? ""
        return echoingModels.contains { name.contains($0) } || (wire == .responses && Self.isReasoning(name))
    }

    /// OpenAI's models that reason, by their names. Others refuse to be asked for encrypted reasoning.
    static func isReasoning(_ name: String) -> Bool {
        if name.contains("chat") { return false }
        return ["o1", "o3", "o4", "gpt-5", "gpt-6", "gpt-oss", "codex"].contains(where: name.hasPrefix)
    }
}
