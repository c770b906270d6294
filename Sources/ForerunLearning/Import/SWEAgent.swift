import ForerunCore

/// Trajectories of SWE-agent (`.traj`): `{trajectory: [{thought, action, observation, …}], history, info, …}`.
///
/// An action is a line for its shell, whose commands are the tools; it is the tool `bash` here.
struct SWEAgent: TranscriptParser {
    static let format = "swe-agent"

    private var builder: RunBuilder
    private var task: [String] = []

    init(_ file: SourceFile) {
        builder = RunBuilder(Self.format, id: file.id, path: file.path)
        builder.heading.agent = Self.format
    }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        switch piece.member {
        case nil: return value["trajectory"]?.arrayValue?.first.map(isStep) == true ? .yes : .no
        case "trajectory": return isStep(value) ? .yes : .no
        default: return .no
        }
    }

    private static func isStep(_ value: JSON) -> Bool { value["action"] != nil && value["observation"] != nil }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        switch piece.member {
        case nil:
            for message in piece.value["history"]?.arrayValue ?? [] { history(message) }
            for step in piece.value["trajectory"]?.arrayValue ?? [] { add(step, piece.line, &sink) }
        case "history": history(piece.value)
        case "trajectory": add(piece.value, piece.line, &sink)
        default: break
        }
    }

    private mutating func add(_ step: JSON, _ line: Int, _ sink: inout ImportSink) {
        guard let action = step["action"]?.stringValue else {
            return sink.problem(.unknownShape, line: line, "a step without an action")
        }
        builder.turn(step["thought"]?.stringValue ?? step["response"]?.stringValue ?? "")
        let command = String(decoding: action.utf8.trimmed, as: UTF8.self)
        guard !command.isEmpty else { return }
        builder.call(Call("bash", ["command": .string(command)]), id: nil)
        guard let observation = step["observation"], !observation.isNull else { return }
        let text = MessageContent.output(observation)
        builder.output(
            Output(text, isError: OutputStatus.isError(text) ?? false), for: nil,
            seconds: step["execution_time"]?.doubleValue)
    }

    /// The task is what the user said before the model's first answer; demonstrations are no part of the run.
    private mutating func history(_ message: JSON) {
        guard message["role"]?.stringValue == "user", message["is_demo"]?.boolValue != true, task.isEmpty else {
            return
        }
        let text = MessageContent.text(message["content"])
        if !text.isEmpty { task = [text] }
    }

    mutating func finish(into sink: inout ImportSink) {
        // The history stands behind the steps.
        builder.heading.steps.insert(contentsOf: task.map { .message($0) }, at: 0)
        sink.emit(builder)
    }
}

extension String.UTF8View {
    /// Without white space at both ends.
    fileprivate var trimmed: Substring.UTF8View {
        var rest = self[...]
        while let first = rest.first, first <= 0x20 { rest.removeFirst() }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        return rest
    }
}
