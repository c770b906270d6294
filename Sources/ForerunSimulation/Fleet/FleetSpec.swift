package import ForerunCore

/// Agents of one kind that share an actor's endpoint: what is simulated.
package struct FleetSpec: Sendable, Hashable {
    /// How many agents there are.
    package var agents = 1
    /// Turns of each agent, each of one read-only call.
    package var turns = 30
    /// Seconds between the starts of two agents, on average; 0: all start at once.
    package var spacing = 0.0
    package var actor = ReplayLaw.exponential(1)
    package var guess = ReplayLaw.exponential(0.1)
    package var tool = ReplayLaw.fixed(0)
    /// That the guess of each rank is the right one. Their number is K, together they are at most 1.
    package var accuracy: [Double] = [0.55]
    /// What the speculator states of its guesses beyond the true probability.
    package var misstatement = 0.0
    /// The ensemble learns what the guesses are worth, as in real runs. Else what is stated is taken as it is.
    package var learns = true
    package var policy = SpeculationPolicy(maxExtraCost: .unlimited)
    /// Requests that the endpoint takes at a time; `nil`: any number.
    package var actorSlots: Int?
    /// Requests that the endpoint answers in a minute, of all agents together; what comes on top is refused.
    package var requestsPerMinute: Int?
    /// Tokens of an answer.
    package var usage = Usage(input: 1000, output: 200)
    /// Pieces of text in which each answer streams before its call; 0: answers come whole.
    package var pieces = 0
    package var seed: UInt64 = 1

    package init() {}
}
