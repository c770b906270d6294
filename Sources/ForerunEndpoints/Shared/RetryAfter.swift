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
        return response.retryAfter(now: now)
    }

    /// Seconds that a message asks to wait: “Please try again in 11.054s”, “… in 6m0s”, “… in 20 seconds”. `nil`: none.
    static func seconds(inMessage message: String) -> Double? {
        message.firstRange(of: "try again in ").flatMap { duration(message[$0.upperBound...]) }
    }

    /// The duration that a text begins with, as Go writes it (`6m0s`) or in words (`20 seconds`); `nil`: none.
    static func duration(_ text: Substring) -> Double? {
        var total = 0.0
        var position = text.startIndex
        var isFound = false
        // Numbers, each with its unit.
        while position < text.endIndex {
            let digits = text[position...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard !digits.isEmpty, let number = Double(digits) else { break }
            let words = text[digits.endIndex...].drop { $0 == " " }
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

    /// Seconds since 1970 of a moment as RFC 3339 writes it: `2026-11-22T08:49:37.5Z`, `2026-11-22T09:49:37+01:00`.
    static func timestamp(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int32? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return bytes[range].reduce(0) { $0 * 10 + Int32($1 - 0x30) }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1970...9999).contains(year),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = month - 1
        parts.tm_mday = day
        parts.tm_hour = hour
        parts.tm_min = minute
        parts.tm_sec = second
        var seconds = Double(timegm(&parts))
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            seconds += Double("0." + String(decoding: digits, as: UTF8.self)) ?? 0
            rest = rest[digits.endIndex...]
        }
        switch rest.first {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return seconds
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let start = rest.startIndex
            guard let hours = number(start + 1..<start + 3), let minutes = number(start + 4..<start + 6) else {
                return nil
            }
            let offset = Double(hours * 3600 + minutes * 60)
            return rest.first == UInt8(ascii: "+") ? seconds - offset : seconds + offset
        default: return nil
        }
    }
}
