/// What a person enters in a conversation: words for the agent, or a command for us.
///
/// A line that begins with a slash is a command; two slashes are one slash of a message.
package enum ChatInput: Sendable, Hashable {
    case message(String)
    case command(SlashCommand, String)
    /// No command is called so. - Parameter remedy: which one was meant.
    case unknown(String, remedy: String)
    case nothing

    package init(_ line: String) {
        let text = line.trimmed
        guard !text.isEmpty else {
            self = .nothing
            return
        }
        guard text.hasPrefix("/") else {
            self = .message(text)
            return
        }
        guard !text.hasPrefix("//") else {
            self = .message(String(text.dropFirst()))
            return
        }
        let word = text.dropFirst().prefix { !$0.isWhitespace }
        let rest = String(text.dropFirst(1 + word.count)).trimmed
        // A path is no command.
        if let command = SlashCommand(rawValue: word.lowercased()) {
            self = .command(command, rest)
        } else {
            let nearest = Suggestion.nearest(to: String(word), among: SlashCommand.allCases.map(\.rawValue))
            let meant = nearest.map { "Did you mean /\($0)?" } ?? "/help lists the commands."
            self = .unknown(String(word), remedy: "\(meant) To begin a message with a slash, double it: //\(word)")
        }
    }
}

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

extension String {
    /// Without white space around it.
    fileprivate var trimmed: String {
        guard let start = firstIndex(where: { !$0.isWhitespace }), let end = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[start...end])
    }
}
