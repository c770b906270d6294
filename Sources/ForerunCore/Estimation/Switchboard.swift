/// Turns speculation off where it loses, and tries it again later: each source of guesses for itself, and all of it.
///
/// Admission starts what is *expected* to be worth it. This looks at what came of it: seconds that were saved on the critical
/// path against what was spent in vain, both in seconds, over a window in which old turns fade. Whoever has lost more than
/// half a turn's time there is off for some turns, then tried again with an empty window; each time it fails anew, it is off
/// for twice as long.
package struct Switchboard: Sendable, Hashable {
    /// Something was turned off, or on again.
    package struct Change: Sendable, Hashable {
        /// `nil`: all speculation.
        package var source: String?
        package var isOn: Bool
        /// Seconds in the window.
        package var saved: Double
        package var spent: Double
        /// For how many turns it is off; 0 where it is on again.
        package var pause: Int

        package init(source: String?, isOn: Bool, saved: Double, spent: Double, pause: Int) {
            self.source = source
            self.isOn = isOn
            self.saved = saved
            self.spent = spent
            self.pause = pause
        }
    }

    /// What came of one source, or of all.
    struct Account: Sendable, Hashable {
        var saved = 0.0
        var spent = 0.0
        /// Turns in the window, those long ago counting less.
        var turns = 0.0
        /// For how many turns it is still off; 0: it is on.
        var rest = 0
        /// For how long it is off the next time.
        var pause = Switchboard.firstPause
    }

    /// Sources that are remembered.
    private static let limit = 256
    private static let firstPause = 16
    private static let longestPause = 256
    /// What a turn counts after the next one: half of the weight lies in the last 11.
    private static let memory = 1 - 1.0 / 16
    /// Turns in the window before anything is turned off.
    private static let enough = 8.0
    /// Turns' time that must be lost.
    private static let tolerance = 0.5

    var whole = Account()
    var sources: [String: Account] = [:]
    /// Seconds of the turn at hand that reads of a source saved: those of one turn run beside each other.
    private var reads: [String?: Double] = [:]

    package init() {}

    /// Whether anything is guessed at all.
    package var isOn: Bool { whole.rest == 0 }

    package func isOn(_ source: String) -> Bool { isOn && (sources[source]?.rest ?? 0) == 0 }

    /// Everything that is off now.
    var whatIsOff: [Change] {
        let all = [(nil, whole)] + sources.sorted { $0.key < $1.key }.map { (Optional($0.key), $0.value) }
        return all.filter { $0.1.rest > 0 }.map { source, account in
            Change(source: source, isOn: false, saved: account.saved, spent: account.spent, pause: account.rest)
        }
    }

    /// Work that was started ahead was used.
    mutating func save(_ seconds: Double, by source: String?) {
        change(source) { $0.saved += seconds }
    }

    /// The same for a read, which others of its turn may have run beside.
    mutating func saveRead(_ seconds: Double, by source: String?) { reads[source] = max(reads[source] ?? 0, seconds) }

    /// Something was spent in vain: what it cost and the slot that it held, in seconds.
    mutating func spend(_ seconds: Double, by source: String?) {
        change(source) { $0.spent += seconds }
    }

    /// - Parameter turnSeconds: what a turn takes.
    /// - Returns: what is turned off or on from here on.
    mutating func turnEnded(turnSeconds: Double) -> [Change] {
        for source in [nil] + reads.keys.compactMap(\.self).sorted() {
            if let seconds = reads[source] { save(seconds, by: source) }
        }
        reads = [:]
        var changes: [Change] = []
        for source in sources.keys.sorted() {
            // Where nothing is guessed, nobody proves anything.
            guard isOn, var account = sources[source] else { continue }
            if let change = account.turnEnded(source, turnSeconds) { changes.append(change) }
            sources[source] = account
        }
        // The others get a chance of their own.
        if changes.contains(where: { !$0.isOn }) { whole = Account() }
        if let change = whole.turnEnded(nil, turnSeconds) { changes.append(change) }
        return changes
    }

    private mutating func change(_ source: String?, _ body: (inout Account) -> Void) {
        body(&whole)
        guard let source, sources[source] != nil || sources.count < Self.limit else { return }
        body(&sources[source, default: Account()])
    }
}

extension Switchboard.Account {
    fileprivate mutating func turnEnded(_ source: String?, _ turnSeconds: Double) -> Switchboard.Change? {
        if rest > 0 {
            rest -= 1
            guard rest == 0 else { return nil }
            // What came in meanwhile, of work from before, is no part of the new window.
            self = Self(pause: pause)
            return Switchboard.Change(source: source, isOn: true, saved: 0, spent: 0, pause: 0)
        }
        turns += 1
        if turns >= Switchboard.enough, spent - saved > Switchboard.tolerance * turnSeconds {
            let change = Switchboard.Change(source: source, isOn: false, saved: saved, spent: spent, pause: pause)
            let next = min(2 * pause, Switchboard.longestPause)
            self = Self(rest: pause, pause: next)
            return change
        }
        // A window that was worth it makes up for earlier failures.
        if turns >= Switchboard.enough, saved > spent { pause = Switchboard.firstPause }
        saved *= Switchboard.memory
        spent *= Switchboard.memory
        turns *= Switchboard.memory
        return nil
    }
}

extension Switchboard {
    private static let version = 1

    /// Everything, to be kept for later runs: rows of source (`null`: all), saved, spent, turns, rest, pause.
    package var snapshot: JSON {
        let rows = [(nil, whole)] + sources.sorted { $0.key < $1.key }.map { (Optional($0.key), $0.value) }
        return [
            "version": .int(Self.version),
            "accounts": .array(
                rows.map { source, account in
                    [
                        source.map { .string($0) } ?? .null, .seconds(account.saved), .seconds(account.spent),
                        .seconds(account.turns), .int(account.rest), .int(account.pause),
                    ]
                }),
        ]
    }

    /// Reads a snapshot; what makes no sense is left out. What was off for long is tried again sooner: another run may have
    /// other models, and other luck.
    package init(snapshot: JSON) {
        guard snapshot["version"]?.intValue == Self.version else { return }
        for row in (snapshot["accounts"]?.arrayValue ?? []).prefix(Self.limit + 1) {
            guard let fields = row.arrayValue, fields.count == 6, let saved = fields[1].doubleValue,
                let spent = fields[2].doubleValue, let turns = fields[3].doubleValue, let rest = fields[4].intValue,
                let pause = fields[5].intValue, [saved, spent, turns].allSatisfy({ $0 >= 0 && $0 <= 1e9 }),
                (0...Self.longestPause).contains(rest), (Self.firstPause...Self.longestPause).contains(pause)
            else { continue }
            let account = Account(
                saved: saved, spent: spent, turns: turns, rest: min(rest, Self.firstPause), pause: pause)
            if let source = fields[0].stringValue { sources[source] = account } else { whole = account }
        }
    }
}
