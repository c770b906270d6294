import ForerunCore

extension Resumption {
    /// The committed path as the core goes on with it.
    var json: JSON {
        [
            "opening": .array(opening.map { .sized($0) }), "turns": .array(turns.map(\.json)),
            "messages": .array(messages.map { .sized($0) }), "abandoned": .array(abandoned.sorted().map { .int($0) }),
            "firstNumber": .int(firstNumber), "elapsed": .exact(elapsed), "waited": .exact(waited),
            "halted": .bool(isHalted), "fallbacks": .array(fallbacks.map(\.decisions)), "wasted": wasted.json,
        ]
    }

    init(decisions json: JSON) throws(DecisionFault) {
        func texts(_ name: String) throws(DecisionFault) -> [String] {
            try json.member(name).list { value throws(DecisionFault) in try value.sizedText() }
        }
        self.init(
            opening: try texts("opening"),
            turns: try json.member("turns").list { value throws(DecisionFault) in try TakenTurn(decisions: value) },
            messages: try texts("messages"),
            abandoned: Set(try json.member("abandoned").list { value throws(DecisionFault) in try value.int() }),
            firstNumber: try json.int("firstNumber"), elapsed: try DecisionRow.double(json.member("elapsed")))
        waited = try DecisionRow.double(json.member("waited"))
        isHalted = try json.bool("halted")
        fallbacks = try json.member("fallbacks").list { value throws(DecisionFault) in try Fallback(decisions: value) }
        wasted = try Cost(decisions: json.member("wasted"))
    }
}

extension Resumption.TakenTurn {
    fileprivate var json: JSON {
        [
            "messages": .array(messages.map { .sized($0) }), "role": .string(role),
            "answer": .written { $0.turn(answer, isAsStreamed: false) }, "usage": .written { $0.optional(usage) },
            "cost": cost?.json ?? .null, "seconds": .exact(seconds), "ahead": .bool(isHit),
            "calls": .array(
                calls.map { call in
                    [.int(call.index), .written { $0.output(call.output) }, .exact(call.seconds), .bool(call.isHit)]
                }),
        ]
    }

    fileprivate init(decisions json: JSON) throws(DecisionFault) {
        var answer = try DecisionRow([json.member("answer"), json.member("usage")])
        self.init(
            messages: try json.member("messages").list { value throws(DecisionFault) in try value.sizedText() },
            role: try json.member("role").string(), answer: try answer.turn(),
            usage: try answer.optional { row throws(DecisionFault) in try row.usage() },
            cost: try json.optional("cost") { value throws(DecisionFault) in try Cost(decisions: value) },
            seconds: try DecisionRow.double(json.member("seconds")), isHit: try json.bool("ahead"),
            calls: try json.member("calls").list { value throws(DecisionFault) in
                var row = try DecisionRow(value)
                return Resumption.TakenCall(
                    index: try row.int(), output: try row.output(), seconds: try row.double(), isHit: try row.bool())
            })
    }
}

extension Cost {
    fileprivate var json: JSON { [.int(tokens), .exact(money), .exact(weight)] }

    fileprivate init(decisions json: JSON) throws(DecisionFault) {
        var row = try DecisionRow(json)
        self.init(
            tokens: try row.int(), money: try row.optional { row throws(DecisionFault) in try row.double() },
            weight: try row.double())
    }
}

extension Fallback {
    fileprivate var decisions: JSON {
        [.int(turn), .string(role), .string(from), .string(to), .written { $0.failure(failure) }]
    }

    fileprivate init(decisions json: JSON) throws(DecisionFault) {
        var row = try DecisionRow(json)
        self.init(
            turn: try row.int(), role: try row.text(), from: try row.text(), to: try row.text(),
            failure: try row.modelFailure())
    }
}

extension JSON {
    /// What is otherwise written at every step, as a value.
    fileprivate static func written(_ body: (inout DecisionBytes) -> Void) -> JSON {
        var bytes = DecisionBytes()
        body(&bytes)
        return (try? JSON(parsing: bytes.bytes)) ?? .null
    }
}
