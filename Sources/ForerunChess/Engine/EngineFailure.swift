/// A chess engine could not do its part.
public struct EngineFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }

        /// There is no such program, or it may not be run.
        public static let missing = Kind("engine missing")
        /// No process, thread or descriptor is to be had.
        public static let noResources = Kind("engine could not be started")
        /// The program runs, but does not speak UCI.
        public static let protocolViolation = Kind("not a UCI engine")
        /// The position cannot arise in a game, so engines do as they like with it.
        public static let impossiblePosition = Kind("impossible position")
        /// The process ended, or was ended since it did not answer.
        public static let died = Kind("engine died")
        /// It is at work for somebody else.
        public static let busy = Kind("engine busy")
        /// Its owner has shut it down.
        public static let closed = Kind("engine shut down")
        public static let cancelled = Kind("cancelled")
    }

    public var kind: Kind
    public var message: String
    /// What the user can do about it.
    public var remedy: String?

    public init(_ kind: Kind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    public var description: String {
        "\(kind)" + (message.isEmpty ? "" : ": \(message)") + (remedy.map { ". \($0)" } ?? "")
    }
}
