/// The simplest rule: a probability threshold and a cap on depth.
package struct ThresholdAdmission: Admission {
    package let threshold: Double
    package let depth: Int

    package init(threshold: Double, depth: Int) {
        self.threshold = threshold
        self.depth = depth
    }

    package func expands(probability: Double, depth: Int) -> Bool { probability >= threshold && depth <= self.depth }

    package func worth(_ offer: Offer) -> Double? {
        expands(probability: offer.probability, depth: offer.depth) ? offer.probability : nil
    }

    package func keeps(probability: Double, depth: Int) -> Bool { expands(probability: probability, depth: depth) }
}
