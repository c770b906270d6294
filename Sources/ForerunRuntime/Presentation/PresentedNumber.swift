/// Numbers as people read them.
package enum PresentedNumber {
    /// `0.04 s`, `12.3 s`, `4:05 min`.
    package static func seconds(_ seconds: Double) -> String {
        let size = abs(seconds)
        guard size < 1e15 else { return "–" }
        if size < 9.995 { return "\(fixed(seconds, 2)) s" }
        if size < 99.95 { return "\(fixed(seconds, 1)) s" }
        let whole = Int(size.rounded())
        let rest = whole % 60
        return "\(seconds < 0 ? "-" : "")\(whole / 60):\(rest < 10 ? "0" : "")\(rest) min"
    }

    /// With exactly so many decimals.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        let whole = Int(scaled / scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let fraction = String(Int(scaled) - whole * Int(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// As short as it can be said: `3`, `0.5`.
    package static func plain(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// `5 of 9 calls (56 %)`.
    package static func share(_ part: Int, of whole: Int, _ noun: String) -> String {
        let percent = whole == 0 ? "" : " (\(fixed(Double(part) / Double(whole) * 100, 0)) %)"
        return "\(part) of \(count(whole, noun))\(percent)"
    }

    /// `1 call`, `2 calls`.
    package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
