/// How far a run had come that goes on: its committed path, as its event log tells it.
package struct Resumption: Sendable, Hashable {
    /// An output that was taken.
    package struct TakenCall: Sendable, Hashable {
        package var index: Int
        package var output: Output
        /// What its execution took, in seconds.
        package var seconds: Double
        /// It was made ahead.
        package var isHit: Bool

        package init(index: Int, output: Output, seconds: Double = 0, isHit: Bool = false) {
            self.index = index
            self.output = output
            self.seconds = seconds
            self.isHit = isHit
        }
    }

    /// A turn that was taken, and what of its calls is done.
    package struct TakenTurn: Sendable, Hashable {
        /// What the user said before it.
        package var messages: [String]
        package var role: String
        package var answer: Turn
        package var usage: Usage?
        /// What it cost; `nil`: as much as its usage costs now.
        package var cost: Cost?
        package var seconds: Double
        /// It was asked ahead.
        package var isHit: Bool
        /// In the order in which they were taken.
        package var calls: [TakenCall]

        package init(
            messages: [String] = [], role: String, answer: Turn, usage: Usage? = nil, cost: Cost? = nil,
            seconds: Double = 0, isHit: Bool = false, calls: [TakenCall] = []
        ) {
            self.messages = messages
            self.role = role
            self.answer = answer
            self.usage = usage
            self.cost = cost
            self.seconds = seconds
            self.isHit = isHit
            self.calls = calls
        }

        /// Whether all of its calls have their outputs.
        package var isComplete: Bool { Set(calls.map(\.index)).isSuperset(of: answer.calls.indices) }

        /// Its outputs, in the order of its calls.
        package var outputs: [TakenCall] { calls.sorted { $0.index < $1.index } }
    }

    /// What the environment said and the task, as the run began.
    package var opening: [String]
    /// All but the last are complete.
    package var turns: [TakenTurn]
    /// What the user said after the last turn.
    package var messages: [String]
    /// Calls of the last turn that had left their branch when the run was cut off, and have no output: they are not made again.
    package var abandoned: Set<Int>
    /// Work and worlds of the run so far have smaller numbers.
    package var firstNumber: Int
    /// How long the run had been going on.
    package var elapsed: Double
    /// How long people were waited for meanwhile, in seconds.
    package var waited = 0.0
    /// The user had stopped what the agent did: a message is awaited.
    package var isHalted = false
    /// Models that were replaced by the next of their role, in order.
    package var fallbacks: [Fallback] = []
    /// What speculation cost beyond the run.
    package var wasted = Cost.zero

    package init(
        opening: [String], turns: [TakenTurn] = [], messages: [String] = [], abandoned: Set<Int> = [],
        firstNumber: Int = 1, elapsed: Double = 0
    ) {
        self.opening = opening
        self.turns = turns
        self.messages = messages
        self.abandoned = abandoned
        self.firstNumber = firstNumber
        self.elapsed = elapsed
    }

    /// The path up to the end of the last complete turn.
    package func transcript(_ entry: (Turn) -> Transcript.Entry) -> Transcript {
        var transcript = Transcript(opening.map { .message($0) })
        for turn in turns {
            transcript = turn.messages.reduce(transcript) { $0.appending(.message($1)) }
            guard turn.isComplete else { break }
            transcript = transcript.appending(entry(turn.answer))
            for call in turn.outputs { transcript = transcript.appending(.output(call: call.index, call.output)) }
        }
        return transcript
    }
}
