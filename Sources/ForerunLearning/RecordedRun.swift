package import ForerunCore

/// One agent's session as its log recorded it: what predictors learn from and replays run.
///
/// A session that is read again, since its log has grown, has the same ``key``: what was learnt from it before is replaced.
package struct RecordedRun: Sendable, Hashable {
    /// Which format it was read from.
    package var format: String
    /// Unique within its format: the session's id where the log has one, otherwise derived from path and place.
    package var id: String
    /// The id of the session that this one is a part of or went on from, if the log says so.
    package var parent: String?
    /// The file that it was read from; empty where it was made otherwise.
    package var path: String
    /// What it shares entities with: runs of one group (a customer, a task) never stand on both sides of a split.
    package var group: String?
    /// What the agent is, as far as its log says: an agent's name, a program's, a domain.
    package var agent: String?
    package var model: String?
    /// Where its relative paths begin.
    package var workingDirectory: String?
    /// The tools that its log describes; often none, and those that were called are not among them then.
    package var tools: [Tool]
    /// The effects that the log states for its tools, by name: `read`, `write`, whatever it calls them.
    package var statedEffects: [String: String]
    package var steps: [RecordedStep]

    package init(
        format: String, id: String, parent: String? = nil, path: String = "", group: String? = nil,
        agent: String? = nil, model: String? = nil, workingDirectory: String? = nil,
        tools: [Tool] = [], statedEffects: [String: String] = [:], steps: [RecordedStep] = []
    ) {
        self.format = format
        self.id = id
        self.parent = parent
        self.path = path
        self.group = group
        self.agent = agent
        self.model = model
        self.workingDirectory = workingDirectory
        self.tools = tools
        self.statedEffects = statedEffects
        self.steps = steps
    }

    /// What names it among all recorded runs, for good.
    package var key: String { "\(format):\(id)" }

    /// How many calls it made.
    package var callCount: Int { steps.reduce(0) { $0 + $1.calls.count } }
}

/// One thing that happened in a recorded run.
package enum RecordedStep: Sendable, Hashable {
    /// The words of a person, or of the program that speaks for one.
    case message(String)
    /// One generation of the model, with what became of its calls.
    case turn(RecordedTurn)

    package var calls: [RecordedCall] {
        if case .turn(let turn) = self { turn.calls } else { [] }
    }
}

/// One generation of the model.
package struct RecordedTurn: Sendable, Hashable {
    package var text: String
    package var calls: [RecordedCall]
    /// What the generation took, in seconds; `nil`: not recorded, or not to be trusted.
    package var seconds: Double?
    package var usage: Usage?

    package init(text: String = "", calls: [RecordedCall] = [], seconds: Double? = nil, usage: Usage? = nil) {
        self.text = text
        self.calls = calls
        self.seconds = seconds
        self.usage = usage
    }
}

/// A call and what came of it.
package struct RecordedCall: Sendable, Hashable {
    package var call: Call
    /// `nil`: the log has none, since the run was cut off or the log left it out.
    package var output: Output?
    /// What the tool took, in seconds; `nil`: not recorded, or with the time of a person in it.
    package var seconds: Double?

    package init(_ call: Call, output: Output? = nil, seconds: Double? = nil) {
        self.call = call
        self.output = output
        self.seconds = seconds
    }
}

extension RecordedRun {
    /// What the model had seen before the step at `index`.
    package func transcript(before index: Int) -> Transcript {
        var transcript = Transcript()
        for step in steps.prefix(index) { step.append(to: &transcript) }
        return transcript
    }
}

extension RecordedStep {
    /// Adds what a model sees of this step.
    package func append(to transcript: inout Transcript) {
        switch self {
        case .message(let text): transcript = transcript.appending(.message(text))
        case .turn(let turn):
            transcript = transcript.appending(.turn(Turn(text: turn.text, calls: turn.calls.map(\.call))))
            for (index, call) in turn.calls.enumerated() {
                if let output = call.output { transcript = transcript.appending(.output(call: index, output)) }
            }
        }
    }
}
