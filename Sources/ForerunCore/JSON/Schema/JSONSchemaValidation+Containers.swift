import OrderedCollections

extension JSONSchemaValidation {
    mutating func apply(
        _ keyword: JSONSchema.Keyword, toArray items: [JSON], _ evaluated: inout Evaluated
    ) -> Bool {
        switch keyword {
        case .itemCount(let minimum, let maximum): return check(items.count, minimum, maximum, "Items", of: "items")
        case .uniqueItems:
            var places: [JSON: Int] = [:]
            for (index, item) in items.enumerated() {
                guard let first = places.updateValue(index, forKey: item) else { continue }
                return fail("uniqueItems", "items \(first) and \(index) are equal, but all must differ")
            }
            return true
        case .items(let prefix, let rest):
            var isValid = true
            for (index, item) in items.enumerated() {
                guard let node = index < prefix.count ? prefix[index] : rest else { break }
                if !apply(node, to: item, at: String(index)) { isValid = false }
            }
            evaluated.prefix = max(evaluated.prefix, rest == nil ? min(prefix.count, items.count) : items.count)
            return isValid
        case .contains(let node, let minimum, let maximum):
            var ignored = Evaluated()
            var count = 0
            for (index, item) in items.enumerated() where holds(node, for: item, at: String(index), &ignored) {
                count += 1
                if schema.tracksEvaluated { evaluated.items.insert(index) }
            }
            if count < minimum {
                return fail("contains", "expected at least \(minimum) items that fit `contains`, got \(count)")
            }
            return count <= maximum
                || fail("maxContains", "expected at most \(maximum) items that fit `contains`, got \(count)")
        case .unevaluatedItems(let node):
            var isValid = true
            for index in items.indices.dropFirst(evaluated.prefix) where !evaluated.items.contains(index) {
                if !apply(node, to: items[index], at: String(index)) { isValid = false }
            }
            evaluated.prefix = items.count
            return isValid
        default: return true
        }
    }

    mutating func apply(
        _ keyword: JSONSchema.Keyword, toObject members: OrderedDictionary<String, JSON>, _ value: JSON,
        _ evaluated: inout Evaluated
    ) -> Bool {
        var isValid = true
        switch keyword {
        case .propertyCount(let minimum, let maximum):
            return check(members.count, minimum, maximum, "Properties", of: "properties")
        case .required(let names):
            for name in names where members[name] == nil {
                isValid = fail("required", "the required property \(JSON.string(name).excerpt) is missing")
            }
        case .dependentRequired(let dependents):
            for (name, needs) in dependents where members[name] != nil {
                for need in needs where members[need] == nil {
                    isValid = fail(
                        "dependentRequired",
                        "\(JSON.string(name).excerpt) needs the property \(JSON.string(need).excerpt), which is missing"
                    )
                }
            }
        case .dependentSchemas(let dependents):
            for (name, node) in dependents where members[name] != nil {
                if !apply(node, to: value, &evaluated) { isValid = false }
            }
        case .properties(let named, let patterns, let rest):
            for (name, member) in members {
                var isKnown = false
                for node in [named[name]].compactMap(\.self)
                    + patterns.filter({ $0.pattern.matches(name) }).map(\.schema)
                {
                    isKnown = true
                    if !apply(node, to: member, at: name) { isValid = false }
                }
                if let rest, !isKnown {
                    isKnown = true
                    if !apply(rest, toUnexpected: member, name, known: named, "additionalProperties") {
                        isValid = false
                    }
                }
                if isKnown, schema.tracksEvaluated { evaluated.names.insert(name) }
            }
        case .propertyNames(let node):
            for name in members.keys where !apply(node, to: .string(name), at: name) { isValid = false }
        case .unevaluatedProperties(let node):
            for (name, member) in members where !evaluated.names.contains(name) {
                if !apply(node, toUnexpected: member, name, known: [:], "unevaluatedProperties") { isValid = false }
                evaluated.names.insert(name)
            }
        default: break
        }
        return isValid
    }

    /// Applies a schema to a member that no other one is for; where nothing is allowed, says what would be.
    private mutating func apply(
        _ node: Int, toUnexpected member: JSON, _ name: String, known: [String: Int], _ keyword: String
    ) -> Bool {
        guard case .never? = schema.nodes[node].keywords.first else { return apply(node, to: member, at: name) }
        let names = known.keys.sorted().prefix(20).map { JSON.string($0).excerpt }.joined(separator: ", ")
        let hint = names.isEmpty ? "" : "; known: \(names)"
        return fail(keyword, "unknown property \(JSON.string(name).excerpt)\(hint)")
    }
}
