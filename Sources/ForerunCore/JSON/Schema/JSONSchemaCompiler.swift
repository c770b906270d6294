import OrderedCollections

/// Turns a document into nodes: first the schemas in it are found, then their keywords are read and references resolved.
struct JSONSchemaCompiler {
    /// A schema with a URI of its own.
    private struct Resource {
        let uri: URIReference
        let pointer: String
        var anchors: [String: Int] = [:]
        var dynamicAnchors: [String: Int] = [:]
    }

    private let document: JSON
    var nodes: [JSONSchema.Node] = []
    private var schemas: [JSON] = []
    /// Nodes by JSON Pointer in the document.
    private var locations: [String: Int] = [:]
    private var resources: [Resource] = []
    private var resourcesByURI: [String: Int] = [:]
    private var patterns: [String: JSONSchemaPattern] = [:]

    init(_ document: JSON) { self.document = document }

    mutating func compile() throws(JSONSchemaError) -> JSONSchema {
        resources.append(Resource(uri: URIReference(""), pointer: ""))
        resourcesByURI[""] = 0
        try find(document, at: "", resource: 0)
        // Resolving a reference may find more schemas.
        var index = 0
        while index < nodes.count {
            if case .object = schemas[index] { nodes[index].keywords = try keywords(of: schemas[index], node: index) }
            nodes[index].defaultValue = schemas[index]["default"]
            index += 1
        }
        try refuseCycles()
        return JSONSchema(nodes: nodes, dynamicAnchors: resources.map(\.dynamicAnchors))
    }
}

// MARK: - Finding schemas

extension JSONSchemaCompiler {
    private static let singles = [
        "additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames", "unevaluatedItems",
        "unevaluatedProperties", "contentSchema",
    ]
    private static let lists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let maps = ["$defs", "properties", "patternProperties", "dependentSchemas"]

    private mutating func find(_ schema: JSON, at pointer: String, resource: Int) throws(JSONSchemaError) {
        var resource = resource
        switch schema {
        case .bool: break
        case .object:
            if let id = schema["$id"] { resource = try add(id: id, at: pointer, in: resource) }
        default:
            let hint = pointer.hasSuffix("/items") ? "; for a tuple use prefixItems" : ""
            throw JSONSchemaError(location: pointer, message: "a schema must be an object or a boolean\(hint)")
        }
        let node = nodes.count
        locations[pointer] = node
        nodes.append(JSONSchema.Node(pointer: pointer, resource: resource))
        schemas.append(schema)
        guard case .object = schema else {
            if schema == false { nodes[node].keywords = [.never] }
            return
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let name = schema[keyword] else { continue }
            guard let name = name.stringValue,
                resources[resource].anchors.updateValue(node, forKey: name) ?? node == node
            else { throw JSONSchemaError(location: pointer, message: "\(keyword) must be a name used only once") }
            if keyword == "$dynamicAnchor" { resources[resource].dynamicAnchors[name] = node }
        }
        for keyword in Self.singles {
            guard let child = schema[keyword] else { continue }
            try find(child, at: "\(pointer)/\(keyword)", resource: resource)
        }
        for keyword in Self.lists {
            guard let children = schema[keyword] else { continue }
            guard let children = children.arrayValue, !children.isEmpty else {
                throw JSONSchemaError(location: pointer, message: "\(keyword) must be a list of at least one schema")
            }
            for (index, child) in children.enumerated() {
                try find(child, at: "\(pointer)/\(keyword)/\(index)", resource: resource)
            }
        }
        for keyword in Self.maps {
            guard let children = schema[keyword] else { continue }
            guard let children = children.objectValue else {
                throw JSONSchemaError(location: pointer, message: "\(keyword) must be an object of schemas")
            }
            for (name, child) in children {
                try find(child, at: JSONPointer.appending(name, to: "\(pointer)/\(keyword)"), resource: resource)
            }
        }
    }

