import ForerunCore

/// A key, or an address that may hold one. It can be sent and compared, never printed.
package struct Secret: Sendable, Hashable {
    /// The key itself. To be used where the request is made, and nowhere else.
    let exposed: String

    package init(_ value: String) { exposed = value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension ModelFailure {
    /// The failure without `key`, which servers are seen to repeat in their messages.
    func withholding(_ key: Secret?) -> ModelFailure {
        guard let key else { return self }
        var failure = self
        failure.message = message.replacing(key.exposed, with: key.description)
        failure.requestID = requestID?.replacing(key.exposed, with: key.description)
        return failure
    }
}
