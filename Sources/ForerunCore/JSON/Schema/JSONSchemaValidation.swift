import OrderedCollections

/// One validation of one value: follows schemas and value together and collects what does not fit.
struct JSONSchemaValidation {
    /// What a schema and the schemas within it looked at. Kept only for `unevaluatedItems` and `unevaluatedProperties`.
    struct Evaluated {
        var names: Set<String> = []
        /// So many items from the front.
        var prefix = 0
        var items: Set<Int> = []

        mutating func merge(_ other: Evaluated) {
            names.formUnion(other.names)
            prefix = max(prefix, other.prefix)
            items.formUnion(other.items)
        }
    }

    /// Schemas within schemas, counted along one path: protects the stack from hostile documents.
    static let depthLimit = 1_536

    let schema: JSONSchema
    var violations: [JSONSchemaViolation] = []
    /// Steps from the root of the value, as they stand in a JSON Pointer before escaping.
    private var path: [String] = []
    /// The resources entered, outermost first.
    private var resources: [Int] = []
    /// Dynamic references that are being followed, each with the depth in the value.
    private var following: [(node: Int, depth: Int)] = []
    private var depth = 0
    /// Above zero, only the verdict counts.
    private var silence = 0

    init(_ schema: JSONSchema) { self.schema = schema }

    mutating func run(_ value: JSON) -> [JSONSchemaViolation] {
        var evaluated = Evaluated()
        _ = apply(0, to: value, &evaluated)
        return violations
    }

    /// Applies a schema. What it evaluated is added to `evaluated` where it is valid.
    mutating func apply(_ node: Int, to value: JSON, _ evaluated: inout Evaluated) -> Bool {
        guard depth < Self.depthLimit else { return fail("$ref", "too deeply nested to be validated") }
        depth += 1
        let resource = schema.nodes[node].resource
        let entersResource = resources.last != resource
        if entersResource { resources.append(resource) }
        var own = Evaluated()
        var isValid = true
        for keyword in schema.nodes[node].keywords where !apply(keyword, to: value, &own) {
            isValid = false
            if silence > 0 { break }
        }
        if entersResource { resources.removeLast() }
        depth -= 1
        if isValid, schema.tracksEvaluated { evaluated.merge(own) }
        return isValid
    }

    /// Applies a schema to a part of the value.
    mutating func apply(_ node: Int, to value: JSON, at step: String) -> Bool {
        var evaluated = Evaluated()
        path.append(step)
        defer { path.removeLast() }
        return apply(node, to: value, &evaluated)
    }

    /// Whether a schema holds; says nothing where it does not.
    mutating func holds(_ node: Int, for value: JSON, at step: String? = nil, _ evaluated: inout Evaluated) -> Bool {
        silence += 1
        defer { silence -= 1 }
        return if let step { apply(node, to: value, at: step) } else { apply(node, to: value, &evaluated) }
    }

    /// Reports a violation here, unless silent. Always false.
    mutating func fail(_ keyword: String, _ message: @autoclosure () -> String) -> Bool {
        if silence == 0, violations.count < JSONSchemaViolation.limit {
            let pointer = path.reduce("") { JSONPointer.appending($1, to: $0) }
            violations.append(JSONSchemaViolation(path: pointer, keyword: keyword, message: message()))
        }
        return false
    }

    /// Follows a dynamic reference: to the outermost resource entered that has the anchor, otherwise where it says.
    mutating func follow(_ node: Int, anchor: String?, _ value: JSON, _ evaluated: inout Evaluated) -> Bool {
        var target = node
        if let anchor {
            target = resources.lazy.compactMap { [schema] in schema.dynamicAnchors[$0][anchor] }.first ?? node
        }
        guard !following.contains(where: { $0.node == target && $0.depth == path.count }) else {
            return fail("$dynamicRef", "the schema refers to itself without end; it must be corrected")
        }
        following.append((target, path.count))
        defer { following.removeLast() }
        return apply(target, to: value, &evaluated)
    }

    /// Why the value fits none of several schemas: the first complaint of each.
    mutating func complaints(_ nodes: [Int], _ value: JSON) -> String {
        guard silence == 0 else { return "" }
        let before = violations
        defer { violations = before }
        let shown = nodes.prefix(4)
        var texts: [String] = []
        for (number, node) in shown.enumerated() {
            violations = []
            var evaluated = Evaluated()
            _ = apply(node, to: value, &evaluated)
            texts.append("(\(number + 1)) \(violations.first?.description ?? "does not fit")")
        }
        if shown.count < nodes.count { texts.append("…") }
        return texts.joined(separator: "; ")
    }
}
