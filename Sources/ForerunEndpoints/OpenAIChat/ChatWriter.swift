import ForerunCore

/// Writes requests of Chat Completions.
struct ChatWriter: RequestWriter {
    let id: String
    let model: String
    let configuration: EndpointConfiguration

    func head(of role: ModelRequest.Role) -> [UInt8] {
        var bytes = Array(#"{"model":"#.utf8)
        JSON.write(model, to: &bytes)
        bytes += #","stream":true"#.utf8
        if configuration.sendsStreamOptions { bytes += #","stream_options":{"include_usage":true}"#.utf8 }
        if let effort = configuration.reasoning.effort {
            bytes += #","reasoning_effort":"#.utf8
            JSON.write(effort, to: &bytes)
        }
        if let temperature = role.options.temperature, configuration.sendsTemperature {
            bytes += #","temperature":\#(JSONNumber(temperature).literal)"#.utf8
        }
        if let limit = role.options.maxTokens {
            bytes += #","\#(configuration.maxTokensField.rawValue)":\#(limit)"#.utf8
        }
        // Without a number, some servers tell none and others twenty alternatives for each token.
        if role.options.logprobs { bytes += #","logprobs":true,"top_logprobs":1"#.utf8 }
        for (index, tool) in role.tools.enumerated() {
            bytes += (index == 0 ? #","tools":["# : ",").utf8
            bytes += #"{"type":"function","function":{"name":"#.utf8
            JSON.write(tool.name, to: &bytes)
            bytes += #","description":"#.utf8
            JSON.write(tool.description, to: &bytes)
            bytes += #","parameters":"#.utf8
            tool.parameters.write(to: &bytes, sorted: true)
            bytes += "}}".utf8
        }
        if !role.tools.isEmpty {
            bytes.append(UInt8(ascii: "]"))
            if !configuration.parallelCalls { bytes += #","parallel_tool_calls":false"#.utf8 }
        }
        bytes += #","messages":["#.utf8
        if !role.instructions.isEmpty {
            bytes += #"{"role":"system","content":"#.utf8
            JSON.write(role.instructions, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes
    }

    func append(_ entry: Transcript.Entry, turn: Int, to bytes: inout [UInt8]) {
        switch entry {
        case .message(let text):
            bytes += #",{"role":"user","content":"#.utf8
            JSON.write(text, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        case .turn(let answer): append(answer, number: turn, to: &bytes)
        case .output(let call, let output):
            bytes += #",{"role":"tool","tool_call_id":""#.utf8
            CallID.append(turn: answeredTurn(before: turn), call: call, to: &bytes)
            bytes += #"","content":"#.utf8
            JSON.write(output.text, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func append(_ turn: Turn, number: Int, to bytes: inout [UInt8]) {
        let echo = ChatEcho(turn.echo, for: id)
        bytes += #",{"role":"assistant","content":"#.utf8
        if turn.text.isEmpty, !turn.calls.isEmpty {
            bytes += "null".utf8
        } else {
            JSON.write(turn.text, to: &bytes)
        }
        if let reasoning = echo.reasoning {
            bytes += #","reasoning_content":"#.utf8
            bytes += reasoning.utf8
        }
        for (index, call) in turn.calls.enumerated() {
            bytes += (index == 0 ? #","tool_calls":[{"id":""# : #",{"id":""#).utf8
            CallID.append(turn: number, call: index, to: &bytes)
            bytes += #"","type":"function","function":{"name":"#.utf8
            JSON.write(call.name, to: &bytes)
            bytes += #","arguments":"#.utf8
            JSON.write(call.malformed ?? call.arguments.canonicalText, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
            if let extra = echo.extras[index] {
                bytes += #","extra_content":"#.utf8
                bytes += extra.utf8
            }
            bytes.append(UInt8(ascii: "}"))
        }
        if !turn.calls.isEmpty { bytes.append(UInt8(ascii: "]")) }
        bytes.append(UInt8(ascii: "}"))
    }
}
