public import OrderedCollections

extension JSON {
    /// The member `key` of an object; `nil` where there is none or this is no object.
    public subscript(key: String) -> JSON? { objectValue?[key] }

    public var isNull: Bool { self == .null }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number, where it is a whole one that fits.
    public var intValue: Int? {
        if case .number(let value) = self { value.intValue } else { nil }
    }

    public var doubleValue: Double? {
        if case .number(let value) = self { value.doubleValue } else { nil }
    }

    public var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var objectValue: OrderedDictionary<String, JSON>? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSON {
    /// An object of these members, in this order. A member that comes twice keeps its last value.
    public init(members: some Sequence<(String, JSON)>) {
        self = .object(OrderedDictionary(members, uniquingKeysWith: { $1 }))
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// A member written twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(members: elements)
    }
}
