/// Values by name, in the order in which the names first appeared.
package struct Named<Value> {
    package private(set) var names: [String] = []
    private var values: [String: Value] = [:]

    package init() {}

    package subscript(name: String) -> Value? {
        get { values[name] }
        set {
            if values[name] == nil, newValue != nil {
                names.append(name)
            } else if newValue == nil {
                names.removeAll { $0 == name }
            }
            values[name] = newValue
        }
    }

    package var isEmpty: Bool { names.isEmpty }
}

extension Named: Sequence {
    package func makeIterator() -> some IteratorProtocol<(name: String, value: Value)> {
        names.lazy.compactMap { name in values[name].map { (name: name, value: $0) } }.makeIterator()
    }
}

extension Named: Sendable where Value: Sendable {}
extension Named: Equatable where Value: Equatable {}
extension Named: Hashable where Value: Hashable {}

extension Named: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) {
        for (name, value) in elements { self[name] = value }
    }
}
