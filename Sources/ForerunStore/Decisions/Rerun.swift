package import ForerunCore

/// Makes the decisions of a recorded run again, by what its core was told, and compares what is commanded.
///
/// Pure: a fresh core is fed from the file, with the answers that the scheduler of the process and the book of its tools gave
/// then.
package struct Rerun: Sendable {
    /// Where the core commands something else than it did, and what it was told there.
    package struct Difference: Sendable {
        /// The line of the file, from 1, and the number of the part of the run, from 1.
        package var line: Int
        package var part: Int
        /// Seconds since the run began; `nil`: as the part began.
        package var time: Double?
        package var event: Event?
        package var kinds: Set<Kind>
        /// What it commanded then: how much, for it is only known by a digest.
        package var recordedCount: Int
        /// What it commands now.
        package var commands: [Command]
    }

    /// In what a step differs.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The commands are others.
        case commands
        /// It asked the scheduler for other slots.
        case slots
        /// It judged other calls.
        case calls
    }

    /// A step that was made again.
    package struct Step: Sendable {
        package var line: Int
        package var part: Int
        package var time: Double
        package var event: Event
        package var commands: [Command]
    }

    /// Parts that were found: the run, and how often it was gone on with.
    package var parts: Int { starts.count }
    /// What each of them began with.
    package private(set) var starts: [CoreStart] = []
    package private(set) var events = 0
    package private(set) var commands = 0
    /// The first one. What comes after it is not looked at.
    package private(set) var difference: Difference?
    /// Where the file cannot be read any further, and why.
    package private(set) var damage: RunRecord.Damage?
    /// The last part came to its end; otherwise its process was killed, or is still at it.
    package private(set) var isWhole = false
    /// The file had become as large as it may be.
    package private(set) var isCut = false
    /// How often the scheduler of one run alone would have granted otherwise: others took slots, or gave some back.
    package private(set) var grantedOtherwise = 0

    /// Nothing that can be read differs, and something can be.
    package var isSame: Bool { parts > 0 && difference == nil }

    /// - Parameters:
    ///   - rules: of the core that decides now.
    ///   - onStep: told of each step, in order.
    package init(
        _ run: RunName, in directory: RunStateDirectory, rules: Rules = Rules(), onStep: (Step) -> Void = { _ in }
    ) throws(StoreError) {
        self.init(try DecisionReader(path: directory.decisionsPath(of: run)), rules, onStep)
    }

    /// - Parameter bytes: a file of decisions.
    package init(_ bytes: [UInt8], rules: Rules = Rules(), onStep: (Step) -> Void = { _ in }) {
        self.init(DecisionReader(bytes), rules, onStep)
    }

    private init(_ reader: DecisionReader, _ rules: Rules, _ onStep: (Step) -> Void) {
        var reader = reader
        var core: PlayedCore?
        while true {
            do throws(DecisionFault) {
                guard let line = try reader.next() else { break }
                switch line {
                case .began(let start, let calls):
                    grantedOtherwise += core?.slots.tape.disagreements ?? 0
                    starts.append(start)
                    isWhole = false
                    core = PlayedCore(start, calls, rules)
                    if core?.isOff == true {
                        note([.calls], line: reader.line, time: nil, event: nil, recorded: 0, commands: [])
                    }
                case .event(let nanoseconds, var row, let answers):
                    guard core != nil else { throw DecisionFault("an event before the beginning") }
                    guard difference == nil else { continue }
                    let event = try Event(&row) { core?.tree.streamedText(of: $0) ?? "" }
                    guard row.isAtEnd else { throw DecisionFault("an event has too many members") }
                    let time = DecisionRecorder.seconds(nanoseconds)
                    let (now, kinds) = core?.step(event, at: time, answers) ?? ([], [])
                    events += 1
                    commands += now.count
                    onStep(Step(line: reader.line, part: parts, time: time, event: event, commands: now))
                    if !kinds.isEmpty {
                        note(
                            kinds, line: reader.line, time: time, event: event, recorded: answers.commands?.count ?? 0,
                            commands: now)
                    }
                case .ended: isWhole = true
                case .cut: isCut = true
                }
            } catch {
                // A killed writer leaves one torn line, and the next part begins after it.
                if reader.isBeforeStart, core != nil { continue }
                damage = RunRecord.Damage(line: reader.line, reason: error.description)
                break
            }
        }
        grantedOtherwise += core?.slots.tape.disagreements ?? 0
    }

    private mutating func note(
        _ kinds: Set<Kind>, line: Int, time: Double?, event: Event?, recorded: Int, commands: [Command]
    ) {
        guard difference == nil else { return }
        difference = Difference(
            line: line, part: parts, time: time, event: event, kinds: kinds, recordedCount: recorded, commands: commands
        )
    }
}

/// A core that is told again what another one was told.
private struct PlayedCore {
    var tree: SpeculationTree
    var slots = Scheduler()
    let book: PlayedBook
    /// As it began, it judged other calls.
    let isOff: Bool

    init(_ start: CoreStart, _ calls: VerdictTape, _ rules: Rules) {
        var start = start
        book = PlayedBook(tools: start.setup.program.roles.flatMap(\.tools))
        book.play(calls)
        start.setup.book = book
        tree = start.tree(rules: rules)
        isOff = !book.isExhausted
        slots = Scheduler(capacities: start.capacities)
        slots.join(start.setup.run, reserving: start.reserve)
    }

    mutating func step(
        _ event: Event, at time: Double, _ answers: DecisionReader.Answers
    ) -> ([Command], Set<Rerun.Kind>) {
        slots.tape.play(answers.slots)
        book.play(answers.calls)
        let commands = tree.on(event, at: time, slots: &slots)
        _ = slots.takeNotices()
        var digest = CommandDigest()
        digest.add(commands)
        var kinds: Set<Rerun.Kind> = []
        if !slots.tape.isExhausted { kinds.insert(.slots) }
        if !book.isExhausted { kinds.insert(.calls) }
        let isSame =
            answers.commands.map { $0.count == digest.count && $0.digest == digest.value } ?? digest.isEmpty
        if !isSame { kinds.insert(.commands) }
        return (commands, kinds)
    }
}
