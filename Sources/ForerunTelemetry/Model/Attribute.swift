/// A value of an attribute.
package enum AttributeValue: Sendable, Hashable {
    case string(String)
    case bool(Bool)
    case int(Int)
    case double(Double)
    case strings([String])
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
}

/// Attributes of a span, an event, a metric point or a resource: each key once, in the order in which they came.
package struct Attributes: Sendable, Hashable {
    package private(set) var list: [(key: String, value: AttributeValue)] = []

    package init() {}

    /// The value of `key`. `nil` leaves out what is not known.
    package subscript(key: String) -> AttributeValue? {
        get { list.first { $0.key == key }?.value }
        set {
            if let index = list.firstIndex(where: { $0.key == key }) {
                if let newValue { list[index].value = newValue } else { list.remove(at: index) }
            } else if let newValue {
                list.append((key, newValue))
            }
        }
    }

    /// Adds all of `others`, over those that are there.
    package mutating func merge(_ others: Attributes) { for (key, value) in others.list { self[key] = value } }

    /// With texts of at most `limit` characters.
    package func cut(to limit: Int?) -> Attributes {
        guard let limit else { return self }
        var copy = self
        for index in copy.list.indices {
            switch copy.list[index].value {
            case .string(let text): copy.list[index].value = .string(String(text.prefix(limit)))
            case .strings(let texts): copy.list[index].value = .strings(texts.map { String($0.prefix(limit)) })
            case .bool, .int, .double: break
            }
        }
        return copy
    }

    /// Bytes, roughly.
    package var size: Int {
        list.reduce(0) { sum, item in
            switch item.value {
            case .string(let text): sum + item.key.utf8.count + text.utf8.count + 8
            case .strings(let texts): texts.reduce(sum + item.key.utf8.count + 8) { $0 + $1.utf8.count + 4 }
            case .bool, .int, .double: sum + item.key.utf8.count + 16
            }
        }
    }

    package static func == (left: Attributes, right: Attributes) -> Bool {
        left.list.elementsEqual(right.list) { $0.key == $1.key && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for (key, value) in list {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}

/// What is `nil` is left out.
extension Attributes: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, AttributeValue?)...) {
        for (key, value) in elements { self[key] = value }
    }
}
