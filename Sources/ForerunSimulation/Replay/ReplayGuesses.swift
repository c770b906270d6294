import ForerunCore

/// The guesses of one pass: what they were worth, and who made them.
struct ReplayGuesses {
    private(set) var scores = GuessScores()
    private(set) var earned: [String: ReplayPass.Earned] = [:]
    /// What the answers on the path took.
    private(set) var answerSeconds = 0.0

    private let path: ReplayPath
    private let book: ReplayBook
    /// Where each speculator was asked.
    private var questions: [WorkID: Transcript] = [:]
    /// In order of arrival.
    private var candidates: [Transcript: [GuessScores.Candidate]] = [:]
    /// The guesses that the core is being told of.
    private var arriving: (transcript: Transcript, news: [Prediction])?
    /// The root before the latest turn, and the one before that.
    private var root: (transcript: Transcript, turn: Turn)?
    private var previousRoot: (transcript: Transcript, turn: Turn)?
    /// When the latest thing on the path happened.
    private var latest = 0.0
    /// When the calls that are taken now were needed: reads that are made side by side are needed at once.
    private var needed = 0.0

    init(_ path: ReplayPath, _ book: ReplayBook) {
        self.path = path
        self.book = book
    }

    mutating func ask(_ id: WorkID, at transcript: Transcript) { questions[id] = transcript }

    mutating func arrive(_ news: [Prediction], of id: WorkID) {
        arriving = questions[id].map { ($0, news) }
    }

    /// The actor's turn at `transcript` is on the path.
    mutating func take(_ turn: Turn, at transcript: Transcript) {
        previousRoot = root
        root = (transcript, turn)
    }

    mutating func record(_ event: RunEvent, at time: Double) {
        switch event {
        case .predicted(_, let source, let rank, let calls, let probability, _):
            arrived(source, rank, calls, probability)
        case .turnTaken(_, _, _, _, let isHit, let seconds):
            if isHit, let previousRoot {
                let calls = identities(previousRoot.turn)
                earn(at: previousRoot.transcript, max(0, seconds - (time - latest)), \.turns) { $0.calls == calls }
            }
            answerSeconds += seconds
            pass(time)
        case .callTaken(_, _, let call, _, let isHit, let seconds, _, _):
            let judged = book.judge(call)
            // Barriers are made one by one.
            if !judged.isRead { needed = latest }
            if isHit, let root {
                earn(at: root.transcript, max(0, seconds - (time - needed)), \.calls) {
                    $0.calls.contains(judged.identity)
                }
            }
            latest = time
            if !judged.isRead { needed = time }
        case .messageJoined: pass(time)
        default: break
        }
    }

    private mutating func pass(_ time: Double) {
        latest = time
        needed = time
    }

    /// Scores what was guessed of the turn that came.
    mutating func score(_ turn: Turn, _ context: SpeculationContext, ranking: [String?]?) {
        let here = candidates[context.request.transcript] ?? []
        let ranked = here.enumerated()
            .sorted { ($0.element.probability, $1.offset) > ($1.element.probability, $0.offset) }.map(\.element)
        scores.add(ranked, ranking: ranking, calls: turn.calls.map(book.judge))
    }

    private mutating func arrived(_ source: String, _ rank: Int, _ calls: [Call], _ probability: Double) {
        guard let arriving, let guess = arriving.news.first(where: { $0.rank == rank && $0.turn.calls == calls })
        else { return }
        let entry = path.program.entry(for: guess.turn)
        var here = candidates[arriving.transcript] ?? []
        if let same = here.firstIndex(where: { $0.entry == entry }) {
            // The core has merged what its sources say.
            here[same].probability = probability
        } else {
            here.append(
                GuessScores.Candidate(
                    turn: guess.turn, entry: entry, calls: identities(guess.turn), source: source,
                    probability: probability))
        }
        candidates[arriving.transcript] = here
    }

    private mutating func earn(
        at transcript: Transcript, _ seconds: Double, _ count: WritableKeyPath<ReplayPass.Earned, Int>,
        where isRight: (GuessScores.Candidate) -> Bool
    ) {
        let source = candidates[transcript]?.first(where: isRight)?.source ?? "earlier guesses"
        earned[source, default: ReplayPass.Earned()][keyPath: count] += 1
        earned[source, default: ReplayPass.Earned()].seconds += seconds
    }

    private func identities(_ turn: Turn) -> [CallIdentity] { turn.calls.map { book.judge($0).identity } }
}
