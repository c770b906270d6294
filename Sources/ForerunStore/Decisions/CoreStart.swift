package import ForerunCore

/// What the core of a run begins with, or goes on with: with the events that follow, its decisions can be made again.
package struct CoreStart: Sendable {
    package enum Path: Sendable {
        /// It begins. With the messages that its transcript begins with.
        case new(opening: [String])
        /// It goes on, in this world.
        case resumed(Resumption, in: WorldID)
    }

    package var setup: SpeculationTree.Setup
    package var path: Path
    /// What was learnt before.
    package var experience: Experience
    /// How much of what the run uses can be used at a time, and what of that its authoritative path has to itself.
    package var capacities: [Resource: Int] = [:]
    package var reserve: [Resource: Int] = [:]

    package init(_ setup: SpeculationTree.Setup, _ path: Path, experience: Experience) {
        self.setup = setup
        self.path = path
        self.experience = experience
    }

    /// The state before the first event.
    package func tree(rules: Rules = Rules()) -> SpeculationTree {
        switch path {
        case .new(let opening):
            SpeculationTree(
                setup, transcript: Transcript(opening.map { .message($0) }), experience: experience, rules: rules)
        case .resumed(let past, let world):
            SpeculationTree(setup, resuming: past, world: world, experience: experience, rules: rules)
        }
    }
}

extension CoreStart {
    /// Its program is one that can be written.
    var isWritable: Bool { setup.program.json != nil }

    /// As one line; `nil` where it is not ``isWritable``.
    func json() -> JSON? {
        guard let program = setup.program.json else { return nil }
        let members: [(String, JSON)] = [
            ("run", .int(setup.run.number)), ("epoch", .exact(setup.epoch)), ("program", program),
            ("policy", setup.policy.json), ("limits", setup.limits.json), ("retry", setup.retry.json),
            ("conversation", .bool(setup.isConversation)),
            ("endpoints", .map(setup.endpoints) { $0.json }), ("prices", .map(setup.prices) { $0.json }),
            ("models", .map(setup.models) { .string($0) }), ("rates", .map(setup.rates) { $0.json }),
            ("substitutes", .map(setup.substitutes) { .array($0.map(\.json)) }),
            (
                "speculators",
                .array(setup.speculators.map { [.string($0.source), $0.resource?.json ?? .null] })
            ),
            ("requests", .map(setup.requests) { .int($0) }),
            ("capacities", Self.counts(capacities)), ("reserve", Self.counts(reserve)),
            ("experience", experience.json),
        ]
        switch path {
        case .new(let opening):
            return JSON(members: members + [("opening", .array(opening.map { .sized($0) }))])
        case .resumed(let past, let world):
            return JSON(members: members + [("world", .int(world.number)), ("path", past.json)])
        }
    }

    /// Reads what ``json()`` wrote. Its book rejects everything.
    init(_ json: JSON) throws(DecisionFault) {
        let program = try json.member("program").program()
        var setup = SpeculationTree.Setup(
            run: RunID(try json.int("run")), program: program, book: PlayedBook(tools: program.roles.flatMap(\.tools)),
            policy: try SpeculationPolicy(decisions: json.member("policy")),
            limits: try Limits(decisions: json.member("limits")),
            retry: try RetryPolicy(decisions: json.member("retry")),
            endpoints: try json.map("endpoints") { value throws(DecisionFault) in try value.resource() },
            prices: try json.map("prices") { value throws(DecisionFault) in try Price(decisions: value) })
        setup.epoch = try DecisionRow.double(json.member("epoch"))
        setup.isConversation = try json.bool("conversation")
        setup.models = try json.map("models") { value throws(DecisionFault) in try value.string() }
        setup.rates = try json.map("rates") { value throws(DecisionFault) in try value.resource() }
        setup.substitutes = try json.map("substitutes") { value throws(DecisionFault) in
            try value.list { value throws(DecisionFault) in try Substitute(decisions: value) }
        }
        setup.speculators = try json.member("speculators").list { value throws(DecisionFault) in
            var row = try DecisionRow(value)
            return (
                source: try row.text(),
                resource: try row.optional { row throws(DecisionFault) in try row.any().resource() }
            )
        }
        setup.requests = try json.map("requests") { value throws(DecisionFault) in
            // It is multiplied.
            min(1_000_000, max(0, try value.int()))
        }
        let experience = Experience(decisions: try json.member("experience"))
        if let opening = json["opening"] {
            let texts = try opening.list { value throws(DecisionFault) in try value.sizedText() }
            self.init(setup, .new(opening: texts), experience: experience)
        } else {
            let world = WorldID(try json.int("world"))
            self.init(
                setup, .resumed(try Resumption(decisions: json.member("path")), in: world), experience: experience)
        }
        capacities = try Self.counts(json.member("capacities"))
        reserve = try Self.counts(json.member("reserve"))
    }

    private static func counts(_ counts: [Resource: Int]) -> JSON {
        .array(counts.map { ($0.key.json, $0.value) }.sorted { $0.0.text < $1.0.text }.map { [$0.0, .int($0.1)] })
    }

    private static func counts(_ json: JSON) throws(DecisionFault) -> [Resource: Int] {
        var counts: [Resource: Int] = [:]
        for pair in try json.list({ value throws(DecisionFault) in try DecisionRow(value) }) {
            var pair = pair
            counts[try pair.any().resource()] = try pair.int()
        }
        return counts
    }
}

extension Experience {
    /// What is kept for later runs, of all that was learnt.
    var json: JSON {
        [
            "calibration": ensemble.snapshot, "estimates": estimates.snapshot, "switchboard": switchboard.snapshot,
        ]
    }

    init(decisions json: JSON) {
        self.init(
            ensemble: json["calibration"].map { Ensemble(snapshot: $0) } ?? Ensemble(),
            estimates: json["estimates"].map { Estimates(snapshot: $0) } ?? Estimates(),
            switchboard: json["switchboard"].map { Switchboard(snapshot: $0) } ?? Switchboard())
    }
}
