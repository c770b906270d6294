import Glibc

/// Dates in header fields.
package enum HTTPDate {
    /// Seconds since 1970 of an HTTP date in the form that servers must send: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
    package static func seconds(_ text: String) -> Int? {
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

extension HTTPResponse {
    /// How many seconds the server asks to wait: `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
    ///
    /// - Parameter now: seconds since 1970, from which a date counts.
    package func retryAfter(now: Int) -> Double? {
        guard let value = self[header: "retry-after"] else { return nil }
        if let seconds = Double(value) { return seconds >= 0 && seconds.isFinite ? seconds : nil }
        return HTTPDate.seconds(value).map { Double(max(0, $0 - now)) }
    }
}
