/// Why nothing can be replayed.
package struct ReplayError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package let remedy: String
    /// What was asked for makes no sense, rather than something that went wrong.
    package let isUsage: Bool

    package init(_ message: String, remedy: String, isUsage: Bool = false) {
        self.message = message
        self.remedy = remedy
        self.isUsage = isUsage
    }

    package var description: String { "\(message). \(remedy)" }
}
