import ForerunCore

/// What a terminal shows while a run goes on: a row for the actor, one for each piece of speculative work, hits and misses as
/// they happen.
///
/// Pure: notices go in, rows come out. Confirmed text is handed out line by line, to scroll by above the rows.
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
        var state: State
        /// Seconds since the run began.
        var start: Double
        var seconds: Double?
        /// Turns that were taken since it was ready.
        var age = 0
    }

    let title: String
    let style: ViewStyle
    private(set) var phase = Phase.starting
    /// By number of the work.
    private(set) var branches: [Int: Branch] = [:]
    /// Authoritative calls that run, by number of the work.
    private(set) var activeCalls: [Int: Call] = [:]
    private(set) var callHits = 0
    private(set) var turnHits = 0
    private(set) var misses = 0
    private(set) var guesses = 0
    /// Seconds saved up to the latest turn.
    private(set) var saved = 0.0
    /// Confirmed text that has not come to the end of its line.
    private(set) var openLine = ""
    private var scrolled = ""
    private var estimate = SequentialEstimate()

    /// How long a hit or a miss stays to be seen, in seconds.
    static let afterglow = 1.2

    /// - Parameter title: what runs, and how: `coder full`.
    package init(title: String, style: ViewStyle) {
        self.title = title
        self.style = style
    }

    /// - Parameter now: seconds since the run began.
    package mutating func on(_ notice: RunNotice, at now: Double) {
        switch notice {
        case .event(let event, let time): on(event, time)
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
        openLine += text
        guard let end = openLine.lastIndex(where: \.isNewline) else { return }
        scrolled += openLine[...end]
        openLine = String(openLine[openLine.index(after: end)...])
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
        case .turnTaken(let turn, _, _, _, let isHit, let seconds):
            endLine()
            estimate.turnEnded()
            estimate.addAnswer(seconds: seconds)
            saved = estimate.seconds - time
            if isHit { turnHits += 1 }
            dropAnswers(upTo: turn, at: time)
            age()
            phase = .performing(turn: turn, since: time)
        case .predicted: guesses += 1
        case .performed(let work, let call, let world, let lane, _):
            if lane == .active {
                activeCalls[work] = call
            } else {
                branches[work] = Branch(subject: .call(call, world: world), state: .running, start: time)
            }
        case .answered(let work, _, let seconds):
            guard case .running = branches[work]?.state else { return }
            branches[work]?.state = .ready
            branches[work]?.seconds = seconds
        case .callFinished(let work, _, let seconds, _):
            activeCalls[work] = nil
            guard case .running = branches[work]?.state else { return }
            branches[work]?.state = .ready
            branches[work]?.seconds = seconds
        case .callTaken(_, _, _, _, let isHit, let seconds, let effect, let work):
            estimate.addCall(seconds: seconds, isBarrier: effect != .readOnly)
            if isHit { callHits += 1 }
            if let work { settle(work, isHit: true, at: time) }
        case .promoted(let work): promote(work, at: time)
        case .cancelled(let work, _):
            activeCalls[work] = nil
            settle(work, isHit: false, at: time)
        case .discarded(let world):
            for (work, branch) in branches where branch.world == world { settle(work, isHit: false, at: time) }
        case .approvalRequested(_, _, let call):
            estimate.waitBegan(at: time)
            phase = .person(call)
        case .approvalAnswered(let turn, _, _):
            estimate.waitEnded(at: time)
            phase = .performing(turn: turn, since: time)
        case .forked, .committed, .messageAwaited, .messageJoined, .halted, .speculationSwitched, .charged: break
        }
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
