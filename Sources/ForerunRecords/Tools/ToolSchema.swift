import ForerunCore

/// Schemas of arguments, as short as tool lists need them.
enum ToolSchema {
    static func text(_ description: String) -> JSON { ["type": "string", "description": .string(description)] }
    static func amount(_ description: String) -> JSON { ["type": "number", "description": .string(description)] }
    static func count(_ description: String) -> JSON { ["type": "integer", "description": .string(description)] }

    static func choice(_ values: String...) -> JSON {
        ["type": "string", "enum": .array(values.map { .string($0) })]
    }

    static func list(_ description: String, of element: JSON = ["type": "string"]) -> JSON {
        ["type": "array", "items": element, "description": .string(description)]
    }

    /// An object with all of these members.
    static func object(_ members: KeyValuePairs<String, JSON>) -> JSON {
        [
            "type": "object", "properties": JSON(members: members.map { ($0.key, $0.value) }),
            "required": .array(members.map { .string($0.key) }),
        ]
    }
}

extension Tool {
    /// How many calls on records may run at once: each takes microseconds.
    private static let recordConcurrency = 64

    init(
        _ name: String, _ effect: Effect, _ description: String, _ arguments: KeyValuePairs<String, JSON> = [:]
    ) {
        self.init(
            name: name, description: description, parameters: ToolSchema.object(arguments), effect: effect,
            concurrency: Self.recordConcurrency)
    }

    /// The tools that both domains have.
    static let common = [
        Tool(
            "calculate", .readOnly, "Calculates an expression of numbers, + - * / and parentheses.",
            ["expression": ToolSchema.text("The expression, such as '2 + 2'.")]),
        Tool(
            "think", .readOnly, "Notes a thought. It changes nothing and returns nothing.",
            ["thought": ToolSchema.text("The thought.")]),
        Tool(
            "transfer_to_human_agents", .external,
            "Hands the user over to a human agent: only if the user asks for one, or no tool can help.",
            ["summary": ToolSchema.text("What the user needs, in short.")]),
    ]
}

extension RecordTools {
    /// What the tools that both domains have return; `nil`: it is another tool.
    func commonOutput(of name: String, _ arguments: RecordArguments) throws(ToolStop) -> String? {
        switch name {
        case "calculate": try Arithmetic.result(of: arguments.string("expression"))
        case "think": ""
        case "transfer_to_human_agents": "Transfer successful"
        default: nil
        }
    }
}
