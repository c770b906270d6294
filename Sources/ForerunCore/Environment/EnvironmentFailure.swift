/// An environment could not do its part: a full disk, a missing engine, a conflict with somebody else's change.
public struct EnvironmentFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        package init(_ description: String) { self.description = description }

        /// What it needs is missing or refused: a directory, a program, a permission.
        public static let unavailable = Code("unavailable")
        /// No room left: disk, memory, processes.
        public static let noSpace = Code("no space")
        /// Somebody else changed what the commit would change.
        public static let conflict = Code("conflict")
        public static let failed = Code("failed")
    }

    public var code: Code
    public var message: String
    public var remedy: String?

    public init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    public var description: String { message + (remedy.map { ". \($0)" } ?? "") }
}

/// A call was not performed, or its end is unknown. (What a tool itself calls an error is an ``Output``.)
public struct CallFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        /// It certainly changed nothing outside of its own world, so it may be tried again.
        public let isRetryable: Bool

        package init(_ description: String, retryable: Bool) {
            self.description = description
            self.isRetryable = retryable
        }

        public static let notStarted = Kind("could not be started", retryable: true)
        public static let connection = Kind("connection failed", retryable: true)
        public static let timedOut = Kind("timed out", retryable: false)
        public static let unknownOutcome = Kind("outcome unknown", retryable: false)
        public static let cancelled = Kind("cancelled", retryable: false)
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { "\(kind): \(message)" }
}
