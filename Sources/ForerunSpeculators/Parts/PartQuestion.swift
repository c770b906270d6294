import ForerunCore

/// A part of the next call, as a model is asked for it: the last message of a request, all else being equal.
enum PartQuestion: Sendable, Hashable {
    case tool
    case argument(String, of: String)

    var text: String {
        switch self {
        case .tool: "Which tool does the agent call next? Answer with its name, or with none."
        case .argument(let argument, let tool):
            """
            The agent calls \(tool) next. What is its argument \(argument)? Answer with the value as JSON, or with null \
            where it is left out.
            """
        }
    }

    /// What the answer says; `nil`: it is none, as where the model was cut off.
    ///
    /// - Returns: the name of a tool, empty for none; the text of a value, empty where it is left out.
    func reading(_ answer: Turn) -> String? {
        guard answer.calls.isEmpty, answer.finish == .stop else { return nil }
        let text = Self.bare(answer.text)
        switch self {
        case .tool:
            let name = text.filter { !"\"'`.".contains($0) }
            return name.lowercased() == "none" ? "" : name
        case .argument: return text == "null" ? "" : text.isEmpty ? nil : text
        }
    }

    /// Without the space and the fence that models put around what they were asked for.
    private static func bare(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        if lines.count > 2, lines.first?.hasPrefix("```") == true, lines.last == "```" {
            lines = lines.dropFirst().dropLast()
        }
        var bare = lines.joined(separator: "\n")[...]
        while bare.first?.isWhitespace == true { bare.removeFirst() }
        while bare.last?.isWhitespace == true { bare.removeLast() }
        return String(bare)
    }
}
