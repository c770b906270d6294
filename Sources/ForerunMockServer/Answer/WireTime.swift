#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Times as header fields spell them. Seconds count from 1970, in UTC.
enum WireTime {
    /// The time of day.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    static func httpDate(_ seconds: Double) -> String {
        let time = Moment(seconds)
        return "\(days[time.weekday]), \(two(time.day)) \(months[time.month - 1]) \(time.year) \(time.clock) GMT"
    }

    /// `1994-11-06T08:49:37Z` (RFC 3339).
    static func rfc3339(_ seconds: Double) -> String {
        let time = Moment(seconds)
        return "\(time.year)-\(two(time.month))-\(two(time.day))T\(time.clock)Z"
    }

    /// `12ms`, `1.25s`, `6m0s`, `1h2m3s`: as Go prints durations, which OpenAI's headers do.
    static func duration(_ seconds: Double) -> String {
        let milliseconds = Int((min(max(seconds, 0), 1e9) * 1000).rounded(.up))
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let (whole, rest) = (milliseconds / 1000, milliseconds % 1000)
        var text = rest == 0 ? "" : "." + String(rest + 1000).dropFirst()
        while rest > 0, text.hasSuffix("0") { text.removeLast() }
        text = "\(whole % 60)\(text)s"
        if whole >= 60 { text = "\(whole / 60 % 60)m" + text }
        if whole >= 3600 { text = "\(whole / 3600)h" + text }
        return text
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    fileprivate static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A second of the civil calendar.
private struct Moment {
    var year, month, day, weekday: Int
    var clock: String

    /// Howard Hinnant's `civil_from_days`.
    init(_ seconds: Double) {
        let total = Int(min(max(seconds, 0), 2e11))
        let (days, second) = (total / 86_400, total % 86_400)
        weekday = (days + 4) % 7
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        clock = "\(WireTime.two(second / 3600)):\(WireTime.two(second / 60 % 60)):\(WireTime.two(second % 60))"
    }
}
