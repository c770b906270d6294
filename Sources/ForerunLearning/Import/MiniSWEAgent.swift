import ForerunCore

/// Trajectories of mini-swe-agent: `{info, messages, trajectory_format}`.
///
/// Older runs have the command as the one fenced block of the answer's text and the result as the user's next message;
/// newer ones call a function. Either way it is the tool `bash` here.
struct MiniSWEAgent: TranscriptParser {
    static let format = "mini-swe-agent"
    private static let fences = ["```mswea_bash_command", "```bash"]

    private var messages: ChatMessages
    private var waits = false

    init(_ file: SourceFile) {
        messages = ChatMessages(Self.format, id: file.id, path: file.path)
        messages.heading.agent = Self.format
        messages.heading.tools = [
            Tool(
                name: "bash", description: "Execute a bash command",
                parameters: [
                    "type": "object", "properties": ["command": ["type": "string"]], "required": ["command"],
                ])
        ]
    }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        switch piece.member {
        case nil:
            let isRun = value["trajectory_format"]?.stringValue?.hasPrefix(format) == true
            return isRun || (value["info"]?["mini_version"] != nil && value["messages"] != nil) ? .yes : .no
        case "trajectory_format": return value.stringValue?.hasPrefix(format) == true ? .yes : .no
        case "info":
            if value["mini_version"] != nil { return .yes }
            return value["model_stats"] != nil && value["exit_status"] != nil ? .perhaps : .no
        case "messages":
            let extra = value["extra"]
            return extra?["actions"] != nil || extra?["returncode"] != nil ? .perhaps : .no
        default: return .no
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch piece.member {
        case nil:
            head(value)
            for message in value["messages"]?.arrayValue ?? [] { add(message, piece.line, &sink) }
        case "info": head(["info": value])
        case "instance_id": head([piece.member ?? "": value])
        case "messages": add(value, piece.line, &sink)
        default: break
        }
    }

    private mutating func head(_ value: JSON) {
        let config = value["info"]?["config"]
        messages.heading.model = config?["model"]?["model_name"]?.stringValue ?? messages.heading.model
        messages.heading.workingDirectory =
            config?["environment"]?["cwd"]?.stringValue ?? messages.heading.workingDirectory
        if let instance = value["instance_id"]?.stringValue { messages.heading.group = instance }
    }

    private mutating func add(_ message: JSON, _ line: Int, _ sink: inout ImportSink) {
        let role = message["role"]?.stringValue
        let time = Timestamp.seconds(message["extra"]?["timestamp"]) ?? Timestamp.seconds(message["timestamp"])
        if role == "user", waits {
            waits = false
            let text = MessageContent.text(message["content"])
            return messages.result(Output(text, isError: OutputStatus.isError(text) ?? false), at: time)
        }
        waits = false
        let hasCalls = message["tool_calls"]?.arrayValue?.isEmpty == false
        let actions = message["extra"]?["actions"]?.arrayValue ?? []
        // OpenAI's responses are kept as they came, without a role.
        guard role == "assistant" || (role == nil && !actions.isEmpty), !hasCalls else {
            return messages.add(message, line: line, to: &sink)
        }
        let text = MessageContent.text(message["content"])
        messages.add(
            ["role": "assistant", "content": .string(text), "extra": message["extra"] ?? [:]], line: line, to: &sink)
        if !actions.isEmpty {
            for action in actions {
                let id = action["tool_call_id"]?.stringValue
                messages.add(Call("bash", ["command": action["command"] ?? ""]), id: id, at: time)
                waits = waits || id == nil
            }
        } else if let command = Self.command(in: text) {
            messages.add(Call("bash", ["command": .string(command)]), id: nil, at: time)
            waits = true
        }
    }

    /// What the one fenced block says; `nil` where there is none, or more than one: the agent then asks again.
    static func command(in text: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var found: String?
        var begin: Int?
        for (number, line) in lines.enumerated() {
            if let first = begin {
                guard line.hasPrefix("```") else { continue }
                guard found == nil else { return nil }
                found = lines[first..<number].joined(separator: "\n")
                begin = nil
            } else if fences.contains(where: { line.hasPrefix($0) }) {
                begin = number + 1
            }
        }
        return found
    }

    mutating func finish(into sink: inout ImportSink) { messages.finish(into: &sink) }
}
