import ForerunCore

/// The work of a run as bars along time, as it goes on.
struct LaneBook: Sendable {
    /// Bars that are kept at least.
    private static let limit = 2000

    private(set) var bars: [LaneChart.Bar] = []
    /// Places in ``bars``, by number of the work.
    private var places: [Int: Int] = [:]
    private var promoted: Set<Int> = []
    /// The latest question on the real path.
    private var asked: Int?

    mutating func on(_ event: RunEvent, at time: Double) {
        switch event {
        case .asked(let work, _, let lane, _):
            if lane == .active { asked = work }
            begin(work, lane == .active ? .actor : .ahead, time)
        case .performed(let work, _, _, let lane, _): begin(work, lane == .active ? .calls : .ahead, time)
        case .answered(let work, _, _), .callFinished(let work, _, _, _): end(work, time)
        case .answerFailed: if let asked { end(asked, time, .cancelled) }
        case .turnTaken(_, _, _, _, let isHit, _): if !isHit, let asked { end(asked, time) }
        case .callTaken(_, _, _, _, _, _, _, let work): if let work { use(work) }
        case .promoted(let work):
            promoted.insert(work)
            if let place = places[work], bars[place].kind == .unused { bars[place].kind = .ahead }
        case .cancelled(let work, _): end(work, time, .cancelled)
        case .fellBack, .charged, .predicted, .forked, .committed, .discarded, .approvalRequested, .approvalAnswered,
            .messageAwaited, .messageJoined, .halted, .speculationSwitched:
            break
        }
    }

    /// The bars as they are at a moment: what runs has come this far.
    func bars(at now: Double) -> [LaneChart.Bar] {
        bars.map { bar in
            guard bar.kind == .running else { return bar }
            var bar = bar
            bar.end = max(bar.start, now)
            return bar
        }
    }

    private mutating func begin(_ work: Int, _ lane: LaneChart.Lane, _ time: Double) {
        if bars.count >= 2 * Self.limit { forget(bars.count - Self.limit) }
        places[work] = bars.count
        bars.append(LaneChart.Bar(lane: lane, kind: .running, start: time, end: time))
    }

    private mutating func end(_ work: Int, _ time: Double, _ kind: LaneChart.Kind? = nil) {
        guard let place = places[work], bars[place].kind == .running else { return }
        let standard: LaneChart.Kind = bars[place].lane != .ahead ? .used : promoted.contains(work) ? .ahead : .unused
        bars[place].end = time
        bars[place].kind = kind ?? standard
    }

    private mutating func use(_ work: Int) {
        guard let place = places[work], bars[place].kind != .cancelled else { return }
        bars[place].kind = bars[place].lane == .ahead ? .ahead : .used
    }

    private mutating func forget(_ count: Int) {
        bars.removeFirst(count)
        places = places.filter { $0.value >= count }.mapValues { $0 - count }
        promoted.formIntersection(places.keys)
    }
}
