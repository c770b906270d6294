import ForerunCore

/// Runs benchmarks and prints one JSON object a line.
///
/// `forerun-bench [NAME …]`; without a name, all of them. What is under way goes to the standard error.
@main
enum BenchmarkProgram {
    static let all: [any Benchmark] = {
        var all: [any Benchmark] = [
            StepsBenchmark(), OverheadBenchmark(), StartUpBenchmark(), BranchesBenchmark(), ChessBenchmark(),
            PredictorsBenchmark(), LookAheadBenchmark(), TheoryBenchmark(), HindsightBenchmark(), HeadsBenchmark(),
            ScaleBenchmark(), LogsBenchmark(), LoggingBenchmark(), DecisionsBenchmark(), DashboardBenchmark(),
        ]
        #if PEERS
            all.append(TransportBenchmark())
        #endif
        return all
    }()

    static func main() async {
        let names = Array(CommandLine.arguments.dropFirst())
        let unknown = names.filter { name in !all.contains { $0.name == name } }
        guard unknown.isEmpty else {
            Figures.note(
                "unknown benchmark \(unknown.joined(separator: ", ")); there are \(all.map(\.name).joined(separator: ", "))"
            )
            Figures.exit(2)
        }
        var failed = false
        for benchmark in all where names.isEmpty || names.contains(benchmark.name) {
            do {
                try await benchmark.run { Figures.line($0.json(of: benchmark.name)) }
            } catch {
                failed = true
                Figures.note("\(benchmark.name): \(error)")
            }
        }
        Figures.exit(failed ? 1 : 0)
    }
}

/// Something that is measured.
protocol Benchmark: Sendable {
    var name: String { get }
    func run(report: (Measurement) -> Void) async throws
}

/// One figure, beside what it is compared with.
struct Measurement: Sendable {
    var of: String
    var metric: String
    var unit: String
    var value: Double
    var baseline = ""
    var baselineValue: Double?
    var seed = 0

    func json(of bench: String) -> JSON {
        [
            "bench": .string(bench), "case": .string(of), "metric": .string(metric), "unit": .string(unit),
            "value": .seconds(value), "baseline": .string(baseline), "baselineValue": .optional(baselineValue),
            "ratio": .optional(baselineValue.flatMap { $0 == 0 ? nil : value / $0 }), "seed": .int(seed),
        ]
    }
}

/// A benchmark could not be carried out.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
