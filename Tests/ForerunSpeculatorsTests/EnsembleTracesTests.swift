import ForerunCore
import ForerunSpeculators
import Testing

/// How far the ensemble's probabilities can be trusted in recorded runs: sources learnt from one part, measured on another.
@Suite(.enabled(if: RecordedTraces.areThere, RecordedTraces.reason))
struct EnsembleTracesTests {
    private struct Outcome {
        var scores = ForecastScores()
        var turns = 0
        /// Turns whose most probable guess was right: of the ensemble, and of the patterns alone.
        var mixed = 0
        var alone = 0
    }

    @Test(arguments: ["retail", "airline"])
    func probabilitiesAreCalibratedAndNothingIsLostByMixing(domain: String) async throws {
        let training = try RecordedTraces("\(domain).train", limit: 100)
        let tools = PatternTools(training.tools)
        var pattern = PatternModel()
        var transition = TransitionModel()
        for run in training.runs.prefix(60) {
            // Other tests, which wait for servers, have their turn.
            await Task.yield()
            pattern.learn(run, tools)
            forEachTurn(of: run) { turn, _, request in transition.learn(turn, after: TransitionHistory(request)) }
        }
        var ensemble = Ensemble()
        // What its sources are worth, it learns from runs that they have not seen.
        var warming = Outcome()
        for run in training.runs.dropFirst(60) {
            await Task.yield()
            play(run, pattern, transition, tools, &ensemble, &warming)
        }
        var outcome = Outcome()
        for run in try RecordedTraces("\(domain).dev", limit: 30).runs {
            await Task.yield()
            play(run, pattern, transition, tools, &ensemble, &outcome)
        }
        #expect(outcome.scores.count > 300)
        #expect(outcome.scores.calibrationError ?? 1 <= 0.05, "\(outcome)")
        // One or two turns in a hundred are chance.
        #expect(outcome.mixed + outcome.turns / 50 >= outcome.alone, "\(outcome)")
    }

    private func play(
        _ run: [PatternStep], _ pattern: PatternModel, _ transition: TransitionModel, _ tools: PatternTools,
        _ ensemble: inout Ensemble, _ outcome: inout Outcome
    ) {
        forEachTurn(of: run) { turn, index, request in
            let mined = pattern.predict(index, tools, width: 3).guesses.map { ($0.calls, $0.probability) }
            let usual = transition.predictions(after: TransitionHistory(request), width: 3)
                .map { ($0.calls, $0.probability) }
            play([("pattern", mined), ("transition", usual)], turn, &ensemble, &outcome)
        }
    }

    private func play(
        _ sayings: [(source: String, guesses: [(calls: [Call], confidence: Double)])], _ turn: Turn,
        _ ensemble: inout Ensemble, _ outcome: inout Outcome
    ) {
        var ballot = Ballot()
        var candidates: [[Call]] = []
        for (source, guesses) in sayings {
            ballot.hear(source)
            for (rank, guess) in guesses.enumerated() {
                let known = candidates.firstIndex(of: guess.calls)
                let number = known ?? ballot.addCandidate(tool: guess.calls.first?.name ?? "")
                if known == nil { candidates.append(guess.calls) }
                ballot.claim(number, by: source, rank: rank, confidence: guess.confidence)
            }
        }
        let probabilities = ensemble.probabilities(ballot)
        let came = candidates.firstIndex(of: turn.calls)
        for (number, probability) in probabilities.enumerated() {
            outcome.scores.add(probability, came: number == came)
        }
        if !turn.calls.isEmpty {
            outcome.turns += 1
            let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] }
            if came != nil, best == came { outcome.mixed += 1 }
            if sayings.first?.guesses.first?.calls == turn.calls { outcome.alone += 1 }
        }
        ensemble.learn(ballot, came: came)
    }

    /// Calls `body` with each turn, and what there was before it.
    private func forEachTurn(of run: [PatternStep], _ body: (Turn, RunIndex, ModelRequest) -> Void) {
        let role = ModelRequest.Role(name: "actor")
        var index = RunIndex()
        var transcript = Transcript()
        for step in run {
            switch step {
            case .message(let text): transcript = transcript.appending(.message(text))
            case .turn(let turn):
                body(turn, index, ModelRequest(role: role, transcript: transcript))
                transcript = transcript.appending(.turn(turn))
            case .output(let call, let output):
                transcript = transcript.appending(.output(call: call, Output("", isError: output.isError)))
            }
            index.append(step)
        }
    }
}
