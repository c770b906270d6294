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
        if let command = SlashCommand(rawValue: word.lowercased()) {
            self = .command(command, rest)
        } else {
            let nearest = Suggestion.nearest(to: String(word), among: SlashCommand.allCases.map(\.rawValue))
            let meant = nearest.map { "Did you mean /\($0)?" } ?? "/help lists the commands."
            self = .unknown(String(word), remedy: "\(meant) To begin a message with a slash, double it: //\(word)")
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
