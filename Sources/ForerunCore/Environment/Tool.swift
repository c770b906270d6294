/// What a tool is called, what it takes, and what it may touch.
public struct Tool: Sendable, Hashable {
    public var name: String
    /// For the model: what the tool does, when to use it, what comes back.
    public var description: String
    /// The JSON Schema (2020-12) of the arguments, an object.
    public var parameters: JSON
    public var effect: Effect
    /// Where its reads come from.
    public var reads: ReadScope
    /// How many calls may run at once without slowing each other. Unknown counts as 1: then nothing runs ahead.
    public var concurrency: Int?

    public init(
        name: String, description: String, parameters: JSON = ["type": "object"], effect: Effect = .external,
        reads: ReadScope = .world, concurrency: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.effect = effect
        self.reads = reads
        self.concurrency = concurrency
    }
}

/// What a tool may touch.
public enum Effect: String, Sendable, Hashable, CaseIterable {
    /// Changes nothing.
    case readOnly
    /// Its changes stay in the branch.
    case contained
    /// Its changes leave the branch: never ahead of the actor.
    case external
}

/// Where the reads of a tool come from.
public enum ReadScope: Sendable, Hashable {
    /// Only from the branch.
    case world
    /// Also from outside, where others may change things. Seconds until such a read is too old; `nil`: no limit.
    case outside(timeToLive: Double?)
}
