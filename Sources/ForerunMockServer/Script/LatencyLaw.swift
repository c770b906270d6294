#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How long a model takes until its first byte.
package struct LatencyLaw: Sendable, Hashable {
    package enum Law: String, Sendable, Hashable, CaseIterable {
        case fixed, exponential, lognormal
    }

    package var law: Law
    /// Seconds.
    package var mean: Double
    /// Of the underlying normal distribution; only the log-normal law has one.
    package var sigma: Double

    package init(_ law: Law = .fixed, mean: Double = 0, sigma: Double = 0.5) {
        self.law = law
        self.mean = mean
        self.sigma = sigma
    }

    /// Whether a draw depends on the generator.
    package var isRandom: Bool { law != .fixed && mean > 0 }

    /// Seconds until the first byte.
    package func draw(from generator: inout SplitMix64) -> Double {
        switch law {
        case .fixed:
            return mean
        case .exponential:
            return -mean * log(1 - generator.unit())
        case .lognormal:
            // Box–Muller; shifted so that the mean, not the median, is `mean`.
            let radius = (-2 * log(1 - generator.unit())).squareRoot()
            let normal = radius * cos(2 * Double.pi * generator.unit())
            return mean * exp(sigma * normal - sigma * sigma / 2)
        }
    }
}
