/// How long work of one kind takes: a histogram over bins of equal ratio, in which old evidence fades.
///
/// All figures are in seconds. Each bin knows the mean of what fell into it, so that a law with few values (a fixed one) is
/// met exactly.
package struct LatencyEstimate: Sendable, Hashable {
    struct Bin: Sendable, Hashable {
        var weight = 0.0
        var seconds = 0.0

        var mean: Double { seconds / weight }
    }

    /// From a tenth of a millisecond on, each bin 1.5 times as wide as the one before: up to an hour.
    private static let least = 0.0001
    private static let perDoubling = 1 / 0.584962500721156
    private static let binCount = 44
    /// What a snapshot can hold.
    private static let mostCount = 1_000_000_000_000
    private static let mostSeconds = 1e9
    /// How many observations half of the weight lies in: about 35.
    private static let growth = 1 / 0.98

    private(set) var bins = [Bin](repeating: Bin(), count: binCount)
    private(set) var weight = 0.0
    private(set) var seconds = 0.0
    /// What the next observation weighs: it grows, which is to say that the others fade.
    private var step = 1.0
    /// How many observations there were.
    package private(set) var count = 0

    package init() {}

    /// An estimate before anything was seen: around `prior`, worth two observations.
    package init(prior: Double) {
        for factor in [0.4, 0.7, 1.0, 1.9] { add(prior * factor, weight: 0.5) }
    }

    package mutating func observe(_ seconds: Double) {
        guard seconds.isFinite, seconds >= 0 else { return }
        count += 1
        step *= Self.growth
        add(seconds, weight: step)
        if step > 1e9 { rescale() }
    }

    /// Work was ended after so many seconds: it is taken to have needed as long as such work does.
    package mutating func observe(atLeast seconds: Double) {
        observe(seconds + remaining(after: seconds))
    }

    private mutating func add(_ seconds: Double, weight: Double) {
        let bin = Self.bin(of: seconds)
        bins[bin].weight += weight
        bins[bin].seconds += weight * seconds
        self.weight += weight
        self.seconds += weight * seconds
    }

    private mutating func rescale() {
        for index in bins.indices {
            bins[index].weight /= step
            bins[index].seconds /= step
        }
        weight /= step
        seconds /= step
        step = 1
    }

    private static func bin(of seconds: Double) -> Int {
        guard seconds > least else { return 0 }
        // log2 by the exponent and a line between powers: bins need not be exact, only the same everywhere.
        let ratio = seconds / least
        let doublings = Double(ratio.exponent) + (ratio.significand - 1)
        return min(binCount - 1, Int(doublings * perDoubling))
    }

    /// The mean.
    package var mean: Double { weight > 0 ? seconds / weight : 0 }

    /// So long a share of such work takes at most.
    ///
    /// - Parameter share: 0…1.
    package func quantile(_ share: Double) -> Double {
        var below = 0.0
        var last = 0.0
        for bin in bins where bin.weight > 0 {
            below += bin.weight
            last = bin.mean
            if below >= share * weight { break }
        }
        return last
    }

    /// The mean of what is left, where so many seconds have passed already.
    package func remaining(after elapsed: Double) -> Double {
        guard elapsed > 0 else { return mean }
        var over = 0.0
        var left = 0.0
        for bin in bins where bin.weight > 0 && bin.mean > elapsed {
            over += bin.weight
            left += bin.weight * (bin.mean - elapsed)
        }
        // Nothing has ever taken so long: it may well take half as long again.
        return over > 0 ? left / over : elapsed / 2
    }

    /// The mean of the part that fits into `seconds`: E[min(X, seconds)].
    package func overlap(with seconds: Double) -> Double {
        guard weight > 0, seconds > 0 else { return 0 }
        return bins.reduce(0) { $1.weight > 0 ? $0 + $1.weight * min($1.mean, seconds) : $0 } / weight
    }

    /// The mean of what remains of `seconds` when such work is done: E[max(0, seconds − X)].
    package func lead(before seconds: Double) -> Double { max(0, seconds - overlap(with: seconds)) }
}

extension LatencyEstimate {
    /// Rows of bin, weight and weighted seconds; the weights relative to the latest observation.
    var binsJSON: JSON {
        .array(
            bins.enumerated().filter { $0.element.weight / step > 1e-5 }
                .map { [.int($0.offset), .seconds($0.element.weight / step), .seconds($0.element.seconds / step)] })
    }

    /// - Returns: `nil` where the rows make no sense.
    init?(bins rows: JSON, count: Int) {
        guard let rows = rows.arrayValue, (0...Self.mostCount).contains(count) else { return nil }
        for row in rows {
            guard let fields = row.arrayValue, fields.count == 3, let bin = fields[0].intValue,
                bins.indices.contains(bin), let weight = fields[1].doubleValue, let seconds = fields[2].doubleValue,
                weight > 0, weight <= 1e3, seconds >= 0, seconds <= Self.mostSeconds
            else { return nil }
            bins[bin] = Bin(weight: weight, seconds: seconds)
            self.weight += weight
            self.seconds += seconds
        }
        guard weight > 0 else { return nil }
        self.count = count
    }
}
