import ForerunCore
import ForerunLearning
import ForerunSpeculators
import Foundation

/// The predictors: what a prediction and learning cost with 100,000 patterns, and how often guesses are right in recorded
/// runs, with parts of them left out.
///
/// Reads `../shared/traces` where it is there; otherwise only synthetic runs are timed.
struct PredictorsBenchmark: Benchmark {
    let name = "predictors"

    func run(report: (Measurement) -> Void) async throws {
        let traces = PredictorTraces()
        if traces == nil { Figures.note("predictors: ../shared/traces is missing: only synthetic runs are timed") }
        try await PredictorSpeed(traces: traces).run(report: report)
        guard let traces else { return }
        PredictorAccuracy(traces: traces).run(report: report)
    }
}

/// Recorded runs beside the repository.
struct PredictorTraces {
    let folder: String

    init?() {
        var folder = URL(fileURLWithPath: #filePath)
        repeat {
            folder.deleteLastPathComponent()
            let found = folder.appendingPathComponent("shared/traces").path
            if FileManager.default.fileExists(atPath: found + "/retail.train.jsonl.gz") {
                self.folder = found
                return
            }
        } while folder.path != "/"
        return nil
    }

    /// - Parameter part: `train` or `dev`.
    func path(_ domain: String, _ part: String) -> String { "\(folder)/\(domain).\(part).jsonl.gz" }

    func runs(_ domain: String, _ part: String) -> EvaluationRuns { EvaluationRuns([path(domain, part)]) }

    /// Every file of recorded runs.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".jsonl.gz") && !$0.contains("timings") }.sorted().map { "\(folder)/\($0)" }
    }
}
