import ForerunCore
package import ForerunRecords
import Synchronization

/// A database of records that all replays of its domain share. Nothing is ever committed to it: a run's worlds are forks.
package final class ReplayRecords: Sendable {
    let environment: RecordsEnvironment
    private let lastWorld = Mutex(0)

    package init(_ environment: RecordsEnvironment) { self.environment = environment }

    func newWorld() -> WorldID {
        lastWorld.withLock { number in
            number += 1
            return WorldID(number)
        }
    }
}

/// The worlds of one replay: what a call returns in them, and how long it takes.
///
/// On the recorded path a call returns what was recorded. Off it, a database says what is true there; without one, a call
/// returns what it returns next in the run, else what it returned last, else nothing.
struct ReplayWorlds {
    /// What performing a call came to.
    struct Performed {
        var result: CallResult
        var seconds: Double
    }

    private let path: ReplayPath
    private let book: ReplayBook
    private let latencies: ReplayLatencies
    private let records: ReplayRecords?
    /// How many of the recorded changes a world has; none for worlds that are off the path.
    private var changes: [WorldID: Int] = [.initial: 0]
    /// The worlds in the database.
    private var realWorlds: [WorldID: WorldID] = [:]
    /// Calls on the recorded path whose output in the database is another one, and those that were compared.
    private(set) var differences = 0
    private(set) var comparisons = 0

    init(_ path: ReplayPath, book: ReplayBook, latencies: ReplayLatencies, records: ReplayRecords?) {
        self.path = path
        self.book = book
        self.latencies = latencies
        self.records = records
    }

    mutating func open() async throws(EnvironmentFailure) {
        guard let records else { return }
        let world = records.newWorld()
        try await records.environment.fork(.initial, as: world)
        realWorlds[.initial] = world
    }

    mutating func close() async {
        for world in realWorlds.values { await records?.environment.discard(world) }
        realWorlds = [:]
    }

    mutating func fork(_ child: WorldID, from parent: WorldID) async throws(EnvironmentFailure) {
        changes[child] = changes[parent]
        guard let records, let real = realWorlds[parent] else { return }
        let world = records.newWorld()
        try await records.environment.fork(real, as: world)
        realWorlds[child] = world
    }

    mutating func discard(_ world: WorldID) async {
        changes[world] = nil
        if let real = realWorlds.removeValue(forKey: world) { await records?.environment.discard(real) }
    }

    /// - Parameter turn: the number of the turn that the run is at.
    mutating func perform(_ call: Call, in world: WorldID, turn: Int) async -> Performed {
        let judged = book.judge(call)
        let place = changes[world]
        let known = path.occurrences[judged.identity] ?? []
        let occurrence = place.flatMap { place in
            known.first { $0.turn >= turn && isThere($0, judged, place) }
        }
        if judged.isContained { changes[world] = occurrence == nil ? nil : place.map { $0 + 1 } }
        // What failed when it was recorded changed nothing then, so it changes nothing here.
        let failed = judged.isContained && occurrence?.output.isError == true
        let real = failed ? nil : await performReally(call, judged, in: world)
        if let occurrence {
            compare(real, occurrence)
            var result = real ?? Self.result(occurrence.output, judged)
            if failed {
                result.writes = .nothing
            } else if judged.isContained, result.writes == .nothing {
                // The database refused what was done when it was recorded.
                result.writes = .everything
            }
            result.output = occurrence.output
            let seconds = latencies.call(call, at: occurrence, in: path)
            return Performed(result: outlived(result, by: known, turn), seconds: seconds)
        }
        let seconds = latencies.wrongCall(call, turn: turn, in: path)
        if let real { return Performed(result: outlived(real, by: known, turn), seconds: seconds) }
        if let next = known.first(where: { $0.turn >= turn }) {
            let result = Self.result(next.output, judged)
            return Performed(result: result, seconds: latencies.call(call, at: next, in: path))
        }
        return Performed(result: Self.result(known.last?.output ?? Output(""), judged), seconds: seconds)
    }

    /// A read that says something else later on the path does not outlive a change, whatever the database says of it.
    private func outlived(
        _ result: CallResult, by occurrences: [ReplayPath.Occurrence], _ turn: Int
    ) -> CallResult {
        guard occurrences.contains(where: { $0.turn >= turn && $0.output != result.output }) else { return result }
        var result = result
        result.reads = .everything
        return result
    }

    /// Whether the call, made in a world with so many of the recorded changes, is this one of the path.
    private func isThere(_ occurrence: ReplayPath.Occurrence, _ call: JudgedCall, _ place: Int) -> Bool {
        call.isContained ? occurrence.place == place : occurrence.segment == path.segments[place]
    }

    private func performReally(_ call: Call, _ judged: JudgedCall, in world: WorldID) async -> CallResult? {
        guard let records, judged.effect != .external, let real = realWorlds[world] else { return nil }
        // What a database cannot do is as if there were none.
        return try? await records.environment.perform(call, in: real, context: CallContext())
    }

    private mutating func compare(_ real: CallResult?, _ occurrence: ReplayPath.Occurrence) {
        guard let real else { return }
        comparisons += 1
        if real.output.text != occurrence.output.text { differences += 1 }
    }

    /// What is known of a call that no database performs: it may have read, and if it changes anything, changed everything.
    private static func result(_ output: Output, _ call: JudgedCall) -> CallResult {
        CallResult(output, reads: .everything, writes: call.isRead ? .nothing : .everything)
    }
}
