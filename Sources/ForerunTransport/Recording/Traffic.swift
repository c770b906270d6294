/// Where a client's responses come from, and who else learns of them.
package enum Traffic: Sendable {
    /// From servers.
    case live
    /// From servers; every exchange is written to a file.
    case recorded(by: TrafficRecorder)
    /// From a file. Not a connection is made.
    case played(from: TrafficPlayback)
}

/// A recording that cannot be made or read.
package struct RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    package var remedy: String

    package init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(message). \(remedy)" }
}
