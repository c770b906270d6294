package import ForerunCore

extension RunTally {
    /// Counts an event of a log.
    mutating func on(_ event: JSON) {
        func work() -> Int { event["work"]?.intValue ?? 0 }
        func seconds() -> Double { event["seconds"]?.doubleValue ?? 0 }
        func isAhead() -> Bool { event["lane"]?.stringValue == Lane.shadow.rawValue }
        switch event["type"]?.stringValue {
        case "prediction":
            guard let turn = event["turn"]?.intValue, let source = event["source"]?.stringValue else { return }
            guessed(
                turn: turn, source: source, calls: Self.identities(event),
                probability: event["probability"]?.doubleValue ?? 0)
        case "turn.taken": took(turn: event["turn"]?.intValue ?? -1, calls: Self.identities(event))
        case "call.started":
            guard isAhead(), let call = event["call"], let name = call["name"]?.stringValue else { return }
            began(work: work(), tool: name, call: call.hashValue)
        case "call.finished": ended(work: work(), seconds: seconds())
        case "work.cancelled": cancelled(work: work(), seconds: seconds())
        case "call.taken":
            guard let name = event["call"]?["name"]?.stringValue else { return }
            took(
                work: event["work"]?.intValue, tool: name, isHit: event["ahead"]?.boolValue == true,
                isError: event["isError"]?.boolValue == true, seconds: seconds())
        case "cost":
            guard event["outcome"]?.stringValue == Charge.Outcome.guesses.rawValue,
                let source = event["role"]?.stringValue
            else { return }
            charged(
                source: source, tokens: Usage(json: event["usage"])?.total ?? 0, money: event["money"]?.doubleValue)
        // What went on when a run was cut off was in vain.
        case "run.resumed", "run.completed": finish()
        default: break
        }
    }

    private static func identities(_ event: JSON) -> [Int] { (event["calls"]?.arrayValue ?? []).map(\.hashValue) }
}

extension RunTally.Tool {
    package mutating func add(_ other: Self) {
        calls += other.calls
        hits += other.hits
        errors += other.errors
        seconds += other.seconds
        aheadSeconds += other.aheadSeconds
        wastedSeconds += other.wastedSeconds
    }

    /// Members of an object: `calls`, `hits`, `errors`, `seconds`, `aheadSeconds`, `wastedSeconds`.
    package var members: [(String, JSON)] {
        [
            ("calls", .int(calls)), ("hits", .int(hits)), ("errors", .int(errors)), ("seconds", .seconds(seconds)),
            ("aheadSeconds", .seconds(aheadSeconds)), ("wastedSeconds", .seconds(wastedSeconds)),
        ]
    }

    /// Reads ``members``; what is missing is 0.
    package init(json: JSON) {
        calls = json["calls"]?.countValue ?? 0
        hits = json["hits"]?.countValue ?? 0
        errors = json["errors"]?.countValue ?? 0
        seconds = json["seconds"]?.doubleValue ?? 0
        aheadSeconds = json["aheadSeconds"]?.doubleValue ?? 0
        wastedSeconds = json["wastedSeconds"]?.doubleValue ?? 0
    }
}

extension RunTally.Source {
    package mutating func add(_ other: Self) {
        guesses += other.guesses
        hits += other.hits
        expected += other.expected
        aheadSeconds += other.aheadSeconds
        wastedSeconds += other.wastedSeconds
        tokens += other.tokens
        money = money.flatMap { sum in other.money.map { sum + $0 } }
    }

    /// Members of an object: `guesses`, `hits`, `expected`, `aheadSeconds`, `wastedSeconds`, `tokens`, `money`.
    package var members: [(String, JSON)] {
        [
            ("guesses", .int(guesses)), ("hits", .int(hits)), ("expected", .seconds(expected)),
            ("aheadSeconds", .seconds(aheadSeconds)), ("wastedSeconds", .seconds(wastedSeconds)),
            ("tokens", .int(tokens)), ("money", .optional(money)),
        ]
    }

    /// Reads ``members``; what is missing is 0.
    package init(json: JSON) {
        guesses = json["guesses"]?.countValue ?? 0
        hits = json["hits"]?.countValue ?? 0
        expected = json["expected"]?.doubleValue ?? 0
        aheadSeconds = json["aheadSeconds"]?.doubleValue ?? 0
        wastedSeconds = json["wastedSeconds"]?.doubleValue ?? 0
        tokens = json["tokens"]?.countValue ?? 0
        money = json["money"].map(\.doubleValue) ?? 0
    }
}
