package import ForerunCore
package import ForerunSpeculators

extension PatternModel: LearnedModel {
    package init(content: [UInt8]) throws { try self.init(snapshot: content) }

    package var content: [UInt8] { snapshot() }

    package mutating func learn(_ run: RecordedRun, from first: Int) {
        learn(run.steps.map(\.patternSteps), PatternTools(run.knownTools), from: first)
    }
}

extension RecordedRun {
    /// The tools that the log describes, and those that were called besides.
    package var knownTools: [Tool] {
        var names = Set(tools.map(\.name))
        var all = tools
        for call in steps.flatMap(\.calls) where names.insert(call.call.name).inserted {
            all.append(Tool(name: call.call.name, description: ""))
        }
        return all
    }
}

extension RecordedStep {
    /// What a predictor sees of it.
    package var patternSteps: [PatternStep] {
        switch self {
        case .message(let text): [.message(text)]
        case .turn(let turn):
            [.turn(Turn(text: turn.text, calls: turn.calls.map(\.call)))]
                + turn.calls.enumerated().compactMap { index, call in
                    call.output.map { .output(call: index, PatternOutput($0)) }
                }
        }
    }
}
