public import ForerunCore
import Synchronization

/// Predicts calls by a graph of tools, the sources of their arguments, and the values that the run has shown.
///
/// It costs next to nothing, so it takes no slot. It learns within the run, on top of what earlier runs taught it; of tools
/// that were never called it knows what their schemas say.
public final class GraphSpeculator: Speculator {
    fileprivate struct State {
        var model: GraphModel
        /// The latest runs that were looked at, the newest last.
        var runs: [(transcript: Transcript, run: GraphRun)] = []
        var hasLearnt = false
        /// Of the latest role.
        var tools: (role: ModelRequest.Role, all: [GraphTool])?
    }

    public let source = "graph"
    private let state: Mutex<State>
    private static let runLimit = 8

    /// Begins with nothing learnt.
    public convenience init() { self.init(model: GraphModel()) }

    package init(model: GraphModel) { state = Mutex(State(model: model)) }

    /// Begins with what an earlier run learnt.
    package convenience init(snapshot: JSON) throws(SnapshotError) {
        self.init(model: try GraphModel(snapshot: snapshot))
    }

    /// What was learnt so far, for later runs.
    package var snapshot: JSON { state.withLock { $0.model }.snapshot }

    @discardableResult
    public func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        let (model, run, tools) = state.withLock { state in
            (state.model, state.run(of: context.request, Self.runLimit), state.tools(of: context.request.role))
        }
        let predictions = model.predictions(run, tools, width: context.width)
        guard !predictions.isEmpty, !Task.isCancelled else { return nil }
        emit(
            predictions.enumerated().map { rank, prediction in
                Prediction(Turn(calls: [prediction.call]), confidence: prediction.probability, rank: rank)
            })
        return nil
    }

    public func observe(_ turn: Turn, after context: SpeculationContext) async {
        state.withLock { state in
            let run = state.run(of: context.request, Self.runLimit)
            // However many turns it has, the run is one.
            if !state.hasLearnt { state.model.beginRun() }
            state.hasLearnt = true
            state.model.learn(turn, after: run)
        }
    }
}

extension GraphSpeculator.State {
    fileprivate mutating func tools(of role: ModelRequest.Role) -> [GraphTool] {
        if let tools, tools.role === role { return tools.all }
        let all = role.tools.map(GraphTool.init)
        tools = (role, all)
        return all
    }

    /// What the role sees: the longest beginning that was looked at before, and what came since.
    fileprivate mutating func run(of request: ModelRequest, _ limit: Int) -> GraphRun {
        let seen = request.view == .whole ? request.transcript : Transcript(request.entries)
        var run = GraphRun()
        var new: [Transcript.Entry] = []
        var rest = seen
        while let entry = rest.last {
            if let known = runs.first(where: { $0.transcript.count == rest.count && $0.transcript == rest }) {
                run = known.run
                break
            }
            new.append(entry)
            rest = rest.dropLast
        }
        for entry in new.reversed() { run.append(entry) }
        runs.removeAll { $0.transcript == seen }
        runs.append((seen, run))
        if runs.count > limit { runs.removeFirst() }
        return run
    }
}
