import ForerunCore
import ForerunLearning
import ForerunSpeculators

/// A speculator that a replay can ask.
package enum ReplaySource: String, Sendable, Hashable, CaseIterable {
    case pattern
    case transition
    case graph
    /// Knows what comes: an upper bound for all others.
    case oracle

    /// Those that guess by experience.
    package static let standard: [ReplaySource] = [.pattern, .transition]

    /// It says which tool comes next, beside its guesses: decisions go by its word.
    package var ranksTools: Bool { self == .pattern }
}

/// A speculator of one replayed run.
struct ReplaySpeculator: Sendable {
    let speculator: any Speculator
    /// The names of the tools that may be called next, `nil` for no call, the most probable first; where it tells.
    var ranking: (@Sendable (SpeculationContext) -> [String?])?
}

/// What was learnt of one domain from runs other than those that are replayed.
struct ReplayLessons: Sendable {
    var patterns = PatternModel()
    var transitions = TransitionModel()
    var graph = GraphModel()
    var trust = ReplayTrust()
    private(set) var runs = 0
    private(set) var calls = 0

    init() {}

    /// Learns a run; the tools are all that the agent has.
    mutating func learn(_ run: RecordedRun, _ path: ReplayPath) {
        runs += 1
        calls += run.callCount
        patterns.learn(
            run.steps.map(\.patternSteps), PatternTools(path.program.role.tools), from: 0)
        graph.learn(path.transcripts[path.turns.count].entries)
        for (index, turn) in path.turns.enumerated() {
            let request = ModelRequest(role: path.program.role, transcript: path.transcripts[index])
            transitions.learn(
                Turn(text: turn.text, calls: turn.calls.map(\.call)), after: TransitionHistory(request))
        }
    }

    /// Speculators for one run: they begin with what was learnt, and learn within the run for themselves.
    func speculators(_ sources: [ReplaySource], for path: ReplayPath) -> [ReplaySpeculator] {
        sources.map { source in
            switch source {
            case .pattern:
                let speculator = PatternSpeculator(model: patterns)
                return ReplaySpeculator(speculator: speculator) { speculator.prediction($0).ranked }
            case .transition: return ReplaySpeculator(speculator: TransitionSpeculator(model: transitions))
            case .graph: return ReplaySpeculator(speculator: GraphSpeculator(model: graph))
            case .oracle: return ReplaySpeculator(speculator: OracleSpeculator(path: path))
            }
        }
    }
}

/// Guesses every turn of the recorded path that has calls, and nothing off it.
struct OracleSpeculator: Speculator {
    let source = ReplaySource.oracle.rawValue
    let path: ReplayPath

    @discardableResult
    func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        guard let index = path.turn(after: context.request.transcript) else { return nil }
        let turn = path.turns[index]
        guard !turn.calls.isEmpty else { return nil }
        emit([Prediction(Turn(text: turn.text, calls: turn.calls.map(\.call)), confidence: 1, rank: 0)])
        return nil
    }
}
