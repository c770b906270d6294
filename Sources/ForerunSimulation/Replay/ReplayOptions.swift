package import ForerunCore

/// What is replayed, and how.
package struct ReplayOptions: Sendable {
    /// Files and directories with recorded runs.
    package var paths: [String]
    /// Only the runs of this agent or domain; `nil`: all.
    package var domain: String?
    /// At most so many runs of each domain.
    package var limit: Int?
    /// Files and directories with runs to learn from first.
    package var training: [String] = []
    package var sources = ReplaySource.standard
    package var mode = SpeculationPolicy.Mode.full
    package var actorLatency = ReplayLaw.recorded
    package var toolLatency = ReplayLaw.recorded
    package var seed: UInt64 = 1
    /// The directory of the databases of records; `nil`: calls return what was recorded.
    package var records: String?
    /// Calls of unknown effect change their branch only.
    package var assumesContained = false
    /// Whether text beside calls stays in the transcript.
    package var commentary = Commentary.keep

    package init(paths: [String]) { self.paths = paths }
}

/// How far a replay is.
package struct ReplayProgress: Sendable, Hashable, CustomStringConvertible {
    package enum Phase: String, Sendable {
        case reading, learning, replaying
    }

    package var phase: Phase
    package var done: Int
    /// `nil`: not known.
    package var all: Int?

    package var description: String { "\(phase.rawValue): \(done)\(all.map { " of \($0)" } ?? "") runs" }
}
