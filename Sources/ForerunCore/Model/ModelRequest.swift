/// What an actor is asked: the fixed part of its role, and the transcript so far.
public struct ModelRequest: Sendable {
    /// The fixed part, the same for all requests of a role.
    public final class Role: Sendable {
        public let name: String
        public let instructions: String
        public let tools: [Tool]
        public let options: SamplingOptions

        public init(
            name: String, instructions: String = "", tools: [Tool] = [], options: SamplingOptions = SamplingOptions()
        ) {
            self.name = name
            self.instructions = instructions
            self.tools = tools
            self.options = options
        }
    }

    /// How much of the transcript the role gets to see.
    public enum View: Sendable, Hashable {
        case whole
        /// The last entry only: two players who see the board, not each other's thoughts.
        case lastEntry
    }

    public let role: Role
    public let transcript: Transcript
    public let view: View

    public init(role: Role, transcript: Transcript, view: View = .whole) {
        self.role = role
        self.transcript = transcript
        self.view = view
    }

    /// The entries that the role sees, oldest first.
    public var entries: [Transcript.Entry] {
        switch view {
        case .whole: transcript.entries
        case .lastEntry: transcript.last.map { [$0] } ?? []
        }
    }
}

/// Equal requests are encoded to the same bytes: a role is fixed for a run, so its name stands for its contents.
extension ModelRequest: Hashable {
    public static func == (left: ModelRequest, right: ModelRequest) -> Bool {
        guard left.role.name == right.role.name, left.view == right.view else { return false }
        return switch left.view {
        case .whole: left.transcript == right.transcript
        case .lastEntry: left.transcript.last == right.transcript.last
        }
    }

    public func hash(into hasher: inout Hasher) {
        // Which role comes next depends on the transcript, nearly always.
        switch view {
        case .whole: hasher.combine(transcript)
        case .lastEntry: hasher.combine(transcript.last)
        }
    }
}

/// Sampling parameters; `nil` leaves the choice to the provider.
public struct SamplingOptions: Sendable, Hashable {
    public var temperature: Double?
    public var maxTokens: Int?
    /// Ask how probable each token was. Chat Completions and plain completions know that; others do as without.
    public var logprobs: Bool

    public init(temperature: Double? = nil, maxTokens: Int? = nil, logprobs: Bool = false) {
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.logprobs = logprobs
    }
}
