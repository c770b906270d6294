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

    package var mode: Mode
    /// At most so many guesses of a turn are followed.
    package var width: Int
    /// At most so many turns are guessed ahead.
    package var depth: Int
    /// Work is admitted when it will be needed with at least this probability.
    package var threshold: Double
    package var maxExtraCost: ExtraCostLimit
    /// A driver can lift the restrictions of a call that already runs. Otherwise it is hedged.
    package var canLiftRestrictions: Bool

    /// Anything is performed or asked ahead at all.
    package var runsAhead: Bool { mode.runsAhead }

    package init(
        mode: Mode = .full, width: Int = 3, depth: Int = 4, threshold: Double = 0.05,
        maxExtraCost: ExtraCostLimit = ExtraCostLimit(), canLiftRestrictions: Bool = false
    ) {
        self.mode = mode
        self.width = width
        self.depth = depth
        self.threshold = threshold
        self.maxExtraCost = maxExtraCost
        self.canLiftRestrictions = canLiftRestrictions
    }
}

/// Decides which possible work is worth starting. Ordering among admitted work is by probability.
package protocol Admission: Sendable {
    /// - Parameters:
    ///   - probability: that the work will be on the realised path (calibrated, along the path).
    ///   - depth: how many turns ahead of the root.
    func admits(probability: Double, depth: Int) -> Bool
}

/// The first, simple policy: a probability threshold and a cap on depth. (Slots and extra cost are checked apart.)
package struct ThresholdAdmission: Admission {
    package let threshold: Double
    package let depth: Int

    package init(threshold: Double, depth: Int) {
        self.threshold = threshold
        self.depth = depth
    }

    package func admits(probability: Double, depth: Int) -> Bool { probability >= threshold && depth <= self.depth }
}

/// When an authoritative request is tried again, and how long after.
package struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all.
    package var attempts: Int
    /// Seconds before the second attempt; doubled each time.
    package var base: Double
    package var cap: Double
    /// A server that asks to wait longer than this is given up.
    package var patience: Double

    package init(attempts: Int = 4, base: Double = 0.5, cap: Double = 8, patience: Double = 120) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.patience = patience
    }

    /// Seconds to wait before attempt `attempt` (from 1); `nil`: give up.
    ///
    /// Jitter is taken from the turn's number: the core has no randomness, and a run waits as long with speculation as without.
    package func wait(before attempt: Int, after failure: ModelFailure, turn: Int) -> Double? {
        guard failure.mayRetry ?? failure.kind.isRetryable, attempt < attempts else { return nil }
        if let asked = failure.retryAfter { return asked <= patience ? max(0, asked) : nil }
        let step = min(base * Double(1 << min(attempt - 1, 16)), cap)
        return step * (1 - 0.25 * Double((turn &* 7919 &+ attempt &* 31) % 101) / 101)
    }
}
