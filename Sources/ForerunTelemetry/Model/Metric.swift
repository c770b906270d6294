/// A metric, with all of its points.
package struct Metric: Sendable, Hashable {
    package enum Points: Sendable, Hashable {
        /// Sums; `isMonotonic`: they never fall.
        case sums([SumPoint], isMonotonic: Bool)
        case histograms([HistogramPoint])
    }

    package var name: String
    package var description: String
    /// By UCUM: `s`, `{token}`.
    package var unit: String
    package var temporality: Temporality
    package var points: Points
}

/// Whether points count from the beginning or from the last report.
package enum Temporality: Int, Sendable, Hashable {
    case delta = 1
    case cumulative = 2
}

/// What was counted of one set of attributes.
package struct SumPoint: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        case int(Int)
        case double(Double)
    }

    package var attributes: Attributes
    /// Nanoseconds since 1970: from when to when.
    package var start: UInt64
    package var time: UInt64
    package var value: Value
}

/// How values of one set of attributes are spread.
package struct HistogramPoint: Sendable, Hashable {
    package var attributes: Attributes
    /// Nanoseconds since 1970: from when to when.
    package var start: UInt64
    package var time: UInt64
    package var sum: Double
    package var least: Double
    package var most: Double
    /// Upper bounds, inclusive, rising.
    package var bounds: [Double]
    /// One more than ``bounds``.
    package var counts: [UInt64]

    package var count: UInt64 { counts.reduce(0, +) }
}
