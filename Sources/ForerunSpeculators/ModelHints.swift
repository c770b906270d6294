import ForerunCore
import Synchronization

/// What experience says of the next turn, for a model to weigh: the candidates of mined patterns, and the forms of commands
/// that are frequent in this workspace.
package final class ModelHints: Sendable {
    private static let callLimit = 3
    private static let commandLimit = 8
    private static let longestLine = 400

    private let patterns: PatternSpeculator?
    /// With the transcript that was learnt from last.
    private let templates: Mutex<(all: CommandTemplates, last: Transcript?)>

    package init(patterns: PatternSpeculator?, commands: CommandTemplates = CommandTemplates()) {
        self.patterns = patterns
        templates = Mutex((commands, nil))
    }

    package var commands: CommandTemplates { templates.withLock { $0.all } }

    /// Lines for the end of a prompt; none where there is nothing to say.
    func lines(_ context: SpeculationContext) -> [String] {
        var lines: [String] = []
        for guess in patterns?.prediction(context).guesses.prefix(Self.callLimit) ?? [] {
            let calls = guess.calls.map { "\($0.name) \($0.arguments.canonicalText)" }.joined(separator: ", then ")
            if calls.utf8.count <= Self.longestLine { lines.append("likely: \(calls)") }
        }
        let takesCommands = context.request.role.tools.contains { tool in
            tool.parameters["properties"]?["command"] != nil || tool.parameters["properties"]?["cmd"] != nil
        }
        guard takesCommands else { return lines }
        let frequent = commands.frequent(Self.commandLimit)
        return lines + frequent.map { "frequent command here: \($0)" }
    }

    /// Several speculators may tell of the same turn: it counts once.
    func observe(_ turn: Turn, after transcript: Transcript) {
        templates.withLock { templates in
            guard templates.last != transcript else { return }
            templates.last = transcript
            templates.all.learn(turn)
        }
    }
}