    private mutating func add(id: JSON, at pointer: String, in resource: Int) throws(JSONSchemaError) -> Int {
        guard let text = id.stringValue else {
            throw JSONSchemaError(location: pointer, message: "$id must be a string")
        }
        let reference = URIReference(text)
        guard reference.fragment?.isEmpty ?? true else {
            throw JSONSchemaError(location: pointer, message: "$id must have no fragment; use $anchor")
        }
        let uri = reference.resolved(against: resources[resource].uri)
        guard resourcesByURI.updateValue(resources.count, forKey: uri.resource) == nil || uri.resource.isEmpty else {
            throw JSONSchemaError(location: pointer, message: "two schemas have the $id \(uri.resource)")
        }
        resources.append(Resource(uri: uri, pointer: pointer))
        return resources.count - 1
    }
}

// MARK: - References

extension JSONSchemaCompiler {
    /// The node to which a reference leads, and the name by which it was found, if it was an anchor.
    mutating func resolve(
        _ reference: JSON, keyword: String, from node: Int
    ) throws(JSONSchemaError) -> (node: Int, anchor: String?) {
        let location = nodes[node].pointer
        guard let text = reference.stringValue else {
            throw JSONSchemaError(location: location, message: "\(keyword) must be a string")
        }
        let uri = URIReference(text).resolved(against: resources[nodes[node].resource].uri)
        guard let index = resourcesByURI[uri.resource] else {
            throw JSONSchemaError(
                location: location,
                message: "\(keyword) \"\(text)\" leaves the document; put the schema into $defs, nothing is fetched")
        }
        guard let fragment = uri.decodedFragment else {
            throw JSONSchemaError(location: location, message: "\(keyword) \"\(text)\" has a malformed escape")
        }
        if fragment.isEmpty || fragment.hasPrefix("/") {
            let pointer = resources[index].pointer + fragment
            if let found = locations[pointer] { return (found, nil) }
            // A schema under an unknown keyword.
            if let schema = JSONPointer.value(at: pointer, in: document) {
                let found = nodes.count
                try find(schema, at: pointer, resource: enclosingResource(of: pointer))
                return (found, nil)
            }
        } else if let found = resources[index].anchors[fragment] {
            return (found, fragment)
        }
        throw JSONSchemaError(location: location, message: "\(keyword) \"\(text)\" leads nowhere")
    }

    func isDynamicAnchor(_ name: String, of node: Int) -> Bool {
        resources[nodes[node].resource].dynamicAnchors[name] == node
    }

    private func enclosingResource(of pointer: String) -> Int {
        var current = JSONPointer.parent(of: pointer)
        while let here = current {
            if let node = locations[here] { return nodes[node].resource }
            current = JSONPointer.parent(of: here)
        }
        return 0
    }

    /// The node of a schema that stands below another one.
    func child(_ step: String, of node: Int) -> Int? { locations["\(nodes[node].pointer)/\(step)"] }

    func child(_ keyword: String, _ name: String, of node: Int) -> Int? {
        locations[JSONPointer.appending(name, to: "\(nodes[node].pointer)/\(keyword)")]
    }

    mutating func pattern(_ text: String, at location: String) throws(JSONSchemaError) -> JSONSchemaPattern {
        if let known = patterns[text] { return known }
        guard let pattern = JSONSchemaPattern(text) else {
            throw JSONSchemaError(location: location, message: "\"\(text)\" is no regular expression that can be used")
        }
        patterns[text] = pattern
        return pattern
    }

    /// Refuses schemas that would be applied to one value without end. Iterative: documents may be long.
    private func refuseCycles() throws(JSONSchemaError) {
        enum Mark { case new, open, done }
        var marks = Array(repeating: Mark.new, count: nodes.count)
        for start in nodes.indices where marks[start] == .new {
            var stack = [start]
            while let node = stack.last {
                if marks[node] != .new {
                    marks[node] = .done
                    stack.removeLast()
                    continue
                }
                marks[node] = .open
                for keyword in nodes[node].keywords {
                    // Where a dynamic reference leads is only known later; validation guards against those.
                    if case .dynamicRef = keyword { continue }
                    for next in keyword.sameValueSchemas {
                        switch marks[next] {
                        case .new: stack.append(next)
                        case .open:
                            throw JSONSchemaError(
                                location: nodes[node].pointer,
                                message: "refers to itself without going deeper into the value")
                        case .done: break
                        }
                    }
                }
            }
        }
    }
}
