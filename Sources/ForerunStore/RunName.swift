/// The name of a run: when it began (UTC), to 1/65,536 of a second, such as `20261121-093012-4f2a`.
///
/// Names sort by time.
package struct RunName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let description: String

    /// - Returns: `nil` where `text` is no such name.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [8, 6, 4] else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
        guard parts[0].allSatisfy(digits.contains), parts[1].allSatisfy(digits.contains),
            parts[2].allSatisfy({ digits.contains($0) || letters.contains($0) })
        else { return nil }
        description = text
    }

    /// How many parts of a second are told apart.
    static let resolution = 0x1_0000

    /// - Parameter time: in parts of a second (``resolution``) since 1970, UTC.
    init(time: Int) {
        let (time, part) = time.quotientAndRemainder(dividingBy: RunName.resolution)
        let (days, seconds) = time.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = RunName.date(days)
        let date = RunName.padded(year, 4) + RunName.padded(month, 2) + RunName.padded(day, 2)
        let clock =
            RunName.padded(seconds / 3_600, 2) + RunName.padded(seconds / 60 % 60, 2) + RunName.padded(seconds % 60, 2)
        description = "\(date)-\(clock)-\(String(RunName.resolution | part, radix: 16).dropFirst())"
    }

    /// When the run began, by ISO 8601: `2026-11-21T09:30:12Z`.
    package var began: String {
        let digits = Array(description.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
    }

    package static func < (left: RunName, right: RunName) -> Bool { left.description < right.description }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The Gregorian date of a day since 1970-01-01. Years are counted from March, so that leap days come last.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }
}
