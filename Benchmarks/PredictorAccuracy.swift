import ForerunCore
import ForerunLearning
import ForerunSpeculators

/// How often guesses are right: learnt from one part of the recorded runs, measured on another. In per cent.
struct PredictorAccuracy {
    private static let domains = ["retail", "airline", "telecom", "web_qa_react"]
    private static let codingDomains = ["coding_bash", "coding_tools"]
    let traces: PredictorTraces

    func run(report: (Measurement) -> Void) {
        for domain in Self.domains { ablate(domain, report) }
        fromZero("service_misc", report)
        for domain in Self.codingDomains { files(domain, report) }
    }

    /// Any file that the next call opens is among three: of calls that open files.
    private func files(_ domain: String, _ report: (Measurement) -> Void) {
        var predictor = FilePredictor()
        for run in traces.runs(domain, "train").runs { predictor.learn(run) }
        var score = FileScore()
        for run in traces.runs(domain, "dev").runs { score.add(run, predictor) }
        func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : 100 * Double(part) / Double(whole) }
        for (of, metric, value, baseline, beside) in [
            (
                "files", "a file is among three (n = \(score.calls))", share(score.predicted, score.calls),
                "the last three opened", share(score.lastOpened, score.calls)
            ),
            (
                "files", "a file is among three (n = \(score.calls))", share(score.predicted, score.calls),
                "the last three changed", share(score.lastChanged, score.calls)
            ),
            (
                "files that are none of the last three opened", "a file is among three (n = \(score.missed))",
                share(score.predictedOfMissed, score.missed), "the last three opened", 0
            ),
        ] {
            report(
                Measurement(
                    of: "\(domain), \(of)", metric: metric, unit: "%", value: value, baseline: baseline,
                    baselineValue: beside))
        }
    }

    /// Each speculator alone, and the patterns without parts of them.
    private func ablate(_ domain: String, _ report: (Measurement) -> Void) {
        let training = traces.runs(domain, "train")
        let runs = traces.runs(domain, "dev")
        func learnt(_ predictor: some MeasuredPredictor) -> some MeasuredPredictor {
            var predictor = predictor
            for run in training.runs { predictor.learn(run, training.tools) }
            return predictor
        }
        func patterns(without omitted: PatternParts) -> PatternPredictor {
            var model = PatternModel()
            model.omitted = omitted
            var predictor = PatternPredictor(model, expectedRuns: training.runs.count)
            for run in training.runs { predictor.learn(run, training.tools) }
            return predictor
        }
        let baseline = score(learnt(SimplePredictor()), runs, training)
        func tell(_ source: String, _ score: PredictorScore) {
            self.tell("\(domain), \(source)", score, baseline: baseline, report)
        }
        let whole = patterns(without: [])
        tell("rules of best precision", baseline)
        tell("transition alone", score(learnt(TransitionPredictor(learnsWithinRuns: true)), runs, training))
        tell("pattern alone", score(PatternPredictor(whole.model, learnsWithinRuns: true), runs, training))
        tell("pattern without online learning", score(whole, runs, training))
        for (part, omitted) in [("choice learning", PatternParts.choice), ("late binding", .lateBinding)] {
            let rest = PatternPredictor(patterns(without: omitted).model, learnsWithinRuns: true)
            tell("pattern without \(part)", score(rest, runs, training))
        }
        tell("graph alone", score(learnt(GraphPredictor()), runs, training))
        for others in [["transition"], ["transition", "graph"]] {
            var members: [(source: String, predictor: any MeasuredPredictor)] = [
                ("pattern", PatternPredictor(learnsWithinRuns: true, expectedRuns: training.runs.count)),
                ("transition", TransitionPredictor(learnsWithinRuns: true)),
            ]
            if others.contains("graph") { members.append(("graph", GraphPredictor())) }
            let ensemble = learnt(EnsemblePredictor(members, expectedRuns: training.runs.count))
            tell("ensemble of pattern, \(others.joined(separator: ", "))", score(ensemble, runs, training))
        }
    }

    /// Nothing learnt before: what a run teaches by itself.
    private func fromZero(_ domain: String, _ report: (Measurement) -> Void) {
        let runs = traces.runs(domain, "dev")
        var score = PredictorScore()
        for run in runs.runs {
            var predictor = PatternPredictor(learnsWithinRuns: true)
            score.add(run, run.knownTools, &predictor)
        }
        tell("\(domain), pattern from nothing", score, baseline: nil, report)
    }

    private func score(
        _ predictor: some MeasuredPredictor, _ runs: EvaluationRuns, _ training: EvaluationRuns
    ) -> PredictorScore {
        var predictor = predictor
        var score = PredictorScore()
        for run in runs.runs { score.add(run, training.tools, &predictor) }
        return score
    }

    private func tell(
        _ name: String, _ score: PredictorScore, baseline: PredictorScore?, _ report: (Measurement) -> Void
    ) {
        func pair(_ metric: String, _ hits: PredictionHits?, _ other: PredictionHits?) {
            guard let hits, hits.count > 0 else { return }
            for (rank, value, beside) in [
                ("first", hits.firstShare, other?.firstShare), ("first three", hits.threeShare, other?.threeShare),
            ] {
                report(
                    Measurement(
                        of: name, metric: "\(metric), \(rank) (n = \(hits.count))", unit: "%", value: value * 100,
                        baseline: baseline == nil ? "" : "rules of best precision",
                        baselineValue: beside.map { $0 * 100 }))
            }
        }
        pair("decision", score.decisions, baseline?.decisions)
        for (metric, kind) in [("exact", PredictorScore.everything), ("exact, read-only", PredictorScore.reads)] {
            pair(metric, score.calls[kind], baseline?.calls[kind])
            pair("\(metric), at the start of the turn", score.ahead[kind], baseline?.ahead[kind])
        }
        guard let error = score.reliability.calibrationError, let brier = score.reliability.brier else { return }
        report(
            Measurement(
                of: name, metric: "expected calibration error", unit: "1", value: error,
                baseline: baseline == nil ? "" : "rules of best precision",
                baselineValue: baseline?.reliability.calibrationError))
        report(Measurement(of: name, metric: "Brier score", unit: "1", value: brier))
    }
}
