package import ForerunCore

/// What the log of a run says about its committed path, as far as it can be read.
///
/// A pure fold over the lines. Lines of kinds that it does not know are passed over: later versions may add some.
package struct RunRecord: Sendable {
    /// A place in the committed path.
    struct Mark: Sendable, Hashable {
        var turns: Int
        /// Outputs of the last turn.
        var calls: Int
    }

    /// A change that the log announces, until it says that it has landed.
    struct Pending: Sendable {
        var world: Int
        /// The path without it.
        var before: Mark
    }

    /// Where a log cannot be read any further, and why.
    package struct Damage: Sendable, Hashable, CustomStringConvertible {
        /// From 1.
        package var line: Int
        package var reason: String
        package var description: String { "line \(line): \(reason)" }
    }

    /// `run.started`; `nil`: the run was cut off before it was written.
    package private(set) var started: JSON?
    /// `run.opened`: what was there when the first question was asked.
    package private(set) var opened: JSON?
    /// `run.completed` of the last time that the run came to an end; `nil`: it was cut off, or goes on.
    package private(set) var completed: JSON?
    package internal(set) var turns: [Resumption.TakenTurn] = []
    package internal(set) var messages: [String] = []
    /// Messages that waited for the agent's last word when the log ended, in order.
    package private(set) var queued: [String] = []
    /// Messages that had joined before the run was gone on with, and join again.
    private var rejoining: [String] = []
    /// The user has stopped what the agent did.
    package private(set) var isHalted = false
    /// How long people were waited for, in seconds, and since when they are.
    private var waited = 0.0
    private var waitingSince: Double?
    /// How often the run was gone on with.
    package private(set) var resumptions = 0
    /// Seconds until the last event.
    package private(set) var elapsed = 0.0
    package private(set) var damage: Damage?
    /// The greatest number of a work or a world.
    private var greatest = 0
    private var pending: [Pending] = []
    /// Calls on the real path that leave their branch, were begun, and have no output yet.
    private var leaving: [Int: Call] = [:]
    /// Models that were replaced.
    private var fallbacks: [Fallback] = []
    /// What the answers that are about to be taken cost, by turn.
    private var costs: [Int: Cost] = [:]
    /// What speculation cost beyond the run.
    private var wasted = Cost.zero
    /// Whether changes are held back in branches, as the run was opened last.
    private var hasBranches = true
    /// The worlds with changes that have landed in a world that outlives the process.
    package private(set) var changedWorlds: Set<Int> = []
    /// Turns with calls that changed things in place, or may have.
    package private(set) var turnsInPlace: Set<Int> = []
    /// The turn that each committed world belongs to.
    package private(set) var turnOfWorld: [Int: Int] = [:]
    private var unreadable: Int?
    private var line = 0

    package init() {}

    /// The newest version of the log that can be read here.
    package static let version = EventLog.version

    // MARK: - Reading

    /// Takes the next line.
    ///
    /// - Parameter outputs: where large outputs are; `nil`: only their beginnings are wanted.
    package mutating func add(_ item: EventLogReader.Item, line number: Int, outputs: OutputFiles? = nil) {
        line = number
        if case .impossible(let reason) = item { return fail(reason) }
        guard case .event(let event) = item else {
            if damage == nil, unreadable == nil { unreadable = number }
            return
        }
        let type = event["type"]?.stringValue
        // Of another run, or of a version that cannot be read, it heals nothing.
        if type == "run.resumed", isOurs(event) { return resume(event) }
        // What a killed writer tore, only another process can have gone on from: it settles commits, then goes on.
        if let torn = unreadable, !Self.followsDeath.contains(type ?? "") {
            damage = damage ?? Damage(line: torn, reason: "it is no JSON")
        }
        if type == "run.resumed" { check(event) }
        guard damage == nil else { return }
        if type != "run.started", let time = event["time"]?.doubleValue {
            if time < elapsed - 0.001 { return fail("the time runs backwards") }
            elapsed = max(elapsed, time)
        }
        for key in ["work", "world"] { greatest = max(greatest, event[key]?.intValue ?? 0) }
        switch type {
        case "run.started": start(event)
        case "run.opened":
            opened = opened ?? event
            hasBranches = event["branches"]?.boolValue ?? hasBranches
        case "run.reopened": hasBranches = event["branches"]?.boolValue ?? hasBranches
        case "run.completed": completed = event
        case "turn.taken": take(turn: event)
        case "call.started": begin(call: event)
        case "work.promoted": break
        case "branch.committed": announce(event)
        case "branch.landed":
            // With changes the commit itself says so, and knows no time.
            if event["time"] == nil { changedWorlds.insert(event["world"]?.intValue ?? 0) }
            land(event["world"]?.intValue ?? 0)
        case "branch.takenBack": takeBack(event["world"]?.intValue ?? 0)
        case "call.taken": take(output: event, outputs)
        case "model.replaced": fallbacks += [Fallback(json: event)].compactMap(\.self)
        case "cost": note(cost: event)
        case "message.queued": queued.append(event["text"]?.stringValue ?? "")
        case "message.unqueued": unqueue(event["text"]?.stringValue ?? "")
        case "message.joined": join(event["text"]?.stringValue ?? "")
        case "message.awaited", "approval.requested": waitingSince = waitingSince ?? elapsed
        case "approval.answered": stopWaiting()
        case "run.halted": isHalted = true
        case nil: fail("it has no type")
        default: break
        }
    }

    private static let followsDeath: Set<String> = ["branch.landed", "branch.takenBack"]

    private mutating func fail(_ reason: String) { damage = damage ?? Damage(line: line, reason: reason) }

    private mutating func start(_ event: JSON) {
        check(event)
        if damage == nil { started = event }
    }

    private func isOurs(_ event: JSON) -> Bool {
        if let version = event["version"]?.intValue, version > Self.version { return false }
        return event["id"] == nil || started == nil || event["id"] == started?["id"]
    }

    /// A line that opens a part of the log: of this run, and of a version that can be read.
    private mutating func check(_ event: JSON) {
        guard !isOurs(event) else { return }
        if let version = event["version"]?.intValue, version > Self.version {
            fail("it is of version \(version), and this program reads up to \(Self.version)")
        } else {
            fail("events of the run \(event["id"]?.stringValue ?? "?") are mixed into it")
        }
    }

    private mutating func take(turn event: JSON) {
        guard let answer = Turn(taken: event), let number = event["turn"]?.intValue else {
            return fail("the turn cannot be read")
        }
        guard number == turns.count, turns.last?.isComplete ?? true else {
            return fail("turn \(number + 1) stands where turn \(turns.count + 1) is due")
        }
        leaving = [:]
        completed = nil
        turns.append(
            Resumption.TakenTurn(
                messages: messages, role: event["role"]?.stringValue ?? "actor", answer: answer,
                usage: Usage(json: event["usage"]), cost: costs.removeValue(forKey: number),
                seconds: event["seconds"]?.doubleValue ?? 0,
                isHit: event["ahead"]?.boolValue ?? false))
        messages = []
        rejoining = []
    }

    private mutating func join(_ text: String) {
        stopWaiting()
        isHalted = false
        // What is told again is known, and was taken out of the queue before.
        if let place = rejoining.firstIndex(of: text) {
            rejoining.remove(at: place)
        } else {
            unqueue(text)
            messages.append(text)
        }
    }

    private mutating func unqueue(_ text: String) {
        if let place = queued.firstIndex(of: text) { queued.remove(at: place) }
    }

    private mutating func stopWaiting() {
        waited += waitingSince.map { elapsed - $0 } ?? 0
        waitingSince = nil
    }

    private mutating func note(cost event: JSON) {
        guard let outcome = event["outcome"]?.stringValue.flatMap(Charge.Outcome.init),
            let usage = Usage(json: event["usage"]), max(usage.input, usage.output) < 1 << 40
        else { return }
        let isGuess = outcome == .guesses
        var cost = Cost(usage, price: nil, assumed: isGuess ? .assumedSmall : .assumed)
        cost.money = event["money"]?.doubleValue
        switch outcome {
        case .committed, .ahead: if let turn = event["turn"]?.intValue { costs[turn] = cost }
        case .wasted, .guesses: wasted += cost
        // Asked again by the run that goes on: the ledger holds the answers that were taken.
        case .unfinished: break
        }
    }

    private mutating func take(output event: JSON, _ outputs: OutputFiles?) {
        guard let number = event["turn"]?.intValue, let index = event["index"]?.intValue, let last = turns.indices.last,
            number == last, turns[last].answer.calls.indices.contains(index),
            !turns[last].calls.contains(where: { $0.index == index })
        else { return fail("the output stands where none is due") }
        let text: String
        do throws(StoreError) {
            guard let read = try event.outputText(in: outputs) else { return fail("the output cannot be read") }
            text = read
        } catch {
            return fail("its output cannot be read: \(error.path): \(error.message)")
        }
        let output = Output(
            text, isError: event["isError"]?.boolValue ?? false, endsEpisode: event["ends"]?.boolValue ?? false)
        let effect = event["effect"]?.stringValue.flatMap(Effect.init(rawValue:))
        if output != .denied, effect == .external || (effect == .contained && !hasBranches) {
            turnsInPlace.insert(last)
        }
        turns[last].calls.append(
            Resumption.TakenCall(
                index: index, output: output, seconds: event["seconds"]?.doubleValue ?? 0,
                isHit: event["ahead"]?.boolValue ?? false))
    }

    private mutating func begin(call event: JSON) {
        guard let work = event["work"]?.intValue, event["lane"]?.stringValue == Lane.active.rawValue,
            let call = Call(json: event["call"])
        else { return }
        let effect = event["effect"]?.stringValue.flatMap(Effect.init(rawValue:))
        // Without branches, changes are made in place.
        let isInPlace = effect == .contained && !hasBranches
        if effect == .external || isInPlace { leaving[work] = call }
    }

    private mutating func announce(_ event: JSON) {
        let world = event["world"]?.intValue ?? 0
        pending.append(Pending(world: world, before: mark))
        turnOfWorld[world] = event["turn"]?.intValue ?? turns.count - 1
    }

    private var mark: Mark { Mark(turns: turns.count, calls: turns.last?.calls.count ?? 0) }

    /// Commits land in order: those before it have landed, too.
    private mutating func land(_ world: Int) {
        guard let index = pending.firstIndex(where: { $0.world == world }) else { return }
        pending.removeFirst(index + 1)
    }

    private mutating func takeBack(_ world: Int) {
        guard let item = pending.first(where: { $0.world == world }) else { return }
        cut(to: item.before)
        pending.removeAll { $0.before.turns > item.before.turns || $0.before == item.before || $0.world == world }
    }

    private mutating func cut(to mark: Mark) {
        // What the user said is not lost with the turns around it.
        messages = turns.dropFirst(mark.turns).flatMap(\.messages) + messages
        turns.removeLast(max(0, turns.count - mark.turns))
        if let last = turns.indices.last {
            turns[last].calls.removeLast(max(0, turns[last].calls.count - mark.calls))
        }
    }

    /// The line says what of the path before it counts. A torn line before it is no damage; everything else stays one.
    private mutating func resume(_ event: JSON) {
        guard damage == nil else { return }
        let number = event["turns"]?.intValue ?? turns.count
        guard number <= turns.count else {
            return fail("the run goes on from turn \(number), and \(turns.count) can be read")
        }
        unreadable = nil
        resumptions += 1
        completed = nil
        isHalted = false
        stopWaiting()
        cut(to: Mark(turns: number, calls: .max))
        // They join again, by this process or by one that goes on after it.
        rejoining = messages
        let kept = Set(event["calls"]?.arrayValue?.compactMap(\.intValue) ?? [])
        if let last = turns.indices.last { turns[last].calls.removeAll { !kept.contains($0.index) } }
        pending = []
        leaving = [:]
        elapsed = event["time"]?.doubleValue ?? elapsed
    }

    /// No line follows.
    package mutating func finish() {
        // The last line of a writer that was killed is torn: no damage.
        unreadable = nil
    }

    // MARK: - Results

    /// The run that it begins with the first turns of; `nil`: it begins with none.
    package var forkOf: (id: String, turns: Int)? {
        guard let fork = started?["forkOf"], let id = fork["id"]?.stringValue, let turns = fork["turns"]?.intValue
        else {
            return nil
        }
        return (id, turns)
    }

    /// It was cut off before all turns of the run that it begins with were written.
    package var lacksInheritedTurns: Bool {
        guard let forkOf else { return false }
        return turns.count < forkOf.turns || !turns.prefix(max(0, forkOf.turns)).allSatisfy(\.isComplete)
    }

    /// Turns that have all their outputs.
    package var completeTurns: Int { turns.count - (turns.last?.isComplete ?? true ? 0 : 1) }

    package var id: String { started?["id"]?.stringValue ?? "" }

    /// Whether the run has said its last word.
    package var isFinished: Bool { completed?["end"]?.stringValue == "finished" }

    /// Whether it came to a limit.
    package var hasReachedLimit: Bool { completed?["end"]?.stringValue?.hasPrefix("limit") ?? false }

    /// Whether it is a conversation: it waits for the user after each last word.
    package var isConversation: Bool { started?["conversation"]?.boolValue ?? false }

    /// The last words of the user, and how many turns came before them; `nil`: nothing was said yet.
    package var lastMessages: (texts: [String], turns: Int)? {
        if !messages.isEmpty { return (messages, turns.count) }
        return turns.lastIndex { !$0.messages.isEmpty }.map { (turns[$0].messages, $0) }
    }

    /// What the user gave it to do.
    package var task: String? {
        started?["task"]?.stringValue ?? turns.lazy.compactMap(\.messages.first).first ?? messages.first
    }

    /// The path to go on from; `nil`: the run was cut off before its world was open, and begins anew.
    ///
    /// - Parameter isWorldKept: the world is as the last change left it that has landed. Otherwise it is made again of the calls,
    ///   and everything in the log counts.
    package func resumption(isWorldKept: Bool) -> Resumption? {
        guard let opened else { return nil }
        var path = self
        if isWorldKept, hasBranches, let first = pending.first { path.cut(to: first.before) }
        var abandoned: Set<Int> = []
        if let last = path.turns.last, path.turns.count == turns.count {
            var begun = Array(leaving.sorted { $0.key < $1.key }.map(\.value))
            for (index, call) in last.answer.calls.enumerated() where !last.calls.contains(where: { $0.index == index })
            {
                if let place = begun.firstIndex(of: call) {
                    begun.remove(at: place)
                    abandoned.insert(index)
                }
            }
        }
        var resumption = Resumption(
            opening: opened["opening"]?.arrayValue?.compactMap(\.stringValue) ?? [], turns: path.turns,
            messages: path.messages, abandoned: abandoned, firstNumber: greatest + 1, elapsed: elapsed)
        resumption.fallbacks = fallbacks
        resumption.wasted = wasted
        resumption.waited = waited + (waitingSince.map { elapsed - $0 } ?? 0)
        resumption.isHalted = isHalted
        return resumption
    }
}

extension RunRecord {
    /// Reads the log of a run.
    ///
    /// - Parameter wholeOutputs: also of large ones, which lie in files of their own.
    package init(_ run: RunName, in directory: RunStateDirectory, wholeOutputs: Bool = true) throws(StoreError) {
        var reader = try EventLogReader(run, in: directory)
        let outputs = wholeOutputs ? OutputFiles(of: run, in: directory) : nil
        while let item = try reader.nextItem() { add(item, line: reader.line, outputs: outputs) }
        finish()
    }
}
