package import ForerunCore

extension Call {
    /// The call on one line: its name and what it is about, without controls that a terminal would obey.
    package func summary(limit: Int = 120) -> String {
        let text = malformed.map { "\(name) \($0)" } ?? "\(name) \(subject)"
        return DisplayText.line(text, limit: limit)
    }

    /// The path, command or pattern; else all arguments.
    private var subject: String {
        if let command = arguments["command"]?.stringValue { return command }
        let words = ["pattern", "path", "move", "query", "url"].compactMap { arguments[$0]?.stringValue }
        if !words.isEmpty { return words.joined(separator: " ") }
        return arguments == [:] ? "" : arguments.text
    }
}
