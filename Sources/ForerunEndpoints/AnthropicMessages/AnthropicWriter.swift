import ForerunCore

/// Writes requests of Anthropic Messages.
///
/// Marks for the prompt cache stand at the end of the fixed part (tools and instructions) and on the last block of the two
/// latest messages of the user: where the request before this one ended, and where the next one will go on.
struct AnthropicWriter: RequestWriter {
    let id: String
    let model: String
    let configuration: EndpointConfiguration
    /// The provider takes calls and outputs only beside tools; a speculator sees them without.
    var writesCallsAsText = false

    private static let mark = Array(#","cache_control":{"type":"ephemeral"}}"#.utf8)

    // MARK: - The fixed part

    func head(of role: ModelRequest.Role) -> [UInt8] {
        let instructions = role.instructions.isBlank ? "" : role.instructions
        var bytes = Array(#"{"model":"#.utf8)
        JSON.write(model, to: &bytes)
        bytes += #","max_tokens":\#(role.options.maxTokens ?? standardLimit),"stream":true"#.utf8
        // A model that thinks takes no temperature.
        if let temperature = role.options.temperature, configuration.sendsTemperature, !configuration.reasoning.isAsked
        {
            bytes += #","temperature":\#(JSONNumber(temperature).literal)"#.utf8
        }
        if let budget = configuration.reasoning.budget {
            bytes += #","thinking":{"type":"enabled","budget_tokens":\#(budget)}"#.utf8
        } else if let effort = configuration.reasoning.effort {
            bytes += #","thinking":{"type":"adaptive"},"output_config":{"effort":"#.utf8
            JSON.write(effort, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        for (index, tool) in role.tools.enumerated() {
            bytes += (index == 0 ? #","tools":[{"name":"# : #",{"name":"#).utf8
            JSON.write(tool.name, to: &bytes)
            bytes += #","description":"#.utf8
            JSON.write(tool.description, to: &bytes)
            bytes += #","input_schema":"#.utf8
            tool.parameters.write(to: &bytes, sorted: true)
            bytes.append(UInt8(ascii: "}"))
        }
        if !role.tools.isEmpty {
            if instructions.isEmpty { Self.markLast(&bytes) }
            bytes.append(UInt8(ascii: "]"))
            if !configuration.parallelCalls {
                bytes += #","tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#.utf8
            }
        }
        if !instructions.isEmpty {
            bytes += #","system":[{"type":"text","text":"#.utf8
            JSON.write(instructions, to: &bytes)
            bytes += Self.mark
            bytes.append(UInt8(ascii: "]"))
        }
        bytes += #","messages":["#.utf8
        return bytes
    }

    /// The protocol wants a limit. What the models of these names are known to allow, and with thinking always more than
    /// its budget.
    private var standardLimit: Int {
        let name = model.lowercased()
        let known =
            if ["claude-3-haiku", "claude-3-opus", "claude-3-sonnet"].contains(where: name.contains) {
                4096
            } else if name.contains("claude"),
                !["claude-2", "claude-3-", "claude-instant"].contains(where: name.contains)
            {
                32_000
            } else {
                8192
            }
        return max(known, (configuration.reasoning.budget ?? 0) + 4096)
    }

    // MARK: - The transcript

    func side(of entry: Transcript.Entry) -> RequestSide {
        if case .turn = entry { .assistant } else { .user }
    }

    func append(_ entry: Transcript.Entry, turn: Int, to bytes: inout [UInt8]) {
        switch entry {
        case .message(let text): Self.append(text: text, to: &bytes)
        case .turn(let answer): append(answer, number: turn, to: &bytes)
        case .output(_, let output) where writesCallsAsText:
            Self.append(text: (output.isError ? "Error: " : "Output: ") + output.text, to: &bytes)
        case .output(let call, let output):
            bytes += #",{"type":"tool_result","tool_use_id":""#.utf8
            CallID.append(turn: answeredTurn(before: turn), call: call, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
            if !output.text.isEmpty {
                bytes += #","content":"#.utf8
                JSON.write(output.text, to: &bytes)
            }
            if output.isError { bytes += #","is_error":true"#.utf8 }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func append(_ turn: Turn, number: Int, to bytes: inout [UInt8]) {
        if writesCallsAsText {
            Self.append(text: turn.text, to: &bytes)
            for call in turn.calls {
                Self.append(text: "\(call.name) \(call.malformed ?? call.arguments.canonicalText)", to: &bytes)
            }
            return
        }
        let echo = turn.echo.flatMap { $0.model == id ? $0.parts : nil } ?? []
        var rest = turn.text.utf8[...]
        for part in echo where part.calls == 0 {
            let offset = part.text - (turn.text.utf8.count - rest.count)
            let before = rest.prefix(max(0, offset))
            Self.append(text: String(decoding: before, as: UTF8.self), to: &bytes)
            rest = rest.dropFirst(before.count)
            Self.append(part, to: &bytes)
        }
        Self.append(text: String(decoding: rest, as: UTF8.self), to: &bytes)
        for (index, call) in turn.calls.enumerated() {
            for part in echo where part.calls == index && index > 0 { Self.append(part, to: &bytes) }
            bytes += #",{"type":"tool_use","id":""#.utf8
            CallID.append(turn: number, call: index, to: &bytes)
            bytes += #"","name":"#.utf8
            JSON.write(call.name, to: &bytes)
            bytes += #","input":"#.utf8
            // The protocol has objects only.
            let input: JSON = call.malformed.map { ["malformed": .string($0)] } ?? call.arguments
            input.write(to: &bytes, sorted: true)
            bytes.append(UInt8(ascii: "}"))
        }
        for part in echo where part.calls > 0 && part.calls >= turn.calls.count { Self.append(part, to: &bytes) }
    }

    private static func append(_ part: Echo.Part, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: ","))
        bytes += part.json.utf8
    }

    /// Blocks of nothing but white space are refused.
    private static func append(text: String, to bytes: inout [UInt8]) {
        guard !text.isBlank else { return }
        bytes += #",{"type":"text","text":"#.utf8
        JSON.write(text, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    // MARK: - Messages

    /// Elements of one side that follow each other are one message.
    func finish(_ body: inout [UInt8], with transcript: EncodedTranscript?) {
        var side: RequestSide?
        // Where the last two messages of the user end.
        var ends: [Int] = []
        transcript?.forEachRun { run in
            guard !run.bytes.isEmpty else { return }
            if run.side == side {
                body += run.bytes
                if run.side == .user { ends[ends.count - 1] = body.count }
                return
            }
            body += (side == nil ? "" : "]},").utf8
            body += #"{"role":"\#(run.side == .user ? "user" : "assistant")","content":["#.utf8
            body += run.bytes.dropFirst()
            if run.side == .user { ends.append(body.count) }
            if ends.count > 2 { ends.removeFirst() }
            side = run.side
        }
        if side != nil { body += "]}".utf8 }
        body += "]}".utf8
        for end in ends.reversed() { body.replaceSubrange((end - 1)..<end, with: Self.mark) }
    }

    /// Marks the object that ends here.
    private static func markLast(_ bytes: inout [UInt8]) {
        bytes.removeLast()
        bytes += mark
    }
}

extension String {
    /// Nothing but white space.
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
