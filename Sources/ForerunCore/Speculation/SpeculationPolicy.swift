/// How much a run may speculate.
package struct SpeculationPolicy: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        case off
        /// Predict and score, run nothing.
        case observe
        /// Run tools ahead, ask no questions ahead.
        case tools
        case full

        /// Anything is performed or asked ahead at all.
        package var runsAhead: Bool { self == .tools || self == .full }
    }

    /// Which work is started.
    package enum Rule: String, Sendable, Hashable, CaseIterable {
        /// What is expected to save more than it costs.
        case value
        /// What is nearly certain at once, what is likely on slack.
        case tiers
        /// What is probable enough.
        case threshold
    }

    /// What time is worth, against cost.
    package enum Speed: String, Sendable, Hashable, CaseIterable {
        case thrifty
        case balanced
        case fastest
    }

    package var mode: Mode
    package var rule: Rule
    package var speed: Speed
    /// At most so many guesses of a turn are followed.
    package var width: Int
    /// At most so many turns are guessed ahead.
    package var depth: Int
    /// Under the rule of that name: work is started when it will be needed with at least this probability.
    package var threshold: Double
    package var maxExtraCost: ExtraCostLimit
    /// What has lost more than it has saved is turned off for a while (``Switchboard``).
    package var hasKillSwitch = true
    /// A driver can lift the restrictions of a call that already runs. Otherwise it is hedged.
    package var canLiftRestrictions: Bool

    /// Anything is performed or asked ahead at all.
    package var runsAhead: Bool { mode.runsAhead }

    package init(
        mode: Mode = .full, rule: Rule = .value, speed: Speed = .balanced, width: Int = 3, depth: Int = 8,
        threshold: Double = 0.05, maxExtraCost: ExtraCostLimit? = nil, canLiftRestrictions: Bool = false
    ) {
        self.mode = mode
        self.rule = rule
        self.speed = speed
        self.width = width
        self.depth = depth
        self.threshold = threshold
        self.maxExtraCost = maxExtraCost ?? .standard(speed)
        self.canLiftRestrictions = canLiftRestrictions
    }
}

extension SpeculationPolicy {
    var admission: any Admission {
        switch rule {
        case .value: ValueAdmission(speed: speed, depth: depth)
        case .tiers: TiersAdmission(depth: depth)
        case .threshold: ThresholdAdmission(threshold: threshold, depth: depth)
        }
    }
}
