/// Work starts when it is expected to save more than it costs:
///
///     value = P(on the path) · E[seconds off the critical path]  −  λ · E[extra cost]  −  κ · E[slot seconds in vain]
///
/// Extra cost is what is spent if the work does not come true (an answer that is used would have been asked anyway); of
/// predictions it is all of it. λ is the user's ``SpeculationPolicy/Speed``, in seconds of a turn for the cost of a turn, and
/// grows by up to ½ as the limit of extra cost is used up, so that what is left goes to the best of what comes.
package struct ValueAdmission: Admission {
    /// What saves less than this takes more steps of the core than it is worth, in seconds.
    private static let least = 0.0005
    /// Nobody looks further where the path comes with less than this.
    private static let unlikely = 0.01

    package let speed: SpeculationPolicy.Speed
    package let depth: Int

    package init(speed: SpeculationPolicy.Speed, depth: Int) {
        self.speed = speed
        self.depth = depth
    }

    package func expands(probability: Double, depth: Int) -> Bool {
        probability >= Self.unlikely && depth <= self.depth
    }

    package func worth(_ offer: Offer) -> Double? {
        guard keeps(probability: offer.probability, depth: offer.depth) else { return nil }
        let gain = offer.probability * offer.seconds
        guard gain >= Self.least else { return nil }
        let inVain = offer.kind == .prediction ? 1 : 1 - offer.probability
        let price = (speed.rate + Self.scarcity(offer.pressure)) * offer.turnSeconds * offer.cost
        let value = gain - inVain * (price + speed.slotRate * offer.slotSeconds)
        guard value > 0 else { return nil }
        // Greedy by density: slots are what is scarce.
        return offer.slotSeconds > 0 ? value / offer.slotSeconds : value
    }

    package func keeps(probability: Double, depth: Int) -> Bool { expands(probability: probability, depth: depth) }

    /// The price of what is left of a budget: a half at its end, next to nothing before.
    private static func scarcity(_ pressure: Double) -> Double {
        guard pressure > 0.5 else { return 0 }
        // 0.5 · 2^(30·(z − 1)): half of the price for each thirtieth of the budget.
        var doublings = 30 * (min(pressure, 1) - 1)
        var price = 0.5
        while doublings < -1 {
            price /= 2
            doublings += 1
        }
        return price * (1 + doublings / 2)
    }
}

extension SpeculationPolicy.Speed {
    /// λ: so many turns' seconds must be saved, at least, for the cost of one turn in vain.
    var rate: Double {
        switch self {
        case .thrifty: 1
        case .balanced: 0.15
        case .fastest: 0.01
        }
    }

    /// κ: seconds that must be saved for a second in which a slot is held in vain.
    var slotRate: Double {
        switch self {
        case .thrifty: 0.05
        case .balanced: 0.01
        case .fastest: 0.001
        }
    }

    /// The limit of extra cost that goes with it, as a multiple of what the run itself costs.
    package var extraCostRatio: Double {
        switch self {
        case .thrifty: 0.25
        case .balanced: 1
        case .fastest: 4
        }
    }
}
