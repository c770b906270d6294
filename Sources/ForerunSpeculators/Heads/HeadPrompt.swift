import ForerunCore
import OrderedCollections

/// The text that models with parallel heads go on from: ChatML, everything that stays the same first.
///
/// Each head is asked with the same text and its own opening tag (SimpleTool, arXiv 2603.00030; the second form of its prompt,
/// in which the system's words are the caller's).
struct HeadPrompt: Sendable {
    /// Arguments that a call can have: more heads were not trained.
    static let mostArguments = 6
    /// Earlier calls that the model is shown.
    private static let history = 6
    private static let longestOutput = 600

    /// System and tools: the same bytes for the same role.
    let fixed: String
    /// Tools whose calls can be guessed: those with no more arguments than there are heads.
    let tools: [HeadTool]

    init(_ role: ModelRequest.Role) {
        tools = role.tools.compactMap(HeadTool.init)
        var text =
            "<|im_start|>system\nYou are a real-time function calling assistant: you name the function that an agent "
        text += "calls next, and its arguments.\n\n## Available Tools:\n"
        for tool in tools {
            let function: JSON = [
                "name": .string(tool.name), "description": .string(tool.description), "parameters": tool.parameters,
            ]
            text += (["type": "function", "function": function] as JSON).text + "\n"
        }
        fixed = text + "<|im_end|>\n"
    }

    /// Heads that are asked: the name, and as many arguments as any tool has.
    var heads: [Head] {
        [.function] + (0..<(tools.map(\.arguments.count).max() ?? 0)).map { .argument($0) }
    }

    /// The prompts of all heads, in the order of ``heads``: equal up to their last tag.
    func prompts(_ transcript: Transcript) -> [String] {
        let prefix = fixed + Self.question(transcript)
        return heads.map { prefix + $0.opening }
    }

    /// What changes from one question to the next.
    private static func question(_ transcript: Transcript) -> String {
        var query = ""
        var calls: [String] = []
        var latest: String?
        for entry in transcript.entries {
            switch entry {
            case .message(let text): query = text
            case .turn(let turn): calls += turn.calls.map(rendered)
            case .output(_, let output): latest = output.text
            }
        }
        var text = "<|im_start|>user\n"
        if let latest { text += "environment: \(JSON.array([.string(String(latest.prefix(longestOutput)))]).text)\n" }
        text += "history: [\(calls.suffix(history).joined(separator: ", "))]\n\n"
        return text + query + "<|im_end|>\n<|im_start|>assistant\n"
    }

    /// `name(key="value", count=3)`.
    private static func rendered(_ call: Call) -> String {
        let arguments = call.arguments.objectValue?.map { "\($0.key)=\($0.value.text)" } ?? []
        return "\(call.name)(\(arguments.joined(separator: ", ")))"
    }
}

/// One of the short texts that are decoded in parallel.
enum Head: Sendable, Hashable {
    case function
    /// The argument of that number, from 0.
    case argument(Int)

    private var name: String {
        switch self {
        case .function: "function"
        case .argument(let number): "arg\(number + 1)"
        }
    }

    var opening: String { "<\(name)>" }
    var closing: String { "</\(name)>" }

    static let null = "<|null|>"
    static let end = "<|im_end|>"

    /// What ends the text of this head, few enough for servers that take four.
    var stops: [String] { [closing, Self.null, Self.end] }
}

/// A tool as heads see it: its arguments by place.
struct HeadTool: Sendable {
    let name: String
    let description: String
    let parameters: JSON
    /// In the order in which the schema lists them, which is not that of the alphabet.
    let arguments: [(name: String, schema: JSON)]
    private let schema: JSONSchema?

    /// `nil`: it has more arguments than there are heads.
    init?(_ tool: Tool) {
        let properties = tool.parameters["properties"]?.objectValue ?? [:]
        guard properties.count <= HeadPrompt.mostArguments else { return nil }
        name = tool.name
        description = tool.description
        parameters = tool.parameters
        arguments = properties.map { ($0.key, $0.value) }
        schema = try? JSONSchema(tool.parameters)
    }

    /// The call that these texts make; `nil`: an argument is missing, or not of its type.
    ///
    /// - Parameter texts: by place; empty where the argument is left out.
    func call(_ texts: [String]) -> Call? {
        var members: [(String, JSON)] = []
        for (argument, text) in zip(arguments, texts) where !text.isEmpty {
            guard let value = Self.value(text, argument.schema) else { return nil }
            members.append((argument.name, value))
        }
        let call = Call(name, JSON(members: members))
        guard let schema else { return call }
        return schema.validate(call.arguments).isEmpty ? call : nil
    }

    /// A text as the type that the schema asks for; without a type, what it looks like.
    private static func value(_ text: String, _ schema: JSON) -> JSON? {
        let parsed = try? JSON(parsing: text)
        switch schema["type"]?.stringValue {
        case "string":
            // Some write the quotes as well.
            if let quoted = parsed?.stringValue { return .string(quoted) }
            return .string(text)
        case nil: return parsed ?? .string(text)
        default: return parsed
        }
    }
}
