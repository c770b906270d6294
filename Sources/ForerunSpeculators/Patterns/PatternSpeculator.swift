public import ForerunCore
import Synchronization

/// Predicts from patterns: what is called next, and from where in the run its arguments come.
///
/// It costs next to nothing, so it takes no slot. It learns within the run: from nothing, or on top of what was mined
/// from earlier runs, which stays as it is. Tools that were never called are guessed by their schemas.
public final class PatternSpeculator: Speculator {
    public let source = "pattern"
    private let state: Mutex<State>
    /// What was learnt earlier, on its way; runs do not wait for it, only guesses do.
    private let loading: Task<PatternModel?, Never>?

    /// Begins with nothing learnt.
    public convenience init() { self.init(model: PatternModel()) }

    package init(model: PatternModel) {
        state = Mutex(State(model: model))
        loading = nil
    }

    /// - Parameter load: fetches what was learnt from earlier runs; `nil`: begin with nothing.
    package init(loading load: @escaping @Sendable () -> PatternModel?) {
        state = Mutex(State(model: PatternModel()))
        loading = Task { @concurrent in load() }
    }

    /// Begins with what was learnt from earlier runs.
    package convenience init(snapshot: [UInt8]) throws(SnapshotError) {
        self.init(model: try PatternModel(snapshot: snapshot))
    }

    /// What it knows now, this run included.
    package var model: PatternModel { state.withLock { $0.model } }

    @discardableResult
    public func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        await takeLoaded()
        let prediction = prediction(context)
        guard !prediction.guesses.isEmpty, !Task.isCancelled else { return nil }
        emit(
            prediction.guesses.enumerated().map { rank, guess in
                Prediction(Turn(calls: guess.calls), confidence: guess.probability, rank: rank)
            })
        return nil
    }

    public func observe(_ turn: Turn, after context: SpeculationContext) async {
        await takeLoaded()
        state.withLock { state in
            var index = state.index(of: context.request)
            let tools = state.tools(of: context.request.role)
            state.model.learn(turn, in: &index, tools, calibrates: true)
        }
    }

    private func takeLoaded() async {
        guard let model = await loading?.value else { return }
        state.withLock { $0.begin(with: model) }
    }

    /// The guesses with their reasons, and how probable it is that there is no call.
    package func prediction(_ context: SpeculationContext) -> PatternPrediction {
        let (model, index, tools, lent) = state.withLock { state in
            // Copies: the lock is held only for as long as it takes to index what is new.
            (
                state.model, state.index(of: context.request), state.tools(of: context.request.role),
                state.rooms.popLast() ?? PatternRoom()
            )
        }
        var room = lent
        let prediction = model.predict(index, tools, width: context.width, &room)
        state.withLock { $0.rooms.append(room) }
        return prediction
    }
}

extension PatternSpeculator {
    private struct State {
        /// The indices of this many transcripts are kept, those that were used last.
        private static let indexLimit = 16

        var model: PatternModel
        private var indices: [(transcript: Transcript, index: RunIndex)] = []
        /// As many as there were predictions at a time.
        var rooms: [PatternRoom] = []
        private var roles: [(role: ModelRequest.Role, tools: PatternTools)] = []

        private var hasBegun = false

        init(model: PatternModel) { self.model = model }

        mutating func begin(with loaded: PatternModel) {
            if !hasBegun { model = loaded }
            hasBegun = true
        }

        /// The index of what the role sees: that of the longest known beginning of its transcript, and what came since.
        mutating func index(of request: ModelRequest) -> RunIndex {
            guard request.view == .whole else {
                var index = RunIndex()
                for entry in request.entries { index.append(PatternStep(entry)) }
                return index
            }
            var index = RunIndex()
            var new: [Transcript.Entry] = []
            var rest = request.transcript
            while let entry = rest.last {
                if let place = indices.firstIndex(where: { $0.transcript.count == rest.count && $0.transcript == rest })
                {
                    index = indices[place].index
                    break
                }
                new.append(entry)
                rest = rest.dropLast
            }
            for entry in new.reversed() { index.append(PatternStep(entry)) }
            indices.removeAll { $0.transcript == request.transcript }
            indices.append((request.transcript, index))
            if indices.count > Self.indexLimit { indices.removeFirst() }
            return index
        }

        mutating func tools(of role: ModelRequest.Role) -> PatternTools {
            if let known = roles.first(where: { $0.role === role }) { return known.tools }
            let tools = PatternTools(role.tools)
            roles.append((role, tools))
            if roles.count > Self.indexLimit { roles.removeFirst() }
            return tools
        }
    }
}
