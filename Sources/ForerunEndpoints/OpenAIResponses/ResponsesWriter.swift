import ForerunCore

/// Writes requests of OpenAI's Responses.
struct ResponsesWriter: RequestWriter {
    let id: String
    let model: String
    let configuration: EndpointConfiguration

    func head(of role: ModelRequest.Role) -> [UInt8] {
        var bytes = Array(#"{"model":"#.utf8)
        JSON.write(model, to: &bytes)
        bytes += #","stream":true,"store":false"#.utf8
        if configuration.echoesReasoning(of: model) { bytes += #","include":["reasoning.encrypted_content"]"#.utf8 }
        if let effort = configuration.reasoning.effort {
            bytes += #","reasoning":{"effort":"#.utf8
            JSON.write(effort, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        if let temperature = role.options.temperature, configuration.sendsTemperature {
            bytes += #","temperature":\#(JSONNumber(temperature).literal)"#.utf8
        }
        if let limit = role.options.maxTokens { bytes += #","max_output_tokens":\#(limit)"#.utf8 }
        if !role.instructions.isEmpty {
            bytes += #","instructions":"#.utf8
            JSON.write(role.instructions, to: &bytes)
        }
        for (index, tool) in role.tools.enumerated() {
            bytes += (index == 0 ? #","tools":["# : ",").utf8
            bytes += #"{"type":"function","name":"#.utf8
            JSON.write(tool.name, to: &bytes)
            bytes += #","description":"#.utf8
            JSON.write(tool.description, to: &bytes)
            bytes += #","parameters":"#.utf8
            tool.parameters.write(to: &bytes, sorted: true)
            // Strict is the default here, and it changes what schemas may hold.
            bytes += #","strict":false}"#.utf8
        }
        if !role.tools.isEmpty {
            bytes.append(UInt8(ascii: "]"))
            if !configuration.parallelCalls { bytes += #","parallel_tool_calls":false"#.utf8 }
        }
        bytes += #","input":["#.utf8
        return bytes
    }

    func append(_ entry: Transcript.Entry, turn: Int, to bytes: inout [UInt8]) {
        switch entry {
        case .message(let text): Self.append("user", text, to: &bytes)
        case .turn(let answer): append(answer, number: turn, to: &bytes)
        case .output(let call, let output):
            bytes += #",{"type":"function_call_output","call_id":""#.utf8
            CallID.append(turn: answeredTurn(before: turn), call: call, to: &bytes)
            bytes += #"","output":"#.utf8
            JSON.write(output.text, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Reasoning stands before what came of it.
    private func append(_ turn: Turn, number: Int, to bytes: inout [UInt8]) {
        let echo = turn.echo.flatMap { $0.model == id ? $0.parts : nil } ?? []
        var rest = turn.text.utf8[...]
        for part in echo where part.calls == 0 {
            let offset = part.text - (turn.text.utf8.count - rest.count)
            let before = rest.prefix(max(0, offset))
            if !before.isEmpty { Self.append("assistant", String(decoding: before, as: UTF8.self), to: &bytes) }
            rest = rest.dropFirst(before.count)
            Self.append(part, to: &bytes)
        }
        if !rest.isEmpty || (turn.calls.isEmpty && turn.text.isEmpty) {
            Self.append("assistant", String(decoding: rest, as: UTF8.self), to: &bytes)
        }
        for (index, call) in turn.calls.enumerated() {
            for part in echo where part.calls == index && index > 0 { Self.append(part, to: &bytes) }
            bytes += #",{"type":"function_call","call_id":""#.utf8
            CallID.append(turn: number, call: index, to: &bytes)
            bytes += #"","name":"#.utf8
            JSON.write(call.name, to: &bytes)
            bytes += #","arguments":"#.utf8
            JSON.write(call.malformed ?? call.arguments.canonicalText, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ role: String, _ text: String, to bytes: inout [UInt8]) {
        bytes += #",{"role":"\#(role)","content":"#.utf8
        JSON.write(text, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(_ part: Echo.Part, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: ","))
        bytes += part.json.utf8
    }
}
