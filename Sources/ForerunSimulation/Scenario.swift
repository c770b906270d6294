package import ForerunCore

/// One seeded world: actor, tools, people, speculators, latencies, faults.
///
/// Every draw depends on its key only, so that a sequential and a speculative run meet the same answers, outputs and
/// latencies, in whatever order things happen.
package struct Scenario: Sendable {
    package enum Others: Sendable, Hashable {
        /// Nobody else changes anything.
        case absent
        /// Changes are announced.
        case notified
        /// Changes are not announced; reads have a time-to-live.
        case silent
    }

    package let seed: UInt64
    package let draw: Draw
    package var turns: Int
    package var isGame: Bool
    package var commentary: Commentary
    package var law: LatencyLaw
    package var policy: SpeculationPolicy
    package var actorSlots: Int
    package var toolSlots: Int
    package var cancelSeconds: Double
    package var taintRate: Double
    package var faultRate: Double
    package var hitRate: Double
    package var toolSeconds: Double
    package var guessSeconds: Double
    package var others: Others
    package var timeToLive: Double?
    package var steering: [Double]
    /// When the user stops the agent.
    package var halts: [Double]
    /// When the user turns speculation off, on, off…, in order.
    package var switches: [Double]
    package var approvalRate: Double
    package var chunks: Int
    package var slowdown: Double
    package var changes: [[Double]]

    package init(seed: UInt64) {
        let draw = Draw(seed: seed)
        self.seed = seed
        self.draw = draw
        turns = draw.pick([3, 4, 5, 7], "turns")
        isGame = draw.pick([false, false, true], "game")
        commentary = draw.pick([.drop, .keep], "commentary")
        law = draw.pick([.exponential, .fixed, .logNormal], "law")
        let canLift = draw.pick([true, false], "lift")
        let limit = draw.pick(
            [.unlimited, ExtraCostLimit(ratio: nil, tokens: 1500), ExtraCostLimit(ratio: nil, tokens: 600)], "limit")
        policy = SpeculationPolicy(
            mode: draw.pick([.full, .full, .full, .full, .tools, .observe], "mode"),
            rule: draw.pick([.value, .value, .threshold, .threshold, .tiers], "rule"),
            speed: draw.pick(SpeculationPolicy.Speed.allCases, "speed"),
            width: draw.pick([1, 2, 3], "width"),
            depth: draw.pick([0, 1, 2, 4, 6], "depth"), threshold: draw.pick([0, 0, 0.1], "threshold"),
            maxExtraCost: limit, canLiftRestrictions: canLift)
        actorSlots = draw.pick([1, 2, 4, 99, 99], "actor slots")
        toolSlots = draw.pick([1, 3, 5, 7, 99], "tool slots")
        cancelSeconds = draw.pick([0, 0.3, 3], "cancel")
        taintRate = draw.pick([0, 0.3], "taint")
        faultRate = draw.pick([0, 0.25], "faults")
        hitRate = draw.pick([0.2, 0.7, 0.95], "hits")
        toolSeconds = draw.pick([0.1, 0.5], "tool seconds")
        guessSeconds = draw.pick([0.05, 0.3], "guess seconds")
        let others = draw.pick([Others.absent, .absent, .notified, .silent], "others")
        self.others = others
        timeToLive = others == .absent ? nil : draw.pick([nil, 1.0], "ttl")
        steering = (0..<draw.pick([0, 0, 2], "steering")).map { 5 * draw.uniform("steer", .init($0)) }
        halts = (0..<draw.pick([0, 0, 0, 2], "halts")).map { 6 * draw.uniform("halt", .init($0)) }
        switches = (0..<draw.pick([0, 0, 1, 2, 3], "switches")).map { 8 * draw.uniform("switch", .init($0)) }.sorted()
        approvalRate = draw.pick([0, 0.3], "approvals")
        chunks = draw.pick([0, 2, 5], "chunks")
        slowdown = canLift ? 1 : draw.pick([1.0, 2.0], "slow")
        changes = (0..<4).map { key in
            others == .absent ? [] : (0..<5).map { 12 * draw.uniform("change", .init(key), .init($0)) }.sorted()
        }
    }

    /// Whether a message of ``steering`` cannot wait for the answer at hand.
    package func isUrgent(_ index: Int) -> Bool { draw.uniform("urgent", .init(index)) < 0.5 }

    package func seconds(_ mean: Double, _ key: Draw.Part...) -> Double { law.sample(mean: mean, draw, key) }

    // MARK: - The actor

    /// What the actor answers, and after how long. The same for the same request, turn and attempt.
    package func answer(
        _ digest: UInt64, turn: Int, attempt: Int
    ) -> (seconds: Double, fails: Bool, turn: Turn) {
        let key: [Draw.Part] = ["ask", .init(digest), .init(turn), .init(attempt)]
        let fails = draw.uniform(key + ["fails"]) < faultRate
        return (law.sample(mean: 1, draw, key), fails, policy(digest, turn: turn, salt: fails ? attempt + 1 : 0))
    }

    package func policy(_ digest: UInt64, turn: Int, salt: Int = 0) -> Turn {
        let key: [Draw.Part] = ["turn", .init(digest), .init(turn), .init(salt)]
        let pick = draw.uniform(key + ["count"])
        let count = isGame ? 1 : [0, 1, 1, 2, 3, 4][Int(pick * 6)]
        let calls = (0..<count).map { SimulatedTool.call(isGame: isGame, draw, key + [.init($0)]) }
        let text = calls.isEmpty ? "so" : ["", "I look. ", "I think. "][Int(draw.uniform(key + ["text"]) * 3)]
        return Turn(text: text, calls: calls)
    }

    // MARK: - Speculators

    /// Guesses for a question: partly right, late, duplicate; each with its delay.
    package func guesses(_ digest: UInt64, _ question: UInt64, turn: Int) -> [(seconds: Double, prediction: Prediction)]
    {
        let truth = policy(question, turn: turn)
        let key: [Draw.Part] = ["guess", .init(digest)]
        let count = [0, 1, 2, 3][Int(draw.uniform(key + ["count"]) * 4)]
        return (0..<count).map { index in
            let here = key + [.init(index)]
            var calls = truth.calls
            if draw.uniform(here + ["hit"]) > hitRate {
                let place = Int(draw.uniform(here + ["place"]) * Double(calls.count + 1))
                switch Int(draw.uniform(here + ["how"]) * 4) {
                case _ where calls.isEmpty, 0:
                    calls.insert(SimulatedTool.call(isGame: isGame, draw, here), at: min(place, calls.count))
                case 1: calls.reverse()
                case 2: calls.remove(at: min(place, calls.count - 1))
                default: calls[min(place, calls.count - 1)] = SimulatedTool.call(isGame: isGame, draw, here)
                }
            }
            var outputs: [Int: Output] = [:]
            for (number, call) in calls.enumerated() {
                if SimulatedTool(call)?.effect == .external || needsApproval(call) { outputs[number] = Output("sent") }
            }
            let text = draw.uniform(here + ["text"]) < 0.7 ? truth.text : "hm "
            let prediction = Prediction(
                Turn(text: calls.isEmpty && text.isEmpty ? "so" : text, calls: calls), outputs: outputs,
                confidence: [0.2, 0.5, 0.9][Int(draw.uniform(here + ["confidence"]) * 3)], rank: index)
            return (law.sample(mean: guessSeconds, draw, here), prediction)
        }
    }

    // MARK: - Tools

    package func needsApproval(_ call: Call) -> Bool {
        draw.uniform(["approval"] + SimulatedTool.key(call)) < approvalRate
    }

    package func tool(_ call: Call, attempt: Int) -> (seconds: Double, fails: Bool, failure: CallFailure.Kind) {
        let key = SimulatedTool.key(call) + [.init(attempt)]
        let isExternal = SimulatedTool(call)?.effect == .external
        let certain = !isExternal || draw.uniform(["certain"] + key) < 0.5
        return (
            law.sample(mean: toolSeconds, draw, ["tool"] + key), draw.uniform(["tool fails"] + key) < faultRate,
            certain ? .notStarted : .unknownOutcome
        )
    }

    /// How often others have changed what lies outside, until `time`.
    package func version(_ key: Int, at time: Double) -> Int { changes[key].count { $0 <= time } }
}
