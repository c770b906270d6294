import OrderedCollections

/// One JSON object on a line of its own, written member by member straight to bytes: what is written at every step costs less
/// than a tree of values would.
///
/// Names are written as they are: nothing in them needs to be escaped. Members stand in the order in which they were added.
package struct JSONLine: ~Copyable {
    /// What stood before, and the line so far.
    private var bytes: ByteWriter
    private var isEmpty = true

    /// Begins a line at the end of `bytes`.
    package init(after bytes: consuming ByteWriter = ByteWriter()) {
        self.bytes = bytes
        self.bytes.append(UInt8(ascii: "{"))
    }

    /// The end of the line. - Returns: what stood before, and the line with its line feed.
    package consuming func ended() -> ByteWriter {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    package mutating func add(_ name: StaticString, _ text: String) {
        begin(name)
        JSON.emit(text, to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ text: String?) {
        guard let text else { return addNull(name) }
        add(name, text)
    }

    /// A text that needs no escapes.
    package mutating func add(_ name: StaticString, plain text: StaticString) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(text)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func add(_ name: StaticString, _ number: Int) {
        begin(name)
        JSON.write(number, to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ number: Int?) {
        guard let number else { return addNull(name) }
        add(name, number)
    }

    package mutating func add(_ name: StaticString, _ flag: Bool) {
        begin(name)
        bytes.append(flag ? "true" as StaticString : "false")
    }

    /// Seconds (or any fraction) to a millionth, as ``JSON/seconds(_:)``.
    package mutating func add(_ name: StaticString, seconds: Double) {
        begin(name)
        JSON.write(seconds: seconds, to: &bytes)
    }

    package mutating func add(_ name: StaticString, seconds: Double?) {
        guard let seconds else { return addNull(name) }
        add(name, seconds: seconds)
    }

    package mutating func add(_ name: StaticString, _ value: JSON) {
        begin(name)
        value.emit(to: &bytes, sorted: false)
    }

    package mutating func addNull(_ name: StaticString) {
        begin(name)
        bytes.append("null" as StaticString)
    }

    /// The members of an object that was made elsewhere.
    package mutating func addMembers(of object: JSON) {
        guard case .object(let members) = object else { return }
        for (name, value) in members {
            separate()
            JSON.emit(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            value.emit(to: &bytes, sorted: false)
        }
    }

    /// An object within this one.
    package mutating func add(_ name: StaticString, _ body: (inout JSONLine) -> Void) {
        begin(name)
        write(body)
    }

    /// An array of objects.
    package mutating func add<Element>(
        _ name: StaticString, objects elements: [Element], _ body: (Element, inout JSONLine) -> Void
    ) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write { body(element, &$0) }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ body: (inout JSONLine) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isEmpty = true
        body(&self)
        isEmpty = false
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func begin(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if isEmpty { isEmpty = false } else { bytes.append(UInt8(ascii: ",")) }
    }
}

extension JSON {
    /// The object that is written. Nothing that a ``JSONLine`` writes is no JSON.
    package static func object(_ write: (inout JSONLine) -> Void) -> JSON {
        var line = JSONLine()
        write(&line)
        return (try? JSON(parsingRecord: line.ended().bytes.dropLast())) ?? .null
    }

    /// Appends a whole number.
    fileprivate static func write(_ number: Int, to bytes: inout ByteWriter) {
        guard number >= 0 else {
            bytes.append(String(number))
            return
        }
        write(UInt64(number), to: &bytes)
    }

    /// Appends a fraction, rounded to a millionth, with no needless digit.
    fileprivate static func write(seconds: Double, to bytes: inout ByteWriter) {
        let millionths = (seconds * 1_000_000).rounded()
        // Beyond it (some thirty years) doubles have gaps, and what is no number is neither.
        guard abs(millionths) < 1e15 else {
            bytes.append(JSONNumber(millionths / 1_000_000).literal)
            return
        }
        if millionths < 0 { bytes.append(UInt8(ascii: "-")) }
        let (whole, rest) = UInt64(abs(millionths)).quotientAndRemainder(dividingBy: 1_000_000)
        write(whole, to: &bytes)
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var divisor: UInt64 = 100_000
        var left = rest
        while left > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left / divisor))
            left %= divisor
            divisor /= 10
        }
    }

    private static func write(_ number: UInt64, to bytes: inout ByteWriter) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}
