extension JSONSchema {
    /// A keyword with its operands; schemas are indices of nodes.
    enum Keyword: Sendable {
        case never
        case type([ValueType])
        case const(JSON)
        case oneOfValues([JSON])
        case multipleOf(JSONNumber)
        case minimum(JSONNumber, exclusive: Bool)
        case maximum(JSONNumber, exclusive: Bool)
        case length(minimum: Int, maximum: Int)
        case pattern(JSONSchemaPattern)
        case itemCount(minimum: Int, maximum: Int)
        case uniqueItems
        case propertyCount(minimum: Int, maximum: Int)
        case required([String])
        case dependentRequired([(name: String, needs: [String])])

        case ref(Int)
        /// The schema to which it leads lexically, and the name of its dynamic anchor, if it has one.
        case dynamicRef(Int, anchor: String?)
        case allOf([Int])
        case anyOf([Int])
        case oneOf([Int])
        case not(Int)
        case condition(Int, then: Int?, otherwise: Int?)
        case dependentSchemas([(name: String, schema: Int)])

        case items(prefix: [Int], rest: Int?)
        case contains(Int, minimum: Int, maximum: Int)
        case properties([String: Int], patterns: [(pattern: JSONSchemaPattern, schema: Int)], rest: Int?)
        case propertyNames(Int)
        case unevaluatedItems(Int)
        case unevaluatedProperties(Int)

        /// Schemas that are applied to the same value.
        var sameValueSchemas: [Int] {
            switch self {
            case .ref(let schema), .dynamicRef(let schema, _), .not(let schema): [schema]
            case .allOf(let schemas), .anyOf(let schemas), .oneOf(let schemas): schemas
            case .condition(let condition, let then, let otherwise): [condition] + [then, otherwise].compactMap(\.self)
            case .dependentSchemas(let schemas): schemas.map(\.schema)
            default: []
            }
        }
    }

    enum ValueType: String, Sendable {
        case null
        case boolean
        case integer
        case number
        case string
        case array
        case object

        /// The narrowest type of `value`.
        init(of value: JSON) {
            switch value {
            case .null: self = .null
            case .bool: self = .boolean
            case .number(let number): self = number.isInteger ? .integer : .number
            case .string: self = .string
            case .array: self = .array
            case .object: self = .object
            }
        }
    }
}
