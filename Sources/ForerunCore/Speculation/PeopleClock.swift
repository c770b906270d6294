/// How long a run has waited for people: for their messages and for their approvals.
struct PeopleClock: Sendable, Hashable {
    private var total: Double
    private var since: Double?
    /// The limit on the run's time came up while a person was waited for.
    var isAlarmDue = false

    /// - Parameter seconds: waited before.
    init(seconds: Double = 0) { total = seconds }

    var isRunning: Bool { since != nil }

    /// In seconds, up to now.
    func seconds(at now: Double) -> Double { total + (since.map { now - $0 } ?? 0) }

    mutating func start(at now: Double) { since = since ?? now }

    mutating func stop(at now: Double) {
        total = seconds(at: now)
        since = nil
    }
}
