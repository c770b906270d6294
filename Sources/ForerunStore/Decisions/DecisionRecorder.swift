package import ForerunCore

/// Keeps what the core of one run is told and what it commands, step by step.
///
/// The run's driver has one and makes each step through it. What it costs is putting the values down: lines are made of them
/// beside the run.
package struct DecisionRecorder: Sendable {
    private let log: DecisionLog
    private let book: TapedBook
    /// The core looks at text only to pass it on.
    private let joinsText: Bool
    private var isOver = false

    /// Begins a part of the log.
    ///
    /// - Returns: the recorder, and the state from which it records; `nil` where that cannot be written.
    package static func begin(_ log: DecisionLog, _ start: CoreStart) -> (
        recorder: DecisionRecorder, tree: SpeculationTree
    )? {
        guard !log.isOver, start.isWritable else { return nil }
        var start = start
        // The run begins with what the file says, no digit more.
        start.experience = Experience(decisions: start.experience.json)
        let book = TapedBook(start.setup.book)
        start.setup.book = book
        let tree = start.tree()
        guard log.append(.began(start, book.take())) else { return nil }
        let setup = start.setup
        let recorder = DecisionRecorder(
            log, book, joinsText: !(setup.policy.runsAhead && setup.program.keepsCommentary))
        return (recorder, tree)
    }

    private init(_ log: DecisionLog, _ book: TapedBook, joinsText: Bool) {
        self.log = log
        self.book = book
        self.joinsText = joinsText
    }

    /// Seconds since the run began, of a moment in nanoseconds, as the core is told them.
    package static func seconds(_ nanoseconds: Int) -> Double { Double(nanoseconds) / 1e9 }

    /// One step of the core.
    ///
    /// - Parameters:
    ///   - nanoseconds: since the run began.
    ///   - turn: lets the run have the scheduler of the process for a moment.
    package mutating func step(
        _ event: Event, at nanoseconds: Int, _ tree: inout SpeculationTree,
        turn: ((inout Scheduler) -> [Command]) -> [Command]
    ) -> [Command] {
        let time = Self.seconds(nanoseconds)
        guard !isOver else { return turn { tree.on(event, at: time, slots: &$0) } }
        switch event {
        // The core passes over them.
        case .answerStreamed(_, .reasoning), .answerStreamed(_, .logprobs):
            return turn { tree.on(event, at: time, slots: &$0) }
        case .answerStreamed(let work, .text(let text)) where joinsText:
            let commands = turn { tree.on(event, at: time, slots: &$0) }
            let step = DecisionText(
                work: work, text: text, moment: nanoseconds, commands: commands, tape: book.take())
            isOver = !log.append(.text(step))
            return commands
        default: break
        }
        let isAsStreamed = isAsStreamed(event, tree)
        var slots: [UInt8] = []
        let commands = turn { scheduler in
            scheduler.tape.record()
            let commands = tree.on(event, at: time, slots: &scheduler)
            scheduler.tape.stop()
            slots = scheduler.tape.answers
            return commands
        }
        var digest = CommandDigest()
        digest.add(commands)
        let step = DecisionStep(
            event: event, moment: nanoseconds, isAsStreamed: isAsStreamed, slots: slots, digest: digest,
            tape: book.take())
        isOver = !log.append(.step(step))
        return commands
    }

    /// The run is over, or will not be driven on.
    package mutating func end() {
        guard !isOver else { return }
        isOver = true
        _ = log.append(.ended)
    }

    private func isAsStreamed(_ event: Event, _ tree: SpeculationTree) -> Bool {
        guard case .answerFinished(let work, let answer) = event, !answer.turn.text.isEmpty else { return false }
        return tree.hasStreamed(answer.turn.text, of: work)
    }
}
