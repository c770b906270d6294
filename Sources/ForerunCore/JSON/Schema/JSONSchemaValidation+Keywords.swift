import OrderedCollections

extension JSONSchemaValidation {
    mutating func apply(_ keyword: JSONSchema.Keyword, to value: JSON, _ evaluated: inout Evaluated) -> Bool {
        switch (keyword, value) {
        case (.never, _): fail("false", "nothing is allowed here")
        case (.type, _), (.const, _), (.oneOfValues, _): applyToAny(keyword, value)
        case (_, .number(let number)) where keyword.isForNumbers: apply(keyword, toNumber: number)
        case (_, .string(let text)) where keyword.isForStrings: apply(keyword, toString: text)
        case (_, .array(let items)) where keyword.isForArrays: apply(keyword, toArray: items, &evaluated)
        case (_, .object(let members)) where keyword.isForObjects: apply(keyword, toObject: members, value, &evaluated)
        default: applyInPlace(keyword, value, &evaluated)
        }
    }

    private mutating func applyToAny(_ keyword: JSONSchema.Keyword, _ value: JSON) -> Bool {
        switch keyword {
        case .type(let types):
            let type = JSONSchema.ValueType(of: value)
            if types.contains(type) || type == .integer && types.contains(.number) { return true }
            let expected = types.map(\.rawValue).joined(separator: " or ")
            return fail("type", "expected \(expected), got \(type == .number ? value.excerpt : type.rawValue)")
        case .const(let expected):
            return value == expected || fail("const", "expected \(expected.excerpt), got \(value.excerpt)")
        case .oneOfValues(let values):
            if values.contains(value) { return true }
            let shown = values.prefix(20).map(\.excerpt).joined(separator: ", ") + (values.count > 20 ? ", …" : "")
            return fail("enum", "expected one of \(shown), got \(value.excerpt)")
        default: return true
        }
    }

    private mutating func apply(_ keyword: JSONSchema.Keyword, toNumber number: JSONNumber) -> Bool {
        switch keyword {
        case .multipleOf(let divisor):
            number.isMultiple(of: divisor)
                || fail("multipleOf", "expected a multiple of \(divisor.literal), got \(JSON.number(number).excerpt)")
        case .minimum(let bound, let exclusive):
            (exclusive ? bound < number : bound <= number)
                || fail(
                    exclusive ? "exclusiveMinimum" : "minimum",
                    "expected \(exclusive ? "more than" : "at least") \(bound.literal), got \(JSON.number(number).excerpt)"
                )
        case .maximum(let bound, let exclusive):
            (exclusive ? number < bound : number <= bound)
                || fail(
                    exclusive ? "exclusiveMaximum" : "maximum",
                    "expected \(exclusive ? "less than" : "at most") \(bound.literal), got \(JSON.number(number).excerpt)"
                )
        default: true
        }
    }

    private mutating func apply(_ keyword: JSONSchema.Keyword, toString text: String) -> Bool {
        switch keyword {
        case .length(let minimum, let maximum):
            check(text.unicodeScalars.count, minimum, maximum, "Length", of: "characters")
        case .pattern(let pattern):
            pattern.matches(text)
                || fail("pattern", "expected text that matches \(pattern.text), got \(JSON.string(text).excerpt)")
        default: true
        }
    }

    mutating func check(_ count: Int, _ minimum: Int, _ maximum: Int, _ suffix: String, of what: String) -> Bool {
        if count < minimum { return fail("min\(suffix)", "expected at least \(minimum) \(what), got \(count)") }
        if count > maximum { return fail("max\(suffix)", "expected at most \(maximum) \(what), got \(count)") }
        return true
    }

    private mutating func applyInPlace(
        _ keyword: JSONSchema.Keyword, _ value: JSON, _ evaluated: inout Evaluated
    ) -> Bool {
        switch keyword {
        case .ref(let node): return apply(node, to: value, &evaluated)
        case .dynamicRef(let node, let anchor): return follow(node, anchor: anchor, value, &evaluated)
        case .allOf(let nodes):
            var isValid = true
            for node in nodes where !apply(node, to: value, &evaluated) { isValid = false }
            return isValid
        case .anyOf(let nodes):
            var isValid = false
            for node in nodes where holds(node, for: value, &evaluated) {
                isValid = true
                if !schema.tracksEvaluated { break }
            }
            return isValid || failAll("anyOf", nodes, value)
        case .oneOf(let nodes):
            var matches: [Int] = []
            for (number, node) in nodes.enumerated() {
                var branch = Evaluated()
                guard holds(node, for: value, &branch) else { continue }
                matches.append(number + 1)
                evaluated.merge(branch)
            }
            if matches.count == 1 { return true }
            if matches.isEmpty {
                return failAll("oneOf", nodes, value)
            }
            let numbers = matches.map(String.init).joined(separator: " and ")
            return fail("oneOf", "fits the alternatives \(numbers) at once, but must fit exactly one")
        case .not(let node):
            var ignored = Evaluated()
            return !holds(node, for: value, &ignored) || fail("not", "got \(value.excerpt), which is excluded")
        case .condition(let condition, let then, let otherwise):
            let branch = holds(condition, for: value, &evaluated) ? then : otherwise
            return branch.map { apply($0, to: value, &evaluated) } ?? true
        default: return true
        }
    }

    private mutating func failAll(_ keyword: String, _ nodes: [Int], _ value: JSON) -> Bool {
        // First, as finding the complaints changes what `fail` appends to.
        let complaints = complaints(nodes, value)
        return fail(keyword, "fits none of \(nodes.count) alternatives: \(complaints)")
    }
}

extension JSONSchema.Keyword {
    var isForNumbers: Bool {
        switch self {
        case .multipleOf, .minimum, .maximum: true
        default: false
        }
    }

    var isForStrings: Bool {
        switch self {
        case .length, .pattern: true
        default: false
        }
    }

    var isForArrays: Bool {
        switch self {
        case .itemCount, .uniqueItems, .items, .contains, .unevaluatedItems: true
        default: false
        }
    }

    var isForObjects: Bool {
        switch self {
        case .propertyCount, .required, .dependentRequired, .dependentSchemas, .properties, .propertyNames,
            .unevaluatedProperties:
            true
        default: false
        }
    }
}

extension JSON {
    /// The compact text, cut where it is long.
    var excerpt: String {
        let whole = text
        return whole.unicodeScalars.count > 80 ? String(whole.unicodeScalars.prefix(79)) + "…" : whole
    }
}
