/// What a person can ask of a conversation beside talking to the agent.
package enum SlashCommand: String, Sendable, CaseIterable {
    case help, undo, diff, cost, queue, now, stop, quit

    /// As it is entered, and what it does.
    package var help: (usage: String, text: String) {
        switch self {
        case .help: ("/help", "lists the commands and the keys")
        case .undo:
            ("/undo", "takes back your last message, what the agent said to it, and what it changed in the workspace")
        case .diff: ("/diff [last]", "shows what changed in the workspace, or what changed since your last message")
        case .cost: ("/cost", "shows what the conversation took: tokens and money, speculation apart")
        case .queue: ("/queue [drop]", "lists the messages that wait for the agent's last word, or drops them")
        case .now:
            ("/now [message]", "sends the message, or the first that waits, without waiting for the agent's last word")
        case .stop: ("/stop", "stops what the agent does, and waits for your next message")
        case .quit: ("/quit", "stops what the agent does, and ends the conversation")
        }
    }

    /// All of them, a line each.
    package static var table: [String] {
        let width = allCases.map(\.help.usage.count).max() ?? 0
        return allCases.map { command in
            let (usage, text) = command.help
            return usage + String(repeating: " ", count: width - usage.count) + "  " + text
        }
    }
}
