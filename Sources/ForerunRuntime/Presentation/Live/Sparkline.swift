/// Values as a row of small bars.
package enum Sparkline {
    /// A character for each value, the greatest as high as can be; values below 0 are shown as 0.
    package static func text(_ values: some Collection<Double>, _ style: ViewStyle) -> String {
        let steps = Array(style.unicode ? "▁▂▃▄▅▆▇█" : "_.-=+*#@")
        let top = max(values.lazy.filter(\.isFinite).max() ?? 0, 0.000_1)
        return String(
            values.map { value in
                guard value.isFinite, value > 0 else { return steps[0] }
                return steps[Int((value / top * Double(steps.count - 1)).rounded())]
            })
    }

    /// A bar of `columns` that is filled to a share, 0…1.
    package static func bar(_ share: Double, columns: Int, _ style: ViewStyle) -> String {
        let part = share.isFinite ? min(1, max(0, share)) : 0
        // A little is shown as a little, and not quite all not as all.
        var full = Int((part * Double(columns)).rounded())
        if part > 0 { full = max(1, full) }
        if part < 1 { full = min(columns - 1, full) }
        let (filled, empty) = style.unicode ? ("█", "░") : ("#", ".")
        return String(repeating: filled, count: max(0, full)) + String(repeating: empty, count: max(0, columns - full))
    }
}
