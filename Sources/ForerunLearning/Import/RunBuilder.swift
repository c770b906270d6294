import ForerunCore

/// Puts a run together from what a log tells in its order: messages, turns, calls, outputs.
struct RunBuilder {
    private struct Place {
        let step: Int
        let call: Int
        let time: Double?
    }

    private(set) var run: RecordedRun
    /// Calls without an output yet, by id, oldest first.
    private var waiting: [String: [Place]] = [:]
    /// Those of the latest turn that have no id.
    private var nameless: [Place] = []
    /// When the last thing happened, in seconds.
    private var latest: Double?
    /// When the turn that is being put together began.
    private var turnBegan: Double?
    private var turnKey: String?

    init(_ format: String, id: String, path: String) { run = RecordedRun(format: format, id: id, path: path) }

    /// The run apart from its steps.
    var heading: RecordedRun {
        get { run }
        _modify { yield &run }
    }

    var isEmpty: Bool { run.steps.isEmpty }

    mutating func message(_ text: String, at time: Double? = nil) {
        guard !text.isEmpty else { return }
        run.steps.append(.message(text))
        latest = time ?? latest
    }

    /// Begins a turn, or goes on with the latest one where `key` is its key and no message came between.
    ///
    /// - Parameters:
    ///   - time: when it was complete; the difference to what came before is what it took, unless `seconds` says it.
    mutating func turn(
        _ text: String = "", key: String? = nil, at time: Double? = nil, seconds: Double? = nil, usage: Usage? = nil
    ) {
        if let key, key == turnKey, case .turn(var turn) = run.steps.last {
            if !text.isEmpty { turn.text += turn.text.isEmpty ? text : "\n" + text }
            turn.usage = usage ?? turn.usage
            turn.seconds = seconds ?? difference(turnBegan, time) ?? turn.seconds
            run.steps[run.steps.count - 1] = .turn(turn)
        } else {
            turnBegan = latest
            turnKey = key
            nameless = []
            let taken = seconds ?? difference(turnBegan, time)
            run.steps.append(.turn(RecordedTurn(text: text, seconds: taken, usage: usage)))
        }
        latest = time ?? latest
    }

    /// Adds a call to the latest turn.
    mutating func call(_ call: Call, id: String?, at time: Double? = nil) {
        if case .turn = run.steps.last {} else { turn(at: time) }
        let step = run.steps.count - 1
        guard case .turn(var turn) = run.steps[step] else { return }
        // The step gives its turn up for a moment, so that the calls are not copied.
        run.steps[step] = .message("")
        turn.calls.append(RecordedCall(call))
        let place = Place(step: step, call: turn.calls.count - 1, time: time)
        run.steps[step] = .turn(turn)
        guard let id, !id.isEmpty else {
            nameless.append(place)
            return
        }
        // Some models begin their ids anew in every turn.
        waiting[id] = (waiting[id] ?? []).filter { $0.step == step } + [place]
    }

    /// Gives a call its output.
    ///
    /// - Parameters:
    ///   - id: the call's; `nil`: the first call of the latest turn that has no id and no output.
    ///   - seconds: what the tool took; `nil`: the difference of the times, if `isTimed`.
    /// - Returns: false where there is no such call.
    @discardableResult
    mutating func output(
        _ output: Output, for id: String?, at time: Double? = nil, seconds: Double? = nil, isTimed: Bool = true
    ) -> Bool {
        let place: Place
        if let id, !id.isEmpty {
            guard var places = waiting[id], !places.isEmpty else { return false }
            place = places.removeFirst()
            waiting[id] = places.isEmpty ? nil : places
        } else {
            guard !nameless.isEmpty else { return false }
            place = nameless.removeFirst()
        }
        guard case .turn(var turn) = run.steps[place.step] else { return false }
        run.steps[place.step] = .message("")
        turn.calls[place.call].output = output
        turn.calls[place.call].seconds = seconds ?? (isTimed ? difference(place.time, time) : nil)
        run.steps[place.step] = .turn(turn)
        // What the turn took cannot be told any more: the tool's time would be in it.
        turnBegan = nil
        latest = time ?? latest
        return true
    }

    /// Takes back everything after the first `turns` turns, and the outputs of the last of these but for those of `calls`: what
    /// follows tells it again.
    ///
    /// - Parameter id: of a call of that turn, by its index.
    mutating func cut(turns: Int, calls: Set<Int>, id: (Int) -> String) {
        let places = run.steps.indices.filter { if case .turn = run.steps[$0] { true } else { false } }
        guard turns < places.count || turns > 0 else { return }
        if turns < places.count {
            run.steps.removeSubrange((turns == 0 ? places[0] : places[turns - 1] + 1)...)
        } else if let last = places.last {
            run.steps.removeSubrange((last + 1)...)
        }
        turnKey = nil
        nameless = []
        waiting = [:]
        guard let step = run.steps.indices.last, case .turn(var turn) = run.steps[step] else { return }
        for index in turn.calls.indices where !calls.contains(index) {
            turn.calls[index].output = nil
            waiting[id(index)] = [Place(step: step, call: index, time: nil)]
        }
        run.steps[step] = .turn(turn)
    }

    /// Gives the latest turn its usage, unless it has one.
    mutating func usage(_ usage: Usage) {
        guard let step = run.steps.lastIndex(where: { if case .turn = $0 { true } else { false } }),
            case .turn(var turn) = run.steps[step], turn.usage == nil
        else { return }
        turn.usage = usage
        run.steps[step] = .turn(turn)
    }

    /// Time passes until `time`.
    mutating func pass(to time: Double?) { latest = time ?? latest }

    private func difference(_ start: Double?, _ end: Double?) -> Double? {
        guard let start, let end, end >= start else { return nil }
        return ((end - start) * 1_000).rounded() / 1_000
    }
}
