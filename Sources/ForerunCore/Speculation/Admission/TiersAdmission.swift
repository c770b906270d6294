/// What is nearly certain starts at once, what is likely on slack, the rest waits until it becomes so (as a call is sealed,
/// or a source proves itself).
package struct TiersAdmission: Admission {
    private static let certain = 0.9
    private static let likely = 0.7
    /// Likely work leaves so many slots free for what is nearly certain.
    private static let slack = 1

    package let depth: Int

    package init(depth: Int) { self.depth = depth }

    package func expands(probability: Double, depth: Int) -> Bool {
        probability >= Self.likely && depth <= self.depth
    }

    package func worth(_ offer: Offer) -> Double? {
        guard offer.depth <= depth else { return nil }
        // A prediction is what probabilities come from.
        if offer.kind == .prediction { return offer.probability >= Self.likely ? offer.probability : nil }
        if offer.probability > Self.certain { return offer.probability }
        guard offer.probability >= Self.likely, offer.room.map({ $0 > Self.slack }) ?? true else { return nil }
        return offer.probability
    }

    package func keeps(probability: Double, depth: Int) -> Bool { expands(probability: probability, depth: depth) }
}
