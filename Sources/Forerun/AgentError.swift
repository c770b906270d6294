import ForerunCore
import ForerunRuntime

/// Why an agent did not finish its task.
public struct AgentError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }

        public static let configuration = Code("configuration")
        public static let authentication = Code("authentication")
        public static let endpoint = Code("endpoint")
        public static let environment = Code("environment")
        public static let limit = Code("limit reached")
        public static let interrupted = Code("interrupted")
    }

    public let code: Code
    /// Cause and remedy.
    public let message: String
    public var description: String { "\(code): \(message)" }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// `nil` where the run finished.
    init?(_ end: RunEnd) {
        switch end {
        case .finished: return nil
        case .limit(let kind): self.init(.limit, "the run used all of its \(kind.rawValue)")
        case .endpointFailed(let failure):
            self.init(failure.kind == .authentication ? .authentication : .endpoint, failure.description)
        case .environmentFailed(let failure): self.init(.environment, failure.description)
        case .interrupted: self.init(.interrupted, "the run was ended")
        }
    }
}
