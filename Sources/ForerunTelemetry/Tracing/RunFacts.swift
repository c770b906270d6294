package import ForerunCore

/// What is known of a run before its first event.
package struct RunFacts: Sendable {
    /// A model, as it is told about.
    package struct Model: Sendable, Hashable {
        /// The second half of its id.
        package var name: String
        /// By the conventions where it is a well-known provider; else the name of the endpoint.
        package var provider: String
        package var address: String?
        package var port: Int?
        package var streams: Bool

        package init(name: String, provider: String, address: String? = nil, port: Int? = nil, streams: Bool = true) {
            self.name = name
            self.provider = provider
            self.address = address
            self.port = port
            self.streams = streams
        }
    }

    package var id: String
    package var agent: String
    package var description: String?
    /// How far the run speculates.
    package var mode: String
    /// The run whose first turns this one begins with.
    package var forkOf: String?
    package var isResumed = false
    /// By id (`endpoint/model`).
    package var models: [String: Model] = [:]
    /// The id of the model that plays a role at the beginning, by name of the role.
    package var actors: [String: String] = [:]
    package var roles: [ModelRequest.Role] = []
    package var tools: [Tool] = []
    /// What the transcript holds as the run goes on.
    package var history: [Transcript.Entry] = []
    /// The id of a call in requests, of its turn and its place.
    package var callID: @Sendable (_ turn: Int, _ index: Int) -> String = { "\($0).\($1)" }

    package init(id: String, agent: String, mode: String) {
        self.id = id
        self.agent = agent
        self.mode = mode
    }

    /// What is known of a model; of others, what its id says.
    func model(_ id: String?) -> Model? {
        guard let id else { return nil }
        if let known = models[id] { return known }
        guard let slash = id.firstIndex(of: "/") else { return Model(name: id, provider: id) }
        return Model(name: String(id[id.index(after: slash)...]), provider: String(id[..<slash]))
    }
}

/// What a run came to.
package struct RunOutcome: Sendable {
    /// A bounded label: `finished`, `limit steps`.
    package var end: String
    /// One word for what failed, and the words for people; `nil`: nothing did.
    package var failure: (type: String, message: String)?
    package var turns: Int
    package var seconds: Double
    package var savedSeconds: Double
    package var wastedSeconds: Double
    package var usage: Usage
    package var wastedTokens: Int
    package var statistics: Statistics

    package init(
        end: String, failure: (type: String, message: String)? = nil, seconds: Double, savedSeconds: Double,
        ledger: Ledger, statistics: Statistics
    ) {
        self.end = end
        self.failure = failure
        turns = statistics.turns
        self.seconds = seconds
        self.savedSeconds = savedSeconds
        wastedSeconds = ledger.wastedSeconds
        usage = ledger.usage
        wastedTokens = ledger.wasted.tokens
        self.statistics = statistics
    }
}
