import ForerunCore
import OrderedCollections

/// Stable names of JSON values. Equal values have equal names: the order of members does not count.
enum ValueHash {
    static func of(_ value: JSON) -> FeatureHash {
        switch value {
        case .null: 11
        case .bool(let flag): flag ? 13 : 12
        case .number(let number): Naming.combine(2, Naming.name(number.literal))
        case .string(let text): string(Naming.name(text))
        case .array(let elements): array(elements.lazy.map(of))
        case .object(let members):
            object(members.reduce(0) { $0 &+ member($1.key, $1.value) })
        }
    }

    /// The part of a member in the name of its object.
    @inline(__always)
    static func member(_ name: String, _ value: JSON) -> FeatureHash { Naming.combine(Naming.name(name), of(value)) }

    /// The name of an object, from the sum of those of its members.
    @inline(__always)
    static func object(_ sum: FeatureHash) -> FeatureHash { Naming.combine(5, sum) }

    /// The name of a string, from that of its bytes.
    @inline(__always)
    static func string(_ bytes: FeatureHash) -> FeatureHash { Naming.combine(3, bytes) }

    /// The name of an array, from those of its elements.
    static func array(_ elements: some Sequence<FeatureHash>) -> FeatureHash {
        elements.reduce(Naming.combine(4, 0)) { Naming.combine($0, $1) }
    }

    /// Roughly how many bytes `value` is as compact text; counting stops beyond `limit`.
    static func size(of value: JSON, limit: Int) -> Int {
        switch value {
        case .null, .bool: return 4
        case .number(let number): return number.literal.utf8.count
        case .string(let text): return text.utf8.count + 2
        case .array(let elements):
            var size = 2
            for element in elements where size <= limit { size += Self.size(of: element, limit: limit - size) + 1 }
            return size
        case .object(let members):
            var size = 2
            for (key, value) in members where size <= limit {
                size += key.utf8.count + 4 + Self.size(of: value, limit: limit - size)
            }
            return size
        }
    }
}
