/// How a value is written: what is accepted, and how it is shown.
package struct ValueForm<Value: Sendable>: Sendable {
    package let read: @Sendable (ConfigurationValue, ConfigurationPath) throws(ConfigurationError) -> Value
    package let write: @Sendable (Value) -> String

    package init(
        read: @escaping @Sendable (ConfigurationValue, ConfigurationPath) throws(ConfigurationError) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.read = read
        self.write = write
    }

    /// The same, where nothing may stand: `null` ends what lower layers said.
    package var optional: ValueForm<Value?> {
        let form = self
        return ValueForm<Value?>(
            read: { value, path throws(ConfigurationError) in
                value.content == .null ? nil : try form.read(value, path)
            },
            write: { $0.map(form.write) ?? "none" })
    }
}

extension ValueForm {
    /// A list.
    package static func list<Item: Sendable>(of form: ValueForm<Item>) -> Self where Value == [Item] {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .list(let items) = value.content else { throw value.mismatch(path, expected: "a list") }
                var result: [Item] = []
                for (index, item) in items.enumerated() {
                    result.append(try form.read(item, path + String(index)))
                }
                return result
            },
            write: { "[" + $0.map(form.write).joined(separator: ", ") + "]" })
    }
}

extension ValueForm where Value == Int {
    package static func whole(_ range: ClosedRange<Int>) -> Self {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(let text, false) = value.content, let number = Int(text.filter { $0 != "_" }) else {
                    throw value.mismatch(path, expected: expected)
                }
                guard range.contains(number) else { throw value.outOfRange(path, expected: expected) }
                return number
            },
            write: { String($0) })
    }
}

extension ValueForm where Value == Double {
    package static func number(_ range: ClosedRange<Double>) -> Self {
        let expected = "a number from \(shown(range.lowerBound)) to \(shown(range.upperBound))"
        return Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(let text, false) = value.content,
                    let number = Double(text.filter { $0 != "_" }), number.isFinite
                else { throw value.mismatch(path, expected: expected) }
                guard range.contains(number) else { throw value.outOfRange(path, expected: expected) }
                return number
            },
            write: shown)
    }

    private static func shown(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
}

extension ValueForm where Value == Bool {
    package static var flag: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                switch value.content {
                case .scalar("true", false): return true
                case .scalar("false", false): return false
                default: throw value.mismatch(path, expected: "true or false")
                }
            },
            write: { String($0) })
    }
}

extension ValueForm where Value == String {
    /// Any text that is not empty.
    package static var text: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(let text, _) = value.content, !text.isEmpty else {
                    throw value.mismatch(path, expected: "a text")
                }
                return text
            },
            write: { $0 })
    }
}

extension ValueForm where Value == String {
    /// One of some words.
    package static func oneOf(_ words: [String]) -> Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                let text = value.text
                guard case .scalar = value.content, words.contains(text) else {
                    throw ConfigurationError(
                        .unknownValue, "\(path) must be \(choice(of: words)), not “\(text)”", at: value.origin,
                        remedy: Suggestion.nearest(to: text, among: words).map { "Did you mean “\($0)”?" })
                }
                return text
            },
            write: { $0 })
    }

    /// “a, b or c”.
    private static func choice(of words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension ValueForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of an enumeration.
    package static var word: Self {
        let words = ValueForm<String>.oneOf(Value.allCases.map(\.rawValue))
        return Self(
            read: { value, path throws(ConfigurationError) in
                guard let word = Value(rawValue: try words.read(value, path)) else {
                    throw value.mismatch(path, expected: "one of its words")
                }
                return word
            },
            write: { $0.rawValue })
    }
}

extension ValueForm where Value == ModelName {
    static var model: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(let text, _) = value.content, let name = ModelName(text) else {
                    throw value.mismatch(path, expected: "a model, written endpoint/model")
                }
                return name
            },
            write: { $0.description })
    }
}
