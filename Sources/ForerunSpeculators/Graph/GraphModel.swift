import ForerunCore

/// A graph of tools, their arguments, and the sources that arguments are taken from, with weights that are learnt.
///
/// Contexts (the last one or two events) lead to the tools that came after them; sources lead to the arguments that had
/// their values; arguments lead to their tools. Entities, the values that a run has shown, hang on their sources and live as
/// long as the run. Where nothing was learnt of a source and an argument, their names and types are compared.
package struct GraphModel: Sendable, Hashable {
    /// From a source to an argument.
    struct Link: Sendable, Hashable {
        /// How often the source had the value, and at how many calls it had any, from its first hit on.
        var hits = 0.0
        var there = 0.0
        /// Which of its values it was: by kind of place, how often one was taken and how often one was offered.
        var taken = [Double](repeating: 0, count: kinds)
        var offered = [Double](repeating: 0, count: kinds)

        static let kinds = 8
    }

    struct Argument: Sendable, Hashable {
        /// Calls that had it.
        var count = 0.0
        var links: [String: Link] = [:]
        /// Values that come again and again.
        var constants: [JSON: Constant] = [:]
    }

    struct Constant: Sendable, Hashable {
        var count = 0
        var runs = 0
        var lastRun = -1
        /// It came again and again, and looks harmless: it may be offered, and kept, beyond its run.
        var isKept = false
    }

    /// The successor that stands for no call.
    static let none = ""
    static let contextLimit = 5_000
    /// Far more than an agent has; what a confused model makes up shall not fill the memory.
    static let toolLimit = 1_024
    static let argumentLimit = 8_192
    static let linkLimit = 64
    static let constantLimit = 64
    static let constantBytes = 60
    /// What an observation takes from the older ones of its context: half is gone after some 140.
    static let memory = 0.995

    /// By context: how often each tool came next; faded.
    var contexts: [String: [String: Double]] = [:]
    /// By the name that ``argument(_:of:)`` makes.
    var arguments: [String: Argument] = [:]
    /// By tool, how often it was called.
    var calls: [String: Double] = [:]
    /// Runs that were begun.
    package internal(set) var runs = 0

    package init() {}

    /// How an argument of a tool is named in the graph.
    static func argument(_ name: String, of tool: String) -> String { "\(tool) .\(name)" }

    /// The contexts that hold after these events, from the most general on.
    static func contexts(after events: [String]) -> [String] {
        (0...2).filter { $0 <= events.count }.map { events.suffix($0).joined(separator: "\u{1F}") }
    }

    /// Which kind of value a sighting is: by its place among those that came with it, its age, and whether the argument has
    /// had it already.
    static func kind(_ sighting: GraphRun.Sighting, of all: [GraphRun.Sighting], isUsed: Bool) -> Int {
        let isLatest = sighting.event == all.last?.event
        return (isUsed ? 4 : 0) + (isLatest ? 0 : 2) + (sighting.place == 0 ? 0 : 1)
    }
}
