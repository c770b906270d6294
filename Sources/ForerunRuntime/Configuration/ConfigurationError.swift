/// Something is wrong with a configuration, an agent file, or what they refer to.
package struct ConfigurationError: Error, Sendable, Hashable {
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String
        private init(_ description: String) { self.description = description }

        package static let unreadable = Code("unreadable")
        package static let syntax = Code("syntax")
        package static let unknownKey = Code("unknown key")
        package static let wrongType = Code("wrong type")
        package static let outOfRange = Code("out of range")
        package static let unknownValue = Code("unknown value")
        package static let missing = Code("missing")
        package static let notFound = Code("not found")
        package static let notTrusted = Code("not trusted")
    }

    package var code: Code
    package var message: String
    /// Where it stands; `nil`: in no file, variable or flag.
    package var origin: ConfigurationOrigin?
    /// What the user can do about it, a sentence without its full stop.
    package var remedy: String?

    package init(_ code: Code, _ message: String, at origin: ConfigurationOrigin? = nil, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.origin = origin
        self.remedy = remedy
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// Place, message and remedy on one line.
    package var description: String {
        (origin.map { "\($0): " } ?? "") + message + (remedy.map { ". \($0)" } ?? "")
    }
}
