import OrderedCollections

extension JSONSchemaCompiler {
    /// The keywords of a schema that is an object, in the order in which they are applied.
    mutating func keywords(of schema: JSON, node: Int) throws(JSONSchemaError) -> [JSONSchema.Keyword] {
        let reader = KeywordReader(schema: schema, location: nodes[node].pointer)
        var keywords = try reader.assertions()
        if let text = try reader.string("pattern") {
            keywords.append(.pattern(try pattern(text, at: nodes[node].pointer)))
        }
        try addReferences(of: schema, node: node, to: &keywords)
        try addInPlace(of: schema, node: node, to: &keywords)
        try addForArrays(of: schema, node: node, reader, to: &keywords)
        try addForObjects(of: schema, node: node, to: &keywords)
        // These need to know what all others evaluated.
        if let child = child("unevaluatedItems", of: node) { keywords.append(.unevaluatedItems(child)) }
        if let child = child("unevaluatedProperties", of: node) { keywords.append(.unevaluatedProperties(child)) }
        return keywords
    }

    private mutating func addReferences(
        of schema: JSON, node: Int, to keywords: inout [JSONSchema.Keyword]
    ) throws(JSONSchemaError) {
        if let reference = schema["$ref"] {
            keywords.append(.ref(try resolve(reference, keyword: "$ref", from: node).node))
        }
        if let reference = schema["$dynamicRef"] {
            let target = try resolve(reference, keyword: "$dynamicRef", from: node)
            let isDynamic = target.anchor.map { isDynamicAnchor($0, of: target.node) } ?? false
            keywords.append(.dynamicRef(target.node, anchor: isDynamic ? target.anchor : nil))
        }
    }

    private func addInPlace(
        of schema: JSON, node: Int, to keywords: inout [JSONSchema.Keyword]
    ) throws(JSONSchemaError) {
        func list(_ keyword: String) -> [Int] {
            (schema[keyword]?.arrayValue ?? []).indices.compactMap { child("\(keyword)/\($0)", of: node) }
        }
        if schema["allOf"] != nil { keywords.append(.allOf(list("allOf"))) }
        if schema["anyOf"] != nil { keywords.append(.anyOf(list("anyOf"))) }
        if schema["oneOf"] != nil { keywords.append(.oneOf(list("oneOf"))) }
        if let child = child("not", of: node) { keywords.append(.not(child)) }
        if let condition = child("if", of: node) {
            keywords.append(.condition(condition, then: child("then", of: node), otherwise: child("else", of: node)))
        }
        if let schemas = schema["dependentSchemas"]?.objectValue {
            keywords.append(
                .dependentSchemas(
                    schemas.keys.compactMap { name in
                        child("dependentSchemas", name, of: node).map { (name, $0) }
                    }))
        }
    }

    private func addForArrays(
        of schema: JSON, node: Int, _ reader: KeywordReader, to keywords: inout [JSONSchema.Keyword]
    ) throws(JSONSchemaError) {
        let prefix = (schema["prefixItems"]?.arrayValue ?? []).indices
            .compactMap { child("prefixItems/\($0)", of: node) }
        let rest = child("items", of: node)
        if !prefix.isEmpty || rest != nil { keywords.append(.items(prefix: prefix, rest: rest)) }
        let minimum = try reader.count("minContains") ?? 1
        let maximum = try reader.count("maxContains") ?? .max
        if let child = child("contains", of: node) {
            keywords.append(.contains(child, minimum: minimum, maximum: maximum))
        }
    }

    private mutating func addForObjects(
        of schema: JSON, node: Int, to keywords: inout [JSONSchema.Keyword]
    ) throws(JSONSchemaError) {
        var named: [String: Int] = [:]
        if let members = schema["properties"]?.objectValue {
            for name in members.keys { named[name] = child("properties", name, of: node) }
        }
        var patterns: [(pattern: JSONSchemaPattern, schema: Int)] = []
        if let members = schema["patternProperties"]?.objectValue {
            for text in members.keys {
                guard let child = child("patternProperties", text, of: node) else { continue }
                patterns.append((try pattern(text, at: nodes[node].pointer), child))
            }
        }
        let rest = child("additionalProperties", of: node)
        if !named.isEmpty || !patterns.isEmpty || rest != nil {
            keywords.append(.properties(named, patterns: patterns, rest: rest))
        }
        if let child = child("propertyNames", of: node) { keywords.append(.propertyNames(child)) }
    }
}

