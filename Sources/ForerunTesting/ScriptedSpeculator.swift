public import ForerunCore

/// A speculator that guesses what a function says.
public struct ScriptedSpeculator: Speculator {
    public let source: String
    private let delay: Duration
    private let guesses: @Sendable (SpeculationContext) -> [Turn]

    /// - Parameters:
    ///   - delay: before the guesses come.
    ///   - guesses: best first.
    public init(
        source: String = "scripted", delay: Duration = .zero,
        guesses: @escaping @Sendable (SpeculationContext) -> [Turn]
    ) {
        self.source = source
        self.delay = delay
        self.guesses = guesses
    }

    public func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        if delay > .zero { guard (try? await Task.sleep(for: delay)) != nil else { return nil } }
        emit(guesses(context).enumerated().map { Prediction($1, rank: $0) })
        return nil
    }
}
