package import ForerunCore

/// Makes spans and measurements of what happens in a run: events in, with their times, finished spans and measurements out.
///
/// One `invoke_agent` span, and below it a `chat` span for each request to a model, ahead or not, and an `execute_tool` span for
/// each execution. A span is finished once its work is over *and* it is known what came of it: work made ahead is held until
/// it is used, given up, or the run ends.
package struct TraceBuilder: Sendable {
    /// What there is to export.
    package struct Finished: Sendable {
        package var spans: [Span] = []
        package var measurements: [Measurement] = []
    }

    let facts: RunFacts
    let limits: SpanLimits
    let capturesContent: Bool
    /// Whether spans are wanted at all. Measurements always are.
    let isSampled: Bool
    /// Nanoseconds since 1970 of the run's second 0.
    private let epoch: UInt64
    private let parent: TraceContext?
    private var ids: SpanIDs
    private var agent: Span
    var works: [Int: OpenWork] = [:]
    /// Work that is over, in the order in which it was. It is exported as soon as time goes on: one step of a run tells all that
    /// it decides at one moment.
    private var over: [Int] = []
    private var latest = 0.0
    /// Calls that were guessed, by turn.
    private var guesses: [Int: Set<[Call]>] = [:]
    /// The request behind an answer on the path, by turn.
    private var answering: (turn: Int, work: Int)?
    var history: History
    private var output = Finished()

    /// - Parameters:
    ///   - epoch: nanoseconds since 1970 of the run's second 0.
    ///   - start: seconds since then at which the run begins, or goes on.
    package init(
        _ facts: RunFacts, ids: SpanIDs, parent: TraceContext? = nil, sampler: Sampler = .standard,
        limits: SpanLimits = SpanLimits(), capturesContent: Bool = false, epoch: UInt64, start: Double = 0
    ) {
        self.facts = facts
        self.limits = limits
        self.epoch = epoch
        self.parent = parent
        self.ids = ids
        let trace = parent?.trace ?? ids.trace
        isSampled = sampler.samples(trace, parent: parent)
        self.capturesContent = capturesContent && isSampled
        history = History(facts.history)
        let id = self.ids.next()
        let time = Self.nanoseconds(start, epoch)
        agent = Span(
            trace: trace, id: id, parent: parent?.parent, hasRemoteParent: parent != nil,
            state: parent?.state.description ?? "", name: "invoke_agent \(facts.agent)", kind: .internal, start: time,
            end: time)
        latest = start
        agent.attributes = agentAttributes()
    }

    /// Where in the trace a piece of work is, for those who are asked to do it; `nil`: it is not known.
    package func context(ofWork work: Int) -> TraceContext? {
        guard let span = works[work]?.span else { return nil }
        return TraceContext(
            trace: span.trace, parent: span.id, isSampled: isSampled, state: parent?.state ?? TraceState())
    }

    /// What is finished since the last time.
    package mutating func takeOutput() -> Finished {
        defer { output = Finished() }
        return output
    }

    // MARK: - Events

    package mutating func add(_ event: RunEvent, at time: Double) {
        advance(to: time)
        switch event {
        case .asked(let work, let turn, let lane, let attempt): asked(work, turn, lane, attempt, time)
        case .answered(let work, _, _): end(work, time)
        case .charged(let charge): charged(charge, time)
        case .turnTaken(let turn, _, let answer, _, let isHit, _): turnTaken(turn, answer, isHit: isHit)
        case .answerFailed(let turn, let failure, _, _, let wait): answerFailed(turn, failure, isFinal: wait == nil)
        case .performed(let work, let call, let world, let lane, let effect):
            performed(work, call, world, lane, effect, time)
        case .callFinished(let work, _, _, let isError):
            end(work, time)
            if isError { works[work]?.span.fail("tool_error", nil) }
        case .callTaken(let turn, let index, let call, let output, let isHit, _, _, let work):
            callTaken(turn, index, call, output, isHit: isHit, work, time)
        case .promoted(let work):
            guard works[work]?.promoted == nil else { break }
            works[work]?.promoted = time
            // What was over before is taken as it is.
            guard works[work]?.end == nil else { break }
            let (moment, limits) = (nanoseconds(time), limits)
            works[work]?.span.add("forerun.promoted", moment, [:], limits)
        case .cancelled(let work, _):
            decide(work, .cancelled)
            if let work = works[work], work.isAhead {
                measure(.cancelled, .count(1), [Key.kind: .string(work.kind.word)])
            }
        case .predicted(let turn, let source, _, let calls, _, _):
            guesses[turn, default: []].insert(calls)
            measure(.predicted, .count(1), [Key.source: .string(source)])
        case .forked: break
        case .committed(let world, let turn, let call):
            note("forerun.commit", time, [Key.world: .int(world), Key.turn: .int(turn), Key.index: .int(call)])
        case .discarded(let world):
            // A world is known by the execution that made it.
            if works[world]?.world == world, works[world]?.end != nil { decide(world, .wasted) }
        case .approvalRequested(let turn, let call, let asked):
            note(
                "forerun.approval.requested", time,
                [Key.turn: .int(turn), Key.index: .int(call), Key.tool: .string(asked.name)])
        case .approvalAnswered(let turn, let call, let granted):
            note(
                "forerun.approval.answered", time,
                [Key.turn: .int(turn), Key.index: .int(call), "forerun.approval.granted": .bool(granted)])
        case .messageJoined(let turn, let text):
            remember(.message(text))
            note("forerun.message", time, [Key.turn: .int(turn)])
        case .messageAwaited(let turn): note("forerun.message.awaited", time, [Key.turn: .int(turn)])
        case .halted(let turn): note("forerun.halted", time, [Key.turn: .int(turn)])
        case .fellBack(let fallback):
            note(
                "forerun.model.replaced", time,
                [
                    Key.turn: .int(fallback.turn), Key.role: .string(fallback.role),
                    "forerun.model.from": .string(fallback.from), "forerun.model.to": .string(fallback.to),
                    Key.errorType: .string(WorkSignal.Failure(fallback.failure.kind.description).kind),
                ])
        case .speculationSwitched(let turn, let change):
            note(
                "forerun.speculation.switched", time,
                [
                    Key.turn: .int(turn), Key.source: change.source.map { .string($0) },
                    "forerun.speculation.on": .bool(change.isOn),
                ])
        }
    }

    package mutating func add(_ signal: WorkSignal, at time: Double) {
        switch signal {
        case .asking(let work, let role, let model): asking(work, role, facts.model(model))
        case .guessing(let work, let turn, let source, let model):
            advance(to: time)
            guessing(work, turn, source, facts.model(model), time)
        case .firstChunk(let work): firstChunk(work, time)
        case .ended(let work, let failure):
            advance(to: time)
            if let failure { works[work]?.span.fail(failure.kind, failure.status) }
            end(work, time)
            if failure != nil { decide(work, .failed) }
        }
    }

    /// The messages that a new run begins with.
    package mutating func begin(with messages: [String]) { for text in messages { remember(.message(text)) } }

    /// The run is over: nothing stays open.
    package mutating func finish(_ outcome: RunOutcome, at time: Double) {
        let time = max(time, latest)
        advance(to: time)
        for number in works.keys.sorted() {
            end(number, time)
            decide(number, .wasted)
        }
        flush()
        agent.end = nanoseconds(time)
        agent.attributes.merge(attributes(of: outcome))
        if let failure = outcome.failure {
            agent.fail(failure.type, nil)
            agent.error = failure.message
        }
        export(agent)
        measure(
            .runDuration, .amount(outcome.seconds),
            [Key.runEnd: .string(outcome.end), Key.mode: .string(facts.mode)])
        measure(.saved, .amount(outcome.savedSeconds), [:])
        measure(.wasted, .amount(outcome.wastedSeconds), [:])
    }

    // MARK: - Parts

    /// Part of what the next request holds.
    mutating func remember(_ entry: Transcript.Entry) { if capturesContent { history.add(entry) } }

    /// A span of a piece of work, below the agent's.
    mutating func child(_ name: String, _ kind: Span.Kind, _ time: Double, _ attributes: Attributes) -> Span {
        let start = nanoseconds(time)
        return Span(
            trace: agent.trace, id: ids.next(), parent: agent.id, state: agent.state, name: name, kind: kind,
            start: start, end: start, attributes: attributes)
    }

    func nanoseconds(_ time: Double) -> UInt64 { Self.nanoseconds(time, epoch) }

    private static func nanoseconds(_ time: Double, _ epoch: UInt64) -> UInt64 {
        epoch &+ UInt64(max(0, min(time, 1e9)) * 1e9)
    }

    mutating func measure(_ instrument: Instrument, _ value: Measurement.Value, _ attributes: Attributes) {
        var attributes = attributes
        if attributes[Key.operation] == nil { attributes[Key.agent] = .string(facts.agent) }
        output.measurements.append(Measurement(instrument: instrument, value: value, attributes: attributes))
    }

    /// Something happened that belongs to the run as a whole.
    mutating func note(_ name: String, _ time: Double, _ attributes: Attributes) {
        guard isSampled else { return }
        let (moment, limits) = (nanoseconds(time), limits)
        agent.add(name, moment, attributes, limits)
    }

    /// Work is over. Only the first time counts.
    mutating func end(_ work: Int, _ time: Double) {
        guard let open = works[work], open.end == nil else { return }
        let moment = max(open.span.start, nanoseconds(time))
        works[work]?.end = time
        works[work]?.span.end = moment
        if open.isDecided { over.append(work) }
        if open.kind != .call { measureDuration(of: work) }
    }

    /// It is known what came of work. Only the first time counts.
    mutating func decide(_ work: Int, _ outcome: OpenWork.Outcome?) {
        guard let open = works[work], !open.isDecided else { return }
        works[work]?.isDecided = true
        if open.isAhead, open.kind != .guess { works[work]?.outcome = outcome }
        if open.end != nil { over.append(work) }
    }

    private mutating func advance(to time: Double) {
        guard time > latest else { return }
        latest = time
        flush()
    }

    /// Exports what is over.
    private mutating func flush() {
        for number in over {
            guard let work = works.removeValue(forKey: number) else { continue }
            var span = work.span
            if let outcome = work.outcome { span.attributes[Key.outcome] = .string(outcome.rawValue) }
            export(span)
        }
        over = []
    }

    private mutating func export(_ span: Span) {
        guard isSampled else { return }
        var span = span
        span.attributes = span.attributes.cut(to: limits.valueLength)
        for index in span.events.indices {
            span.events[index].attributes = span.events[index].attributes.cut(to: limits.valueLength)
        }
        output.spans.append(span)
    }

    // MARK: - Turns

    /// An answer is on the path: the request behind it was charged in the same step.
    private mutating func turnTaken(_ turn: Int, _ answer: Turn, isHit: Bool) {
        if isHit { measure(.hits, .count(1), [Key.kind: "question"]) }
        if let guessed = guesses[turn] {
            let came = guessed.contains(answer.calls)
            note(
                came ? "forerun.speculation.hit" : "forerun.speculation.miss", latest,
                [Key.turn: .int(turn), Key.predicted: .int(guessed.count)])
            if !came { measure(.misses, .count(1), [:]) }
        }
        guesses = guesses.filter { $0.key > turn }
        if let answering, answering.turn == turn {
            works[answering.work]?.span.attributes[Key.finishReasons] = .strings([answer.finish.description])
            if capturesContent { addContent(answer, toWork: answering.work) }
        }
        remember(.turn(answer))
    }

    /// Where an answer was whole, it is no turn: it was cut off, or withheld.
    private mutating func answerFailed(_ turn: Int, _ failure: ModelFailure, isFinal: Bool) {
        guard isFinal, let answering, answering.turn == turn else { return }
        works[answering.work]?.span.fail(WorkSignal.Failure(failure.kind.description).kind, failure.status)
    }

    /// What a request took, and with it what came of it.
    private mutating func charged(_ charge: Charge, _ time: Double) {
        measureTokens(of: charge)
        if charge.outcome == .committed || charge.outcome == .ahead { answering = (charge.turn, charge.work) }
        guard works[charge.work] != nil else { return }
        let costs = attributes(of: charge)
        works[charge.work]?.span.attributes.merge(costs)
        switch charge.outcome {
        case .committed, .guesses, .unfinished: decide(charge.work, nil)
        case .ahead:
            if let work = works[charge.work], work.isAhead {
                works[charge.work]?.span.attributes[Key.saved] = .double((work.saved(at: time) * 1000).rounded())
            }
            decide(charge.work, .hit)
        case .wasted: decide(charge.work, .wasted)
        }
    }
}

extension Span {
    /// Adds an event, as far as the limit allows.
    mutating func add(_ name: String, _ time: UInt64, _ attributes: Attributes, _ limits: SpanLimits) {
        if events.count < limits.events {
            events.append(Event(name: name, time: time, attributes: attributes))
        } else {
            droppedEvents += 1
        }
    }

    /// - Parameter type: one of few words.
    mutating func fail(_ type: String, _ status: Int?) {
        guard attributes[Key.errorType] == nil else { return }
        // A status that says so is the type, by the conventions for HTTP.
        let isTelling = status.map { $0 >= 400 } ?? false
        attributes[Key.errorType] = .string(isTelling ? "\(status ?? 0)" : type)
        attributes[Key.status] = status.map { .int($0) }
        error = String(type.map { $0 == "_" ? " " : $0 })
    }
}

extension OpenWork.Kind {
    /// For measurements.
    var word: String {
        switch self {
        case .question: "question"
        case .guess: "guess"
        case .call: "call"
        }
    }
}
