import ForerunCore

/// Draws that depend on a seed and a key only: the same in every interleaving and on every machine.
package struct Draw: Sendable, Hashable {
    package let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// Uniform in 0 ..< 1.
    package func uniform(_ key: Part...) -> Double { uniform(key) }

    package func pick<Value>(_ values: [Value], _ key: Part...) -> Value {
        values[min(values.count - 1, Int(uniform(key) * Double(values.count)))]
    }

    package func uniform(_ key: [Part]) -> Double { Double(bits(key) >> 11) / 9_007_199_254_740_992 }

    /// FNV-1a over the parts, finished by SplitMix64.
    package func bits(_ key: [Part]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed &* 0x9e37_79b9_7f4a_7c15
        for part in key {
            hash = (hash ^ part.bits) &* 0x0000_0100_0000_01b3
            hash ^= hash >> 29
        }
        var z = hash &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A part of a key.
    package struct Part: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
        let bits: UInt64

        package init(_ value: UInt64) { bits = value }
        package init(_ value: Int) { bits = UInt64(bitPattern: Int64(value)) &* 0xff51_afd7_ed55_8ccd }
        package init(integerLiteral value: Int) { self.init(value) }
        package init(stringLiteral value: String) { self.init(value) }
        package init(_ text: String) {
            bits = text.utf8.reduce(0x8422_2325_cbf2_9ce4) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        }
    }
}

/// A law of latencies.
package enum LatencyLaw: String, Sendable, Hashable, CaseIterable {
    case fixed, exponential, logNormal

    /// Seconds, of the given mean.
    package func sample(mean: Double, _ draw: Draw, _ key: [Draw.Part]) -> Double {
        let x = draw.uniform(key + ["latency"])
        switch self {
        case .fixed: return mean
        case .exponential: return -mean * naturalLogarithm(1 - x)
        case .logNormal:
            // Sigma 0.6; the sum of twelve uniforms is close enough to a normal here.
            var sum = -6.0
            for index in 0..<12 { sum += draw.uniform(key + ["latency", .init(index)]) }
            return mean * naturalExponential(0.6 * sum - 0.18)
        }
    }
}
