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
    /// The failure without `secrets`, which servers are seen to repeat in their messages.
    func withholding(_ secrets: [Secret]) -> ModelFailure {
        var failure = self
        for secret in secrets where !secret.exposed.isEmpty {
            failure.message = failure.message.replacing(secret.exposed, with: secret.description)
            failure.requestID = failure.requestID?.replacing(secret.exposed, with: secret.description)
        }
        return failure
    }
}
