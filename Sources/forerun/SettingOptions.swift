import ArgumentParser
import ForerunRuntime
import FoundationEssentials

/// Flags that set configuration.
struct SettingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How far to speculate: off, observe (guess and score), tools, full.", valueName: "mode"))
    var mode: String?

    @Option(help: ArgumentHelp("What time is worth against cost: thrifty, balanced, fastest.", valueName: "speed"))
    var speed: String?

    @Option(
        help: ArgumentHelp(
            "The model that decides, in all roles; \"[a/b, c/d]\": d takes over where b fails.",
            valueName: "endpoint/model"))
    var actor: String?

    @Option(help: ArgumentHelp("The small model that guesses.", valueName: "endpoint/model"))
    var speculator: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Set any key of the configuration. Repeatable.", valueName: "key=value"))
    var assignments: [String] = []

    @Option(help: ArgumentHelp("Turns of the actor at most.", valueName: "n"))
    var maxSteps: String?

    @Option(help: ArgumentHelp("Wall time at most.", valueName: "s"))
    var maxSeconds: String?

    @Option(help: ArgumentHelp("Input and output tokens at most, speculation not counted.", valueName: "n"))
    var maxTokens: String?

    @Option(help: ArgumentHelp("Money at most, where prices are known, speculation not counted.", valueName: "amount"))
    var maxMoney: String?

    @Option(help: ArgumentHelp("Colours: auto, always, never. NO_COLOR counts, too.", valueName: "when"))
    var color: String?

    func values() throws(Complaint) -> [ConfigurationAssignment] {
        let flags: [(flag: String, key: String, text: String?)] = [
            ("--mode", "speculation.mode", mode), ("--speed", "speculation.speed", speed), ("--actor", "actor", actor),
            ("--speculator", "speculation.model", speculator), ("--max-steps", "limits.steps", maxSteps),
            ("--max-seconds", "limits.seconds", maxSeconds), ("--max-tokens", "limits.tokens", maxTokens),
            ("--max-money", "limits.money", maxMoney), ("--color", "ui.color", color),
        ]
        var result: [ConfigurationAssignment] = []
        do throws(ConfigurationError) {
            for text in assignments { result.append(try ConfigurationAssignment(set: text)) }
            for (flag, key, text) in flags {
                if let text { result.append(try ConfigurationAssignment(flag: flag, key, text)) }
            }
        } catch {
            throw Complaint(error)
        }
        return result
    }
}

/// The directory that a command is about.
struct WorkspaceOption: ParsableArguments {
    @Option(
        name: [.customShort("w"), .customLong("workspace")],
        help: ArgumentHelp("The directory to work in. Default: the current one.", valueName: "directory"),
        completion: .directory)
    var path = "."

    /// Its absolute path, without links.
    func absolutePath() throws(Complaint) -> String {
        guard let path = FileAccess.canonical(path) else {
            throw Complaint(
                "there is no directory \(path)", remedy: "Make it, or name another one with --workspace",
                status: .configuration)
        }
        return path
    }
}

/// The environment variables of this process.
var processVariables: [String: String] { ProcessInfo.processInfo.environment }

extension CompletionKind {
    /// The names of the agents that a run here would find.
    static var agents: CompletionKind {
        .custom { _, _, _ in agentNames }
    }

    static var agentNames: [String] {
        guard let places = try? ConfigurationPlaces(environment: processVariables, workspace: ".") else { return [] }
        return ResourceLocator(places).agents().map(\.name)
    }
}
