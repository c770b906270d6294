import ForerunCore
import ForerunRuntime
import ForerunSimulation

/// What a file for `forerun simulate` says: fleets that differ in the values under `sweep`.
struct SimulationSpec {
    /// More cases than anybody reads.
    static let mostCases = 500
    private static let sweepKey = "sweep"

    let cases: [(label: String, spec: FleetSpec)]

    init(text: String, file: String) throws(ConfigurationError) {
        let root = try ConfigurationValue(yaml: text, file: file)
        var own: [ConfigurationValue.Member] = []
        var sweep: ConfigurationValue?
        for member in try root.members(of: .root) {
            if member.key == Self.sweepKey { sweep = member.value } else { own.append(member) }
        }
        var base = FleetSpec()
        base.policy = SpeculationPolicy()
        try Self.apply(ConfigurationValue(.map(own), at: root.origin), to: &base)
        var cases = [(label: "", spec: base)]
        for axis in try sweep?.members(of: ConfigurationPath([Self.sweepKey])) ?? [] {
            guard let path = ConfigurationPath(parsing: axis.key), case .list(let values) = axis.value.content,
                !values.isEmpty
            else {
                throw ConfigurationError(
                    .wrongType, "sweep.\(axis.key) must be a list of values", at: axis.keyOrigin,
                    remedy: "Write \(axis.key): [1, 2, 4]")
            }
            guard cases.count * values.count <= Self.mostCases else {
                throw ConfigurationError(
                    .outOfRange, "the sweep has more than \(Self.mostCases) cases", at: axis.keyOrigin,
                    remedy: "Take fewer values")
            }
            var next: [(label: String, spec: FleetSpec)] = []
            for item in cases {
                for value in values {
                    var spec = item.spec
                    try Self.apply(ConfigurationValue(value, under: path), to: &spec)
                    next.append((item.label + (item.label.isEmpty ? "" : " ") + "\(path)=\(value.text)", spec))
                }
            }
            cases = next
        }
        self.cases = cases
    }

    private static func apply(_ value: ConfigurationValue, to spec: inout FleetSpec) throws(ConfigurationError) {
        var journal = ConfigurationJournal()
        try schema.apply(value, to: &spec, journal: &journal)
        let together = spec.accuracy.reduce(0, +)
        guard together <= 1 + 1e-9 else {
            let sum = (together * 1000).rounded() / 1000
            throw ConfigurationError(
                .outOfRange, "accuracy: the guesses of one question are right with probability \(sum) together",
                at: value["accuracy"]?.origin ?? value.origin,
                remedy: "Only one of them can be right: let them be at most 1 together")
        }
    }

    private static let schema = ConfigurationSchema<FleetSpec>([
        .value("agents", \.agents, .whole(1...100_000)),
        .value("turns", \.turns, .whole(1...10_000)),
        .value("spacing", \.spacing, .number(0...1_000_000)),
        .value("actor", \.actor, .law),
        .value("guess", \.guess, .law),
        .value("tool", \.tool, .law),
        .value("accuracy", \.accuracy, .list(of: .number(0...1))),
        .value("misstatement", \.misstatement, .number(-1...1)),
        .value("learns", \.learns, .flag),
        .optional("slots", \.actorSlots, .whole(1...1_000_000)),
        .optional("requestsPerMinute", \.requestsPerMinute, .whole(1...1_000_000_000)),
        .value("seed", \.seed, .seed),
        .group("speculation", \.policy, SpeculationPolicy.schema),
    ])
}

extension ValueForm where Value == ReplayLaw {
    /// `exponential:1.5` and the like.
    fileprivate static var law: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                let text = try ValueForm<String>.text.read(value, path)
                // What is simulated was never recorded.
                if let law = try? ReplayLaw(parsing: text), law != .recorded { return law }
                throw ConfigurationError(
                    .outOfRange, "\(path): “\(text)” is no law of latencies", at: value.origin,
                    remedy: "Write fixed:SECONDS, exponential:MEAN or lognormal:MEDIAN,P90")
            }, write: { "\($0)" })
    }
}

extension ValueForm where Value == UInt64 {
    fileprivate static var seed: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                UInt64(try ValueForm<Int>.whole(0...Int.max).read(value, path))
            }, write: { String($0) })
    }
}
