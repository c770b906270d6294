import ForerunCore

/// Points of time as logs write them.
enum Timestamp {
    /// Seconds since 1970: of ISO 8601 text, of a number of seconds, or of one of milliseconds.
    static func seconds(_ value: JSON?) -> Double? {
        switch value {
        case .string(let text): seconds(text)
        case .number(let number):
            // Seconds reach this in the year 5138, milliseconds did in 1973.
            abs(number.doubleValue) > 1e11 ? number.doubleValue / 1_000 : number.doubleValue
        default: nil
        }
    }

    /// Seconds since 1970 of `2026-05-01T12:34:56.789Z`, also with a blank or an offset, or without a zone (then UTC).
    static func seconds(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), 1...12 ~= month, 1...31 ~= day
        else { return nil }
        var result = Double(days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
        var position = 19
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            var unit = 0.1
            position += 1
            while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] {
                result += Double(bytes[position] - UInt8(ascii: "0")) * unit
                unit /= 10
                position += 1
            }
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-"),
            let hours = number(position + 1..<position + 3)
        {
            let minutes = number(position + 4..<position + 6) ?? number(position + 3..<position + 5) ?? 0
            let offset = Double(hours * 3_600 + minutes * 60)
            result -= bytes[position] == UInt8(ascii: "+") ? offset : -offset
        }
        return result
    }

    /// Days since 1970-01-01 of a Gregorian date. Years are counted from March, so that leap days come last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