/// Reads the operands of one schema object.
struct KeywordReader {
    let schema: JSON
    let location: String

    /// The keywords that look at nothing but the value itself.
    func assertions() throws(JSONSchemaError) -> [JSONSchema.Keyword] {
        var keywords: [JSONSchema.Keyword] = []
        if let types = schema["type"] { keywords.append(.type(try valueTypes(types))) }
        if let value = schema["const"] { keywords.append(.const(value)) }
        if let values = schema["enum"] {
            guard let values = values.arrayValue else { throw wrong("enum", "a list of values") }
            keywords.append(.oneOfValues(values))
        }
        if let divisor = try number("multipleOf") {
            guard JSONNumber(0) < divisor else { throw wrong("multipleOf", "a number greater than 0") }
            keywords.append(.multipleOf(divisor))
        }
        if let bound = try number("minimum") { keywords.append(.minimum(bound, exclusive: false)) }
        if let bound = try number("exclusiveMinimum") { keywords.append(.minimum(bound, exclusive: true)) }
        if let bound = try number("maximum") { keywords.append(.maximum(bound, exclusive: false)) }
        if let bound = try number("exclusiveMaximum") { keywords.append(.maximum(bound, exclusive: true)) }
        if let (minimum, maximum) = try range("Length") {
            keywords.append(.length(minimum: minimum, maximum: maximum))
        }
        if let (minimum, maximum) = try range("Items") {
            keywords.append(.itemCount(minimum: minimum, maximum: maximum))
        }
        if let (minimum, maximum) = try range("Properties") {
            keywords.append(.propertyCount(minimum: minimum, maximum: maximum))
        }
        if let unique = schema["uniqueItems"] {
            guard let unique = unique.boolValue else { throw wrong("uniqueItems", "true or false") }
            if unique { keywords.append(.uniqueItems) }
        }
        if let names = schema["required"] { keywords.append(.required(try self.names(names, "required"))) }
        if let members = schema["dependentRequired"] {
            guard let members = members.objectValue else { throw wrong("dependentRequired", "an object of lists") }
            var dependents: [(name: String, needs: [String])] = []
            for (name, needs) in members { dependents.append((name, try names(needs, "dependentRequired"))) }
            keywords.append(.dependentRequired(dependents))
        }
        return keywords
    }

    func string(_ keyword: String) throws(JSONSchemaError) -> String? {
        guard let value = schema[keyword] else { return nil }
        guard let text = value.stringValue else { throw wrong(keyword, "a string") }
        return text
    }

    /// A whole number that is not negative; one beyond `Int` has the effect of `Int.max`.
    func count(_ keyword: String) throws(JSONSchemaError) -> Int? {
        guard let number = try number(keyword) else { return nil }
        guard number.isInteger, !(number < JSONNumber(0)) else { throw wrong(keyword, "a whole number, 0 or more") }
        return number.intValue ?? .max
    }

    private func number(_ keyword: String) throws(JSONSchemaError) -> JSONNumber? {
        guard let value = schema[keyword] else { return nil }
        guard case .number(let number) = value else { throw wrong(keyword, "a number") }
        return number
    }

    private func range(_ suffix: String) throws(JSONSchemaError) -> (Int, Int)? {
        let minimum = try count("min\(suffix)")
        let maximum = try count("max\(suffix)")
        return minimum == nil && maximum == nil ? nil : (minimum ?? 0, maximum ?? .max)
    }

    private func names(_ value: JSON, _ keyword: String) throws(JSONSchemaError) -> [String] {
        let names = value.arrayValue?.map(\.stringValue) ?? [nil]
        guard names.allSatisfy({ $0 != nil }) else { throw wrong(keyword, "a list of strings") }
        return names.compactMap(\.self)
    }

    private func valueTypes(_ value: JSON) throws(JSONSchemaError) -> [JSONSchema.ValueType] {
        let types = (value.arrayValue ?? [value]).map { $0.stringValue.flatMap(JSONSchema.ValueType.init(rawValue:)) }
        guard !types.isEmpty, types.allSatisfy({ $0 != nil }) else {
            throw wrong("type", "one or more of null, boolean, integer, number, string, array, object")
        }
        return types.compactMap(\.self)
    }

    private func wrong(_ keyword: String, _ expected: String) -> JSONSchemaError {
        JSONSchemaError(location: location, message: "\(keyword) must be \(expected)")
    }
}
