import OrderedCollections

extension JSONSchema {
    /// `value` with the `default` of every object property that it lacks, at every depth.
    ///
    /// For recognising equal calls only: a default is what a tool assumes, not what the model wrote. Defaults are taken
    /// from schemas that always hold (`properties`, items, `allOf`, `$ref`), never from alternatives and conditions. Within
    /// a default, a property is not filled into itself again.
    package func fillingDefaults(in value: JSON) -> JSON {
        var filling = DefaultFilling(schema: self)
        return filling.fill(value, 0)
    }
}

private struct DefaultFilling {
    let schema: JSONSchema
    /// Properties whose default is being completed.
    var open: Set<Int> = []
    var depth = 0

    init(schema: JSONSchema) { self.schema = schema }

    mutating func fill(_ value: JSON, _ node: Int) -> JSON {
        guard depth < JSONSchemaValidation.depthLimit else { return value }
        depth += 1
        defer { depth -= 1 }
        var value = value
        for keyword in schema.nodes[node].keywords {
            switch (keyword, value) {
            case (.ref(let target), _): value = fill(value, target)
            case (.allOf(let targets), _): for target in targets { value = fill(value, target) }
            case (.items(let prefix, let rest), .array(var items)):
                for index in items.indices {
                    guard let target = index < prefix.count ? prefix[index] : rest else { break }
                    items[index] = fill(items[index], target)
                }
                value = .array(items)
            case (.properties(let named, let patterns, let rest), .object(var members)):
                for (name, member) in members {
                    let matching = patterns.filter { $0.pattern.matches(name) }.map(\.schema)
                    let targets = [named[name]].compactMap(\.self) + matching
                    members[name] = (targets.isEmpty ? [rest].compactMap(\.self) : targets).reduce(member) {
                        fill($0, $1)
                    }
                }
                for name in named.keys.sorted() where members[name] == nil {
                    guard let target = named[name], !open.contains(target), let value = defaultValue(of: target) else {
                        continue
                    }
                    open.insert(target)
                    members[name] = fill(value, target)
                    open.remove(target)
                }
                value = .object(members)
            default: break
            }
        }
        return value
    }

    /// The default that a schema states itself or by reference.
    private func defaultValue(of node: Int) -> JSON? {
        var rest = [node]
        while let node = rest.popLast() {
            if let value = schema.nodes[node].defaultValue { return value }
            for keyword in schema.nodes[node].keywords.reversed() {
                switch keyword {
                case .ref(let target): rest.append(target)
                case .allOf(let targets): rest += targets.reversed()
                default: break
                }
            }
        }
        return nil
    }
}
