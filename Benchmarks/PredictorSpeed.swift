import ForerunCore
import ForerunLearning
import ForerunSpeculators
import Foundation
import Subprocess
import SystemPackage

/// What predictions and learning cost, in one thread. Short times are CPU time: others on the machine do not count.
struct PredictorSpeed {
    private static let patterns = 100_000
    private static let seed: UInt64 = 7
    let traces: PredictorTraces?

    func run(report: (Measurement) -> Void) async throws {
        if let traces { try learnEverything(traces, report) }
        let simple = try await lookUps(report)
        var model = PatternModel()
        learn(&model, report)
        predictions(model, simple, report)
    }

    private func measure(_ metric: String, _ unit: String, _ value: Double, of name: String) -> Measurement {
        Measurement(of: name, metric: metric, unit: unit, value: value, seed: Int(Self.seed))
    }

    /// All recorded runs, from files to a store.
    private func learnEverything(_ traces: PredictorTraces, _ report: (Measurement) -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("forerun-bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try LearnedStore(path: folder.appendingPathComponent("learned.sqlite").path)
        let start = ContinuousClock.now
        var learning = try Learning<PatternModel>(traces.files, into: store)
        while try learning.step(time: 0) {}
        let seconds = (ContinuousClock.now - start).seconds
        let name = "all recorded runs, from files to a store"
        report(measure("wall", "s", seconds, of: name))
        report(measure("calls", "1", Double(learning.outcome.calls), of: name))
        report(measure("peak memory of the process", "MB", Usage.peakMegabytes, of: name))
    }

    // MARK: Learning

    /// Fills `model` with more than enough patterns, and times what is learnt from parsed events.
    private func learn(_ model: inout PatternModel, _ report: (Measurement) -> Void) {
        if let traces {
            for domain in ["retail", "airline", "telecom", "service_misc", "web_qa_react"] {
                let runs = traces.runs(domain, "train")
                let parsed = runs.runs.map { $0.steps.map(\.patternSteps) }
                let tools = PatternTools(runs.tools)
                let before = model.callCount
                let start = Usage.threadSeconds
                for run in parsed { model.learn(run, tools, from: 0) }
                let seconds = Usage.threadSeconds - start
                report(rate(model.callCount - before, seconds, "learning \(domain) from parsed events"))
            }
        }
        var agent = 0
        while model.count < Self.patterns {
            let runs = (0..<40).map { SyntheticRuns(seed: Self.seed).run(agent: agent, number: $0) }
            let tools = PatternTools(
                runs.reduce(into: []) { tools, run in
                    tools += run.knownTools.filter { tool in !tools.contains { $0.name == tool.name } }
                })
            for run in runs { model.learn(run.steps.map(\.patternSteps), tools, from: 0) }
            agent += 1
        }
        stream(report)
    }

    /// One agent with a very long log.
    private func stream(_ report: (Measurement) -> Void) {
        let runs = (0..<1_000).map { SyntheticRuns(seed: Self.seed).run(agent: 0, number: $0) }
        let parsed = runs.map { $0.steps.map(\.patternSteps) }
        let tools = PatternTools(
            runs.reduce(into: []) { tools, run in
                tools += run.knownTools.filter { tool in !tools.contains { $0.name == tool.name } }
            })
        var model = PatternModel()
        var next = 0
        for limit in [5_000, 100_000, 400_000] {
            let before = model.callCount
            let start = Usage.threadSeconds
            while model.callCount < limit {
                model.learn(parsed[next % parsed.count], tools, from: 0)
                next += 1
            }
            let seconds = Usage.threadSeconds - start
            report(
                rate(model.callCount - before, seconds, "learning one agent, calls \(before) to \(model.callCount)"))
        }
    }

    private func rate(_ calls: Int, _ seconds: Double, _ name: String) -> Measurement {
        measure("calls a second of CPU", "1/s", Double(calls) / seconds, of: name)
    }

    // MARK: Predictions

    private func predictions(_ model: PatternModel, _ python: Double?, _ report: (Measurement) -> Void) {
        report(measure("patterns", "1", Double(model.count), of: "the model that predictions are timed with"))
        var runs: [(kind: String, runs: [RecordedRun])] = []
        if let traces {
            for domain in ["retail", "airline", "telecom", "service_misc"] {
                runs.append((domain, traces.runs(domain, "dev").runs))
            }
        }
        runs.append(("synthetic runs", (0..<100).map { SyntheticRuns(seed: 99).run(agent: $0 % 10, number: $0) }))
        for (kind, runs) in runs {
            let times = Self.times(model, runs)
            for (metric, place) in [("median", times.count / 2), ("95th percentile", times.count * 95 / 100)] {
                report(
                    Measurement(
                        of: "a prediction, \(kind)", metric: "CPU, \(metric) of \(times.count)", unit: "µs",
                        value: times[place], baseline: "simple rules in Python, synthetic runs, median",
                        baselineValue: python, seed: Int(Self.seed)))
            }
        }
    }

    /// Microseconds, ascending.
    private static func times(_ model: PatternModel, _ runs: [RecordedRun]) -> [Double] {
        var room = PatternRoom()
        var times: [Double] = []
        for run in runs {
            let tools = PatternTools(run.knownTools)
            var index = RunIndex()
            for step in run.steps.flatMap(\.patternSteps) {
                if case .turn = step {
                    let start = Usage.threadSeconds
                    _ = model.predict(index, tools, width: 3, wholeTurns: false, &room)
                    times.append((Usage.threadSeconds - start) * 1e6)
                }
                index.append(step)
            }
        }
        return times.sorted()
    }

    // MARK: The same look-ups in Swift and in Python

    /// - Returns: the median of Python's predictions, in microseconds; `nil` where there is no Python.
    private func lookUps(_ report: (Measurement) -> Void) async throws -> Double? {
        var runs: [(run: RecordedRun, learn: Bool)] = []
        for number in 0..<600 {
            runs.append((SyntheticRuns(seed: Self.seed).run(agent: number % 30, number: number), number < 500))
        }
        var predictor = SimplePredictor()
        var times: [Double] = []
        var score = PredictorScore()
        for (run, learn) in runs {
            if learn {
                predictor.learn(run, [])
            } else {
                var timed = TimedPredictor(predictor)
                score.add(run, [], &timed)
                times += timed.times
            }
        }
        let python: JSON?
        do { python = try await Self.python(runs) } catch {
            Figures.note("predictors: no comparison with Python: \(error)")
            python = nil
        }
        times.sort()
        report(
            Measurement(
                of: "a prediction by simple rules, \(predictor.count) patterns",
                metric: "CPU, median of \(times.count)",
                unit: "µs", value: times[times.count / 2],
                baseline: python.map { "the same in Python, \($0["patterns"]?.text ?? "?") patterns" } ?? "",
                baselineValue: python?["microseconds"]?.doubleValue, seed: Int(Self.seed)))
        if let rate = python?["callsPerSecond"]?.doubleValue {
            report(measure("calls a second", "1/s", rate, of: "learning simple rules in Python"))
        }
        return python?["microseconds"]?.doubleValue
    }

    private static func python(_ runs: [(run: RecordedRun, learn: Bool)]) async throws -> JSON {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("forerun-bench-\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        let lines = runs.map { run, learn in
            JSON(members: [("learn", .bool(learn)), ("steps", .array(run.steps.flatMap(steps)))]).text
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Scripts/predictors.py").path
        let result = try await Subprocess.run(
            .name("python3"), arguments: [script, file.path], output: .string(limit: 1 << 16), error: .discarded)
        guard result.terminationStatus.isSuccess else {
            throw BenchmarkError("python3 \(script) failed: \(result.terminationStatus)")
        }
        return try JSON(parsing: result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func steps(_ step: RecordedStep) -> [JSON] {
        switch step {
        case .message(let text): return [["message", .string(text)]]
        case .turn(let turn):
            let calls = turn.calls.map { JSON.array([.string($0.call.name), $0.call.arguments]) }
            let outputs = turn.calls.compactMap { call -> JSON? in
                guard let text = call.output?.text else { return nil }
                return ["output", .string(call.call.name), (try? JSON(parsing: text)) ?? .string(text)]
            }
            return [["turn", .array(calls)]] + outputs
        }
    }
}

/// Times the guesses of another one.
private struct TimedPredictor: MeasuredPredictor {
    private var predictor: SimplePredictor
    /// In microseconds.
    private(set) var times: [Double] = []

    init(_ predictor: SimplePredictor) { self.predictor = predictor }

    mutating func guess() -> MeasuredGuess {
        let start = Usage.threadSeconds
        let guess = predictor.guess()
        times.append((Usage.threadSeconds - start) * 1e6)
        return guess
    }

    mutating func learn(_ run: RecordedRun, _ tools: [Tool]) { predictor.learn(run, tools) }
    mutating func begin(_ tools: [Tool]) { predictor.begin(tools) }
    mutating func message(_ text: String) { predictor.message(text) }
    mutating func said(_ text: String) { predictor.said(text) }
    mutating func call(_ call: Call) { predictor.call(call) }
    mutating func ended(_ turn: Turn) { predictor.ended(turn) }
    mutating func output(_ output: Output, of call: Call) { predictor.output(output, of: call) }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
