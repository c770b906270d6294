/// How long answers, or calls, take in a replay.
package enum ReplayLaw: Sendable, Hashable, CustomStringConvertible {
    /// As the log says; what it does not say is drawn from what it says of the like.
    case recorded
    /// Always so many seconds.
    case fixed(Double)
    /// Of this mean, in seconds.
    case exponential(Double)
    /// By the median and the 90th percentile, in seconds.
    case logNormal(median: Double, p90: Double)

    /// The 90th percentile of the standard normal distribution.
    private static let normalP90 = 1.281_551_565_544_600_5

    /// Seconds for a uniform draw in 0 ..< 1: the quantile. `recorded` has none of its own.
    package func seconds(_ uniform: Double) -> Double {
        switch self {
        case .recorded: 0
        case .fixed(let seconds): seconds
        case .exponential(let mean): -mean * naturalLogarithm(1 - uniform)
        case .logNormal(let median, let p90):
            median
                * naturalExponential(naturalLogarithm(p90 / median) / Self.normalP90 * Normal.quantile(uniform))
        }
    }

    package var description: String {
        switch self {
        case .recorded: "recorded"
        case .fixed(let seconds): "fixed:\(seconds)"
        case .exponential(let mean): "exponential:\(mean)"
        case .logNormal(let median, let p90): "lognormal:\(median),\(p90)"
        }
    }
}

extension ReplayLaw {
    /// What there is, for help texts and complaints.
    package static let forms =
        "recorded, fixed:SECONDS, exponential:MEAN, lognormal:MEDIAN,P90 (seconds, such as lognormal:1.25,2.1)"

    /// Reads `fixed:1.5` and the like.
    package init(parsing text: String) throws(ReplayError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.count < 2 ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false)
        let values = numbers.compactMap { Double($0) }.filter { $0.isFinite && $0 >= 0 && $0 <= 1e6 }
        guard values.count == numbers.count else { throw Self.unknown(text) }
        switch (parts[0].lowercased(), values.count) {
        case ("recorded", 0): self = .recorded
        case ("fixed", 1): self = .fixed(values[0])
        case ("exponential", 1): self = .exponential(values[0])
        case ("lognormal", 2):
            guard values[0] > 0, values[1] >= values[0] else {
                throw ReplayError(
                    "'\(text)': the median must be more than 0, and the 90th percentile no less than the median",
                    remedy: "The laws are \(Self.forms)", isUsage: true)
            }
            self = .logNormal(median: values[0], p90: values[1])
        default: throw Self.unknown(text)
        }
    }

    private static func unknown(_ text: String) -> ReplayError {
        ReplayError("'\(text)' is no law of latencies", remedy: "The laws are \(forms)", isUsage: true)
    }
}

/// The standard normal distribution.
enum Normal {
    private static let a = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    private static let b = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01, 1,
    ]
    private static let c = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00,
    ]
    private static let d = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1,
    ]

    /// The inverse of the distribution function, to nine digits (P. Acklam's rational approximation, 2003).
    static func quantile(_ p: Double) -> Double {
        let p = min(max(p, 1e-12), 1 - 1e-12)
        let tail = 0.02425
        if p > 1 - tail { return -quantile(1 - p) }
        if p < tail {
            let q = (-2 * naturalLogarithm(p)).squareRoot()
            return polynomial(c, q) / polynomial(d, q)
        }
        let q = p - 0.5
        return polynomial(a, q * q) * q / polynomial(b, q * q)
    }

    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }
}
