/// The calculator of both domains: `+ - * / // **`, brackets and numbers, by Python's rules.
struct Arithmetic {
    private var rest: Substring.UTF8View
    private var depth = 0

    /// The value, rounded to cents, as Python writes a float: `1023.0`, `-60.78`.
    static func result(of expression: String) throws(ToolStop) -> String {
        guard expression.utf8.allSatisfy({ "0123456789+-*/(). ".utf8.contains($0) }) else {
            throw .refused("invalid characters in expression")
        }
        var reader = Arithmetic(rest: Substring(expression).utf8)
        let value = try reader.sum()
        guard reader.next == nil else { throw invalid }
        guard value.double.isFinite else { throw .refused("the result is out of range") }
        return RecordNumber.fraction(value.double).roundedToCents.text
    }

    private static var invalid: ToolStop { .refused("invalid syntax (<string>, line 1)") }
    private static let depthLimit = 100

    private init(rest: Substring.UTF8View) { self.rest = rest }

    /// The next character that is no space.
    private var next: UInt8? { rest.first { $0 != UInt8(ascii: " ") } }

    private mutating func skipSpace() { rest = rest.drop { $0 == UInt8(ascii: " ") } }

    /// Takes `text` where it comes next and is not the beginning of `longer`.
    private mutating func take(_ text: StaticString, unless longer: StaticString? = nil) -> Bool {
        skipSpace()
        let string = Substring(rest)
        if let longer, string.hasPrefix("\(longer)") { return false }
        guard string.hasPrefix("\(text)") else { return false }
        rest = rest.dropFirst(text.utf8CodeUnitCount)
        return true
    }

    private mutating func sum() throws(ToolStop) -> RecordNumber {
        var value = try product()
        while true {
            if take("+") {
                value += try product()
            } else if take("-") {
                value = value - (try product())
            } else {
                return value
            }
        }
    }

    private mutating func product() throws(ToolStop) -> RecordNumber {
        var value = try signed()
        while true {
            if take("//") {
                value = try Self.divide(value, try signed(), floors: true)
            } else if take("/") {
                value = try Self.divide(value, try signed(), floors: false)
            } else if take("*", unless: "**") {
                value = value * (try signed())
            } else {
                return value
            }
        }
    }

    private static func divide(
        _ left: RecordNumber, _ right: RecordNumber, floors: Bool
    ) throws(ToolStop) -> RecordNumber {
        guard right.double != 0 else { throw .refused("division by zero") }
        let quotient = left.double / right.double
        return .fraction(floors ? quotient.rounded(.down) : quotient)
    }

    private mutating func signed() throws(ToolStop) -> RecordNumber {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw .refused("too many nested parentheses") }
        if take("-") { return -(try signed()) }
        if take("+") { return try signed() }
        let base = try atom()
        guard take("**") else { return base }
        let exponent = try signed()
        guard case .whole(let count) = exponent, 0...64 ~= count else {
            throw .refused("an exponent must be a whole number up to 64")
        }
        return (0..<count).reduce(.whole(1)) { power, _ in power * base }
    }

    private mutating func atom() throws(ToolStop) -> RecordNumber {
        if take("(") {
            let value = try sum()
            guard take(")") else { throw Self.invalid }
            return value
        }
        skipSpace()
        let digits = rest.prefix { $0 == UInt8(ascii: ".") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        rest = rest.dropFirst(digits.count)
        let text = String(Substring(digits))
        guard let value = Double(text.hasSuffix(".") ? text + "0" : text), text != "." else { throw Self.invalid }
        if let whole = Int(text) {
            // Python knows no whole number that begins with a zero.
            guard text == String(whole) || whole == 0 else { throw Self.invalid }
            return .whole(whole)
        }
        return .fraction(value)
    }
}
