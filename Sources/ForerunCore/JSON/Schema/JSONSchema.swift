/// A JSON Schema (draft 2020-12), compiled once and used for many values.
///
/// Obeyed are all keywords of the core, applicator, unevaluated and validation vocabularies:
/// - `$id`, `$ref`, `$anchor`, `$defs`, `$dynamicRef`, `$dynamicAnchor`;
/// - `allOf`, `anyOf`, `oneOf`, `not`, `if`, `then`, `else`, `dependentSchemas`, `prefixItems`, `items`, `contains`,
///   `properties`, `patternProperties`, `additionalProperties`, `propertyNames`;
/// - `unevaluatedItems`, `unevaluatedProperties`;
/// - `type`, `enum`, `const`, `multipleOf`, `maximum`, `exclusiveMaximum`, `minimum`, `exclusiveMinimum`, `maxLength`,
///   `minLength`, `pattern`, `maxItems`, `minItems`, `uniqueItems`, `maxContains`, `minContains`, `maxProperties`,
///   `minProperties`, `required`, `dependentRequired`.
///
/// Read without effect on validity: `format`, `contentEncoding`, `contentMediaType`, `contentSchema`, `title`,
/// `description`, `default` (see ``fillingDefaults(in:)``), `deprecated`, `readOnly`, `writeOnly`, `examples`, `$comment`,
/// `$schema`, `$vocabulary` and every unknown keyword, those of older drafts among them (`definitions` can be referred to;
/// `dependencies`, `additionalItems` and `$recursiveRef` have no effect).
///
/// Refused: references that leave the document (nothing is ever fetched, the meta-schemas included), references that
/// lead back to themselves without going deeper into the value, patterns that Swift's `Regex` cannot compile, and
/// keywords whose value has the wrong form.
package struct JSONSchema: Sendable {
    /// One schema within the document.
    struct Node: Sendable {
        /// Where it stands in the document.
        let pointer: String
        /// Index of the innermost resource (a schema with its own `$id`, or the document) around it.
        let resource: Int
        var keywords: [Keyword] = []
        var defaultValue: JSON?
    }

    /// The first is the document itself.
    let nodes: [Node]
    /// The schemas with a `$dynamicAnchor`, by name, for each resource.
    let dynamicAnchors: [[String: Int]]
    /// Whether what was evaluated must be remembered.
    let tracksEvaluated: Bool

    /// Compiles a schema: an object or a boolean.
    package init(_ schema: JSON) throws(JSONSchemaError) {
        var compiler = JSONSchemaCompiler(schema)
        self = try compiler.compile()
    }

    init(nodes: [Node], dynamicAnchors: [[String: Int]]) {
        self.nodes = nodes
        self.dynamicAnchors = dynamicAnchors
        tracksEvaluated = nodes.contains { node in
            node.keywords.contains {
                switch $0 {
                case .unevaluatedItems, .unevaluatedProperties: true
                default: false
                }
            }
        }
    }

    /// What is wrong with `value`; empty where it is valid. At most ``JSONSchemaViolation/limit`` violations.
    package func validate(_ value: JSON) -> [JSONSchemaViolation] {
        var validation = JSONSchemaValidation(self)
        return validation.run(value)
    }
}

/// Why a document is no schema that can be used.
package struct JSONSchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// JSON Pointer to the place in the schema; empty for the whole.
    package let location: String
    package let message: String
    package var description: String { "schema\(location.isEmpty ? "" : " at \(location)"): \(message)" }
}

/// One way in which a value breaks its schema.
package struct JSONSchemaViolation: Sendable, Hashable, CustomStringConvertible {
    /// How many are reported at most: enough to correct a call by.
    package static let limit = 32

    /// JSON Pointer to the place in the value; empty for the whole.
    package let path: String
    package let keyword: String
    /// What was expected and what came instead, for whoever corrects the value.
    package let message: String
    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
