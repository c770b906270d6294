package import ForerunCore

/// Why a tool ended early.
package enum ToolStop: Error, Sendable, Hashable {
    /// The tool says no, for this reason: an output that the agent reads.
    case refused(String)
    /// The records could not be read.
    case failed(EnvironmentFailure)
}
