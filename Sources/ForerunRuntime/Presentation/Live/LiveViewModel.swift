import ForerunCore

/// What a terminal shows while a run goes on: a row for the actor, one for each piece of speculative work with the guess behind
/// it, hits and misses as they happen, and a panel that a key opens.
///
/// Pure: notices and keys go in, rows come out. Confirmed text is handed out line by line, to scroll by above the rows.
package struct LiveViewModel: Sendable {
    enum Phase: Sendable {
        case starting
        case asking(turn: Int, since: Double)
        case performing(turn: Int, since: Double)
        case waiting(String, until: Double)
        case person(Call)
        case over
    }

    /// What a row stands for.
    enum Subject: Sendable {
        case answer(turn: Int)
        case call(Call, world: Int)
    }

    enum State: Sendable {
        case running
        case ready
        case hit(at: Double)
        case missed(at: Double)
    }

    struct Branch: Sendable {
        var subject: Subject
        /// Who guessed it, with which probability.
        var reason = ""
        var state: State
        /// Seconds since the run began.
        var start: Double
        var seconds: Double?
        /// Turns that were taken since it was ready.
        var age = 0
    }

    let title: String
    let style: ViewStyle
    let facts: LiveFacts
    /// Keys are read, so that it is worth naming them.
    let hasKeys: Bool
    /// What endpoints have said of their rate limits.
    package var rates: [RateLevel] = []
    /// What is open beside the rows, and how far down it was scrolled.
    var panel: Panel?
    var scroll = 0
    /// Seconds that the timeline shows; `nil`: as many as there are, up to a minute.
    var window: Double?

    private(set) var phase = Phase.starting
    /// By number of the work.
    private(set) var branches: [Int: Branch] = [:]
    /// Authoritative calls that run, by number of the work.
    private(set) var activeCalls: [Int: Call] = [:]
    private(set) var calls = 0
    private(set) var callHits = 0
    private(set) var turnHits = 0
    private(set) var misses = 0
    private(set) var guessed = 0
    /// Turns that were taken, as far as they can be seen here.
    private(set) var turns = 0
    /// Whether each of the latest turns was asked ahead.
    private(set) var latestTurns: [Bool] = []
    private(set) var guesses = GuessBook()
    private(set) var lanes = LaneBook()
    private(set) var costs = LiveCosts()
    package private(set) var progress = RunProgress()
    /// Confirmed text that has not come to the end of its line.
    private(set) var openLine = ""
    private var scrolled = ""

    /// How long a hit or a miss stays to be seen, in seconds.
    static let afterglow = 1.2
    /// Turns whose hits are shown at the top.
    static let strip = 20

    /// - Parameter title: what runs, and how: `coder full`.
    package init(title: String, style: ViewStyle, facts: LiveFacts = LiveFacts(), hasKeys: Bool = false) {
        self.title = title
        self.style = style
        self.facts = facts
        self.hasKeys = hasKeys
    }

    /// - Parameter now: seconds since the run began.
    package mutating func on(_ notice: RunNotice, at now: Double) {
        progress.on(notice)
        switch notice {
        case .event(let event, let time):
            lanes.on(event, at: time)
            on(event, time)
        case .fact: break
        case .warning(let text): note(DisplayText.line(text, limit: 1000))
        case .text(let text, _): scroll(DisplayText.harmless(text))
        case .withdrawn(let turn):
            endLine()
            scrolled += style.paint("turn \(turn + 1) broke off: what was shown of it does not count", .warning) + "\n"
        case .finished:
            endLine()
            phase = .over
            branches = [:]
            activeCalls = [:]
        }
        for (work, branch) in branches where branch.isFaded(at: now) { branches[work] = nil }
    }

    /// Lines that scroll by above the rows, complete ones only. Taken once.
    package mutating func takeScrolled() -> String {
        defer { scrolled = "" }
        return scrolled
    }

    /// A line of ours among the text.
    package mutating func note(_ line: String) {
        endLine()
        scrolled += line + "\n"
    }

    private mutating func scroll(_ text: String) {
        guard let end = text.lastIndex(where: \.isNewline) else {
            openLine += text
            return
        }
        scrolled += openLine + text[...end]
        openLine = String(text[text.index(after: end)...])
    }

    private mutating func endLine() {
        if !openLine.isEmpty { scrolled += openLine + "\n" }
        openLine = ""
    }

    // MARK: - Events

    private mutating func on(_ event: RunEvent, _ time: Double) {
        switch event {
        case .asked(let work, let turn, let lane, _):
            if lane == .active {
                phase = .asking(turn: turn, since: time)
                dropAnswers(upTo: turn, at: time)
            } else {
                branches[work] = Branch(subject: .answer(turn: turn), state: .running, start: time)
            }
        case .answerFailed(let turn, let failure, let attempt, let of, let wait):
            let text = FailureLine.text(failure, turn: turn, attempt: attempt, of: of, wait: nil)
            if let wait { phase = .waiting(text, until: time + wait) }
        case .fellBack(let fallback): note(style.paint(FailureLine.text(fallback), .warning))
        case .turnTaken(let turn, _, let answer, _, let isHit, _):
            endLine()
            take(turn, answer, isHit: isHit)
            dropAnswers(upTo: turn, at: time)
            age()
            phase = .performing(turn: turn, since: time)
        case .predicted(let turn, let source, _, let calls, let probability, _):
            guessed += 1
            guesses.add(turn: turn, source: source, calls: calls, probability: probability)
        case .performed(let work, let call, let world, let lane, _):
            if lane == .active {
                activeCalls[work] = call
            } else {
                branches[work] = Branch(
                    subject: .call(call, world: world), reason: reason(for: call), state: .running, start: time)
            }
        case .answered(let work, _, let seconds): finish(work, seconds)
        case .callFinished(let work, _, let seconds, _):
            activeCalls[work] = nil
            finish(work, seconds)
        case .callTaken(_, _, _, _, let isHit, _, _, let work):
            calls += 1
            if isHit { callHits += 1 }
            if let work { settle(work, isHit: true, at: time) }
        case .promoted(let work): promote(work, at: time)
        case .cancelled(let work, _):
            activeCalls[work] = nil
            settle(work, isHit: false, at: time)
        case .discarded(let world):
            for (work, branch) in branches where branch.world == world { settle(work, isHit: false, at: time) }
        case .approvalRequested(_, _, let call): phase = .person(call)
        case .approvalAnswered(let turn, _, _): phase = .performing(turn: turn, since: time)
        case .speculationSwitched(_, let change):
            guesses.switched(change)
            note(style.paint(change.summary, change.isOn ? .dim : .warning))
        case .charged(let charge): costs.add(charge)
        case .forked, .committed, .messageAwaited, .messageJoined, .halted: break
        }
    }

    private mutating func take(_ turn: Int, _ answer: Turn, isHit: Bool) {
        turns = turn + 1
        if isHit { turnHits += 1 }
        latestTurns.append(isHit)
        if latestTurns.count > Self.strip { latestTurns.removeFirst() }
        guesses.took(turn: turn, calls: answer.calls)
    }

    private func reason(for call: Call) -> String {
        guard let guess = guesses.reason(for: call) else { return "as said" }
        let percent = PresentedNumber.fixed(guess.probability * 100, 0)
        return "\(percent) % \(DisplayText.line(guess.source, limit: 24, mark: style.symbol(.cut)))"
    }

    private mutating func finish(_ work: Int, _ seconds: Double) {
        guard case .running = branches[work]?.state else { return }
        branches[work]?.state = .ready
        branches[work]?.seconds = seconds
    }

    /// The real path is at `turn`: other answers to that question or earlier ones are of no use any more.
    private mutating func dropAnswers(upTo turn: Int, at time: Double) {
        for (work, branch) in branches {
            if case .answer(let other) = branch.subject, other <= turn { settle(work, isHit: false, at: time) }
        }
    }

    /// Results that nobody took for two turns are not shown any longer.
    private mutating func age() {
        for (work, branch) in branches {
            guard case .ready = branch.state else { continue }
            branches[work]?.age += 1
            if branch.age >= 2 { branches[work] = nil }
        }
    }

    private mutating func promote(_ work: Int, at time: Double) {
        guard let branch = branches[work] else { return }
        switch branch.subject {
        case .answer(let turn): phase = .asking(turn: turn, since: branch.start)
        case .call(let call, _): if case .running = branch.state { activeCalls[work] = call }
        }
        settle(work, isHit: true, at: time)
    }

    private mutating func settle(_ work: Int, isHit: Bool, at time: Double) {
        guard let state = branches[work]?.state else { return }
        switch state {
        case .running, .ready:
            if !isHit { misses += 1 }
            branches[work]?.state = isHit ? .hit(at: time) : .missed(at: time)
        case .hit, .missed: break
        }
    }
}

extension LiveViewModel.Branch {
    var world: Int? { if case .call(_, let world) = subject { world } else { nil } }

    func isFaded(at now: Double) -> Bool {
        switch state {
        case .running, .ready: false
        case .hit(let time), .missed(let time): now - time > LiveViewModel.afterglow
        }
    }
}
