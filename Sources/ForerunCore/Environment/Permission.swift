/// What a user's policy says of a call.
package enum Permission: String, Sendable, CaseIterable, Comparable {
    case allow
    /// A person must agree first.
    case ask
    case deny

    /// The stricter one is the greater one.
    package static func < (left: Permission, right: Permission) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}
