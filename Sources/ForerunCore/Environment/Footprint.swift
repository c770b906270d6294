/// What a call read or wrote, in resources that the environment names (paths, keys).
///
/// A resource that ends in `/` stands for everything below it.
public enum Footprint: Sendable, Hashable {
    case nothing
    case resources(Set<String>)
    /// Unknown, hence possibly everything.
    case everything

    /// Whether the two may have a resource in common.
    public func intersects(_ other: Footprint) -> Bool {
        switch (self, other) {
        case (.nothing, _), (_, .nothing): false
        case (.everything, _), (_, .everything): true
        case (.resources(let a), .resources(let b)):
            a.contains { left in b.contains { right in Self.overlap(left, right) } }
        }
    }

    private static func overlap(_ a: String, _ b: String) -> Bool {
        a == b || (a.hasSuffix("/") && (b.hasPrefix(a) || b + "/" == a))
            || (b.hasSuffix("/") && (a.hasPrefix(b) || a + "/" == b))
    }
}
