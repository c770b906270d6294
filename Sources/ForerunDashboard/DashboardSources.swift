package import ForerunCore
package import ForerunStore

/// What a dashboard shows that is not in the logs, and what it can do: given by whoever starts it.
package struct DashboardSources: Sendable {
    /// A reason, in words, why something could not be done.
    package struct Refusal: Error, Sendable, Hashable {
        package var message: String
        package var remedy: String

        package init(_ message: String, remedy: String) {
            self.message = message
            self.remedy = remedy
        }
    }

    /// What can be asked of a run that goes on.
    package enum Wish: Sendable, Hashable {
        case cancel
        case speculation(isOn: Bool)
    }

    /// What was learnt: an array of `agent`, `runs`, `calls`, `bytes`, `patterns` (lines of text).
    package var patterns: @Sendable () throws(Refusal) -> JSON
    /// Tells a run that goes on.
    package var tell: @Sendable (RunName, Wish) throws(Refusal) -> Void

    package init(
        patterns: @escaping @Sendable () throws(Refusal) -> JSON = { () throws(Refusal) in [] },
        tell: @escaping @Sendable (RunName, Wish) throws(Refusal) -> Void = { _, _ throws(Refusal) in
            throw Refusal("this dashboard only shows", remedy: "Start it with forerun serve --control")
        }
    ) {
        self.patterns = patterns
        self.tell = tell
    }
}
