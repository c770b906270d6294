/// What a run expects of the work that it may start: how long it takes, and what it costs. Learnt as the run goes.
///
/// Only what was taken on the real path is learnt from, and predictions: what was ended early would make everything look
/// quicker than it is.
package struct Estimates: Sendable, Hashable {
    /// Which work takes equally long.
    package enum Kind: Sendable, Hashable {
        /// By the endpoint, the role, and the size of the prompt in powers of four of bytes; `nil`: any size.
        case answer(Resource?, role: String, size: Int?)
        case tool(String)
        case anyTool
        case prediction(source: String)
    }

    /// Tools of which estimates are kept.
    static let limit = 1024
    /// Observations from which on the finer estimate is used.
    private static let enough = 4

    /// What answers of a role take.
    struct Tokens: Sendable, Hashable {
        var count = 0.0
        var output = 0.0
        var input = 0.0
        var cached = 0.0
    }

    var latencies: [Kind: LatencyEstimate] = [:]
    var tokens: [String: Tokens] = [:]

    package init() {}

    package func latency(_ kind: Kind) -> LatencyEstimate {
        if let known = latencies[kind], known.count >= Self.enough { return known }
        switch kind {
        case .answer(let resource, let role, .some): return latency(.answer(resource, role: role, size: nil))
        case .answer: return latencies[kind] ?? Self.answerPrior
        case .tool: return latencies[kind] ?? latencies[.anyTool] ?? Self.toolPrior
        case .anyTool: return latencies[kind] ?? Self.toolPrior
        case .prediction: return latencies[kind] ?? Self.predictionPrior
        }
    }

    package mutating func observe(_ kind: Kind, seconds: Double) {
        update(kind) { $0.observe(seconds) }
        switch kind {
        case .answer(let resource, let role, .some):
            update(.answer(resource, role: role, size: nil)) { $0.observe(seconds) }
        case .tool: update(.anyTool) { $0.observe(seconds) }
        case .answer, .anyTool, .prediction: break
        }
    }

    /// Work was ended after so many seconds.
    package mutating func observe(_ kind: Kind, atLeast seconds: Double) {
        update(kind) { $0.observe(atLeast: seconds) }
    }

    package mutating func observe(_ usage: Usage, role: String) {
        guard tokens[role] != nil || tokens.count < Self.limit else { return }
        var known = tokens[role] ?? Tokens()
        let memory = 0.95
        known.count = known.count * memory + 1
        known.output = known.output * memory + Double(usage.output)
        known.input = known.input * memory + Double(usage.input)
        known.cached = known.cached * memory + Double(usage.cached)
        tokens[role] = known
    }

    /// What a request is expected to use; the part of its input that is cached as in those before.
    package func usage(role: String, input: Int, mostOutput: Int) -> Usage {
        guard let known = tokens[role], known.count > 0 else {
            return Usage(input: input, output: min(mostOutput, 500))
        }
        let cached = known.input > 0 ? Int(Double(input) * min(1, known.cached / known.input)) : 0
        return Usage(
            input: input, cached: cached, output: min(mostOutput, Int(known.output / known.count) + 1))
    }

    /// What such requests have used, on the average; `nil`: nothing is known.
    package func meanUsage(role: String) -> Usage? {
        guard let known = tokens[role], known.count > 0 else { return nil }
        return Usage(
            input: Int(known.input / known.count), cached: Int(known.cached / known.count),
            output: Int(known.output / known.count))
    }

    private mutating func update(_ kind: Kind, _ change: (inout LatencyEstimate) -> Void) {
        if let place = latencies.index(forKey: kind) {
            change(&latencies.values[place])
        } else if latencies.count < Self.limit {
            var estimate = prior(of: kind)
            change(&estimate)
            latencies[kind] = estimate
        }
    }

    private func prior(of kind: Kind) -> LatencyEstimate {
        switch kind {
        case .answer: Self.answerPrior
        case .tool, .anyTool: Self.toolPrior
        case .prediction: Self.predictionPrior
        }
    }

    private static let answerPrior = LatencyEstimate(prior: 4)
    private static let toolPrior = LatencyEstimate(prior: 0.3)
    private static let predictionPrior = LatencyEstimate(prior: 0.3)
}

extension Estimates.Kind {
    /// Answers to requests of one role and similar size at one endpoint.
    static func answer(_ resource: Resource?, role: String, bytes: Int) -> Self {
        .answer(resource, role: role, size: (Int.bitWidth - max(1, bytes).leadingZeroBitCount) / 2)
    }
}
