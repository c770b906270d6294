package import ForerunCore
import ForerunSpeculators

/// The graph under measurement. It learns within the runs that it is measured with; that ends with the run.
package struct GraphPredictor: MeasuredPredictor {
    private var model = GraphModel()
    private var current = GraphModel()
    private var tools: [GraphTool] = []
    private var run = GraphRun()
    private var calls: [Call] = []
    private var latest: [Call] = []

    package init() {}

    package mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {
        model.learn(run.transcript(before: run.steps.count).entries)
    }

    package mutating func begin(_ tools: [Tool]) {
        self.tools = tools.map(GraphTool.init)
        current = model
        current.beginRun()
        run = GraphRun()
        calls = []
    }

    /// It guesses first calls. Within a turn it knows nothing more.
    package mutating func guess() -> MeasuredGuess {
        guard calls.isEmpty else { return MeasuredGuess() }
        return MeasuredGuess(
            tools: current.ranking(run, tools),
            calls: current.predictions(run, tools, width: 3).map { GuessedCall($0.call, probability: $0.probability) })
    }

    package mutating func message(_ text: String) { run.append(.message(text)) }
    package mutating func said(_ text: String) {}
    package mutating func call(_ call: Call) { calls.append(call) }

    package mutating func ended(_ turn: Turn) {
        current.learn(turn, after: run)
        run.append(.turn(turn))
        calls = []
        latest = turn.calls
    }

    package mutating func output(_ output: Output, of call: Call) {
        guard let index = latest.firstIndex(of: call) else { return }
        run.append(.output(call: index, output))
    }
}
