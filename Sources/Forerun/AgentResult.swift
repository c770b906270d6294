public import ForerunCore
import ForerunRuntime

/// What a run came to.
public struct AgentResult: Sendable {
    /// The actor's last words.
    public let text: String
    public let transcript: Transcript
    /// Wall time.
    public let seconds: Double
    /// Seconds that running ahead took off, by the counterfactual of the same run in turn.
    public let savedSeconds: Double
    /// Turns of the actor.
    public let turns: Int
    /// Answers that had been asked ahead, and outputs of calls that had been made ahead.
    public let turnHits: Int
    public let callHits: Int
    public let usage: Usage

    init(_ report: RunReport) {
        text = report.finalText
        transcript = report.transcript
        seconds = report.seconds
        savedSeconds = report.savedSeconds
        turns = report.statistics.turns
        turnHits = report.statistics.turnHits
        callHits = report.statistics.callHits
        usage = report.ledger.usage
    }
}
