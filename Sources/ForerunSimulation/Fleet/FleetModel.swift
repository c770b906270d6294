import ForerunCore

/// What the simulated actors, speculators and tools do. Everything depends on the seed, the agent and the path only, so that
/// a run with speculation and one without meet the same answers and latencies.
///
/// Each output carries the digest of the path to it: what the actor says next depends on nothing else.
struct FleetModel: Sendable {
    let spec: FleetSpec
    let draw: Draw
    /// How many different calls there are.
    private static let variety = 1_000_000

    init(_ spec: FleetSpec) {
        self.spec = spec
        draw = Draw(seed: spec.seed)
    }

    // MARK: - Paths

    func task(of agent: Int) -> Transcript { Transcript([.message(String(draw.bits(["agent", .init(agent)])))]) }

    /// The path that a request stands for.
    func path(_ transcript: Transcript) -> UInt64 {
        switch transcript.last {
        case .message(let text): UInt64(text) ?? 0
        case .output(_, let output): UInt64(output.text) ?? 0
        case .turn, nil: 0
        }
    }

    func output(of call: Call) -> Output { Output(String(draw.bits(["path"] + Self.key(call)))) }

    /// A call tells the path on which it stands.
    private static func call(_ number: Int, after path: UInt64) -> Call {
        Call("act", ["n": .int(number), "path": .string(String(path))])
    }

    private static func key(_ call: Call) -> [Draw.Part] {
        [
            .init(call.arguments["path"]?.stringValue.flatMap { UInt64($0) } ?? 0),
            .init(call.arguments["n"]?.intValue ?? 0),
        ]
    }

    // MARK: - What happens

    func answer(_ path: UInt64) -> Call {
        Self.call(Int(draw.bits(["answer", .init(path)]) % UInt64(Self.variety)), after: path)
    }

    func answerSeconds(_ path: UInt64) -> Double { sample(spec.actor, ["a", .init(path)]) }
    func toolSeconds(_ call: Call) -> Double { sample(spec.tool, ["t"] + Self.key(call)) }
    func guessSeconds(_ path: UInt64) -> Double { sample(spec.guess, ["g", .init(path)]) }

    private func sample(_ law: ReplayLaw, _ key: [Draw.Part]) -> Double { law.seconds(draw.uniform(key)) }

    func guesses(_ path: UInt64) -> [Prediction] {
        let right = answer(path)
        var left = draw.uniform("right", .init(path))
        var isFound = false
        return spec.accuracy.enumerated().map { rank, accuracy in
            let isRight = !isFound && left < accuracy
            left -= accuracy
            isFound = isFound || isRight
            let call = isRight ? right : Self.call(Self.variety + rank, after: path)
            let confidence = min(0.99, max(0.01, accuracy + spec.misstatement))
            return Prediction(Turn(calls: [call]), confidence: confidence, rank: rank)
        }
    }
}

/// Every call is a read of the world.
struct FleetBook: CallBook {
    func judge(_ call: Call) -> JudgedCall {
        JudgedCall(
            call, identity: CallIdentity(name: call.name, arguments: call.arguments),
            verdict: .perform(CallTraits(effect: .readOnly)))
    }
}
