import ForerunTransport
import Glibc

/// How long a server asks to wait.
enum RetryAfter {
    /// Seconds: `retry-after-ms` before `retry-after` in seconds before `retry-after` as a date (RFC 9110, 10.2.3).
    ///
    /// - Parameter now: seconds since 1970, from which a date counts.
    static func seconds(_ response: HTTPResponse, now: Int) -> Double? {
        if let value = response[header: "retry-after-ms"].flatMap(Double.init), value >= 0, value.isFinite {
            return value / 1000
        }
        guard let value = response[header: "retry-after"] else { return nil }
        if let seconds = Double(value) { return seconds >= 0 && seconds.isFinite ? seconds : nil }
        return date(value).map { Double(max(0, $0 - now)) }
    }

    /// Seconds that a message asks to wait: “Please try again in 11.054s”, “… in 6m0s”, “… in 20 seconds”. `nil`: none.
    static func seconds(inMessage message: String) -> Double? {
        guard let mark = message.firstRange(of: "try again in ") else { return nil }
        let rest = message[mark.upperBound...]
        var total = 0.0
        var position = rest.startIndex
        var isFound = false
        // Go's durations: numbers, each with its unit.
        while position < rest.endIndex {
            let digits = rest[position...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard !digits.isEmpty, let number = Double(digits) else { break }
            let words = rest[digits.endIndex...].drop { $0 == " " }
            let unit = words.prefix { $0.isASCII && $0.isLetter }
            switch unit {
            case "ms": total += number / 1000
            case "s", "second", "seconds": total += number
            case "m", "minute", "minutes": total += number * 60
            case "h", "hour", "hours": total += number * 3600
            default: return isFound ? total : nil
            }
            isFound = true
            position = unit.endIndex
        }
        return isFound && total.isFinite ? total : nil
    }

    /// Seconds since 1970 of an HTTP date in the form that servers must send: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func date(_ text: String) -> Int? {
        let words = text.split(whereSeparator: { " ,:".contains($0) })
        guard words.count == 8, words[7] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]),
            let hour = Int32(words[4]), let minute = Int32(words[5]), let second = Int32(words[6]),
            let month = months.firstIndex(of: String(words[2])), (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = Int32(month)
        parts.tm_mday = day
        parts.tm_hour = hour
        parts.tm_min = minute
        parts.tm_sec = second
        return timegm(&parts)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
