/// Adds measurements up until they are reported.
package struct MetricStore: Sendable {
    private struct Key: Hashable {
        var instrument: Instrument
        var attributes: Attributes
    }

    private enum Sum {
        case int(Int)
        case double(Double)
        case histogram(sum: Double, least: Double, most: Double, counts: [UInt64])
    }

    /// Sets of attributes of an instrument; the next ones are counted together (OpenTelemetry, Metrics SDK, cardinality limits).
    static let mostSets = 2000
    private static let overflow: Attributes = ["otel.metric.overflow": true]

    private let temporality: Temporality
    /// Nanoseconds since 1970: since when is counted.
    private var start: UInt64
    private var sums: [Key: Sum] = [:]
    private var order: [Key] = []
    private var sets: [Instrument: Int] = [:]

    package init(_ temporality: Temporality, start: UInt64) {
        self.temporality = temporality
        self.start = start
    }

    package mutating func add(_ measurement: Measurement) {
        let instrument = measurement.instrument
        var key = Key(instrument: instrument, attributes: measurement.attributes)
        if sums[key] == nil {
            if sets[instrument, default: 0] >= Self.mostSets { key.attributes = Self.overflow }
            if sums[key] == nil {
                sets[instrument, default: 0] += 1
                order.append(key)
            }
        }
        sums[key] = Self.adding(measurement.value, to: sums[key], instrument.kind)
    }

    private static func adding(_ value: Measurement.Value, to sum: Sum?, _ kind: Instrument.Kind) -> Sum {
        switch (kind, value) {
        case (.histogram(let bounds), _):
            let number = value.double
            var counts = [UInt64](repeating: 0, count: bounds.count + 1)
            var (total, least, most) = (0.0, number, number)
            if case .histogram(let before, let low, let high, let known)? = sum {
                (total, least, most, counts) = (before, min(low, number), max(high, number), known)
            }
            counts[bounds.firstIndex { number <= $0 } ?? bounds.count] += 1
            return .histogram(sum: total + number, least: least, most: most, counts: counts)
        case (_, .count(let count)):
            if case .int(let before)? = sum { return .int(before + count) }
            return .int(count)
        case (_, .amount(let amount)):
            if case .double(let before)? = sum { return .double(before + amount) }
            return .double(amount)
        }
    }

    /// What has been measured so far or, by ``Temporality/delta``, since the last time.
    ///
    /// - Parameter now: nanoseconds since 1970.
    package mutating func report(now: UInt64) -> [Metric] {
        let now = max(now, start)
        let metrics = Instrument.allCases.compactMap { metric($0, now: now) }
        if temporality == .delta {
            sums = [:]
            order = []
            sets = [:]
            start = now
        }
        return metrics
    }

    private func metric(_ instrument: Instrument, now: UInt64) -> Metric? {
        let keys = order.filter { $0.instrument == instrument }
        guard !keys.isEmpty else { return nil }
        let points: Metric.Points
        switch instrument.kind {
        case .histogram(let bounds):
            points = .histograms(
                keys.compactMap { key in
                    guard case .histogram(let sum, let least, let most, let counts)? = sums[key] else { return nil }
                    return HistogramPoint(
                        attributes: key.attributes, start: start, time: now, sum: sum, least: least, most: most,
                        bounds: bounds, counts: counts)
                })
        case .counter, .balance:
            points = .sums(
                keys.compactMap { key in
                    switch sums[key] {
                    case .int(let value)?:
                        SumPoint(attributes: key.attributes, start: start, time: now, value: .int(value))
                    case .double(let value)?:
                        SumPoint(attributes: key.attributes, start: start, time: now, value: .double(value))
                    case .histogram, nil: nil
                    }
                }, isMonotonic: instrument.kind == .counter)
        }
        return Metric(
            name: instrument.name, description: instrument.words, unit: instrument.unit, temporality: temporality,
            points: points)
    }
}

extension Measurement.Value {
    fileprivate var double: Double {
        switch self {
        case .count(let count): Double(count)
        case .amount(let amount): amount
        }
    }
}
