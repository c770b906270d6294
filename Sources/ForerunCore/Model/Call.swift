/// A tool call: the name of a tool and its arguments.
public struct Call: Sendable, Hashable {
    public var name: String
    public var arguments: JSON

    /// What the model wrote where it was no JSON object; `arguments` is then empty and the call is never performed.
    public var malformed: String?

    public init(_ name: String, _ arguments: JSON = [:], malformed: String? = nil) {
        self.name = name
        self.arguments = arguments
        self.malformed = malformed
    }

    public static func == (left: Call, right: Call) -> Bool {
        guard left.name.isIdentical(to: right.name), left.arguments == right.arguments else { return false }
        return switch (left.malformed, right.malformed) {
        case (nil, nil): true
        case (let a?, let b?): a.isIdentical(to: b)
        default: false
        }
    }
}
