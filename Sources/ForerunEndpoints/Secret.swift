/// A key. It can be sent and compared, never printed.
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
