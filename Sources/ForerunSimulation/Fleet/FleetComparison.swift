package import ForerunCore

/// The same fleet twice: with speculation, and in turn.
package struct FleetComparison: Sendable, Hashable {
    /// What is special about this case: `policy.depth=4`; empty: it is the only one.
    package let label: String
    package let spec: FleetSpec
    package let on: FleetResult
    package let off: FleetResult

    package init(_ spec: FleetSpec, label: String = "") {
        self.label = label
        self.spec = spec
        var sequential = spec
        sequential.policy.mode = .off
        off = FleetDriver(sequential).run()
        on = spec.policy.mode == .off ? off : FleetDriver(spec).run()
    }

    /// The share of time saved, all agents together.
    package var saved: Double { on.saved(against: off) }

    /// One line of JSON; seconds, shares and counts.
    package var json: JSON {
        [
            "case": .string(label), "agents": .int(spec.agents), "turns": .int(spec.turns), "saved": .number(saved),
            "extraCost": .number(on.extraCost), "askedAheadPerTurn": .number(perTurn(on.askedAhead)),
            "turnHits": .number(perTurn(on.turnHits)), "refused": ["on": .int(on.refused), "off": .int(off.refused)],
            "mean": ["on": .number(on.mean), "off": .number(off.mean)],
            "p50": ["on": .number(on.quantile(0.5)), "off": .number(off.quantile(0.5))],
            "p99": ["on": .number(on.quantile(0.99)), "off": .number(off.quantile(0.99))],
            "failed": ["on": .int(on.failed), "off": .int(off.failed)], "events": .int(on.events + off.events),
            "seed": .string(String(spec.seed)),
        ]
    }

    package func perTurn(_ count: Int) -> Double { on.turns > 0 ? Double(count) / Double(on.turns) : 0 }
}

extension JSON {
    fileprivate static func number(_ value: Double) -> JSON { .number(JSONNumber((value * 10_000).rounded() / 10_000)) }
}
