public import ForerunCore
import Synchronization

/// Predicts what usually comes next: turns that were seen before in the same context, in this run or in earlier ones.
///
/// It costs next to nothing, so it takes no slot. Arguments that look like secrets are never kept.
public final class TransitionSpeculator: Speculator {
    public let source = "transition"
    private let model: Mutex<TransitionModel>

    /// Begins with nothing learnt.
    public convenience init() { self.init(model: TransitionModel()) }

    package init(model: TransitionModel) { self.model = Mutex(model) }

    /// Begins with what an earlier run learnt.
    package convenience init(snapshot: JSON) throws(SnapshotError) {
        self.init(model: try TransitionModel(snapshot: snapshot))
    }

    /// What was learnt so far, for later runs.
    package var snapshot: JSON { model.withLock { $0 }.snapshot }

    @discardableResult
    public func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        let history = TransitionHistory(context.request)
        let tools = Set(context.request.role.tools.map(\.name))
        // A copy: the lock is held for as long as it takes to retain two dictionaries.
        let predictions = model.withLock { $0 }.predictions(after: history, width: context.width) { tools.contains($0) }
        guard !predictions.isEmpty, !Task.isCancelled else { return nil }
        emit(
            predictions.enumerated().map { rank, prediction in
                Prediction(Turn(calls: prediction.calls), confidence: prediction.probability, rank: rank)
            })
        return nil
    }

    public func observe(_ turn: Turn, after context: SpeculationContext) async {
        let history = TransitionHistory(context.request)
        model.withLock { $0.learn(turn, after: history) }
    }
}
