import ForerunCore

/// Messages as the chat APIs have them: OpenAI's completions and responses, Anthropic's blocks, the dialects of benchmarks.
struct ChatMessages {
    private(set) var builder: RunBuilder
    private var generation = 0
    private var usersCalls: Set<String> = []
    private var usersCallCount = 0

    init(_ format: String, id: String, path: String) {
        builder = RunBuilder(format, id: id, path: path)
    }

    var heading: RecordedRun {
        get { builder.run }
        _modify { yield &builder.heading }
    }

    /// Whether a value looks like one message.
    static func isMessage(_ value: JSON) -> Bool {
        switch value["type"]?.stringValue {
        case "function_call": return value["name"] != nil && value["call_id"] != nil
        case "function_call_output": return value["call_id"] != nil
        default: break
        }
        guard let role = value["role"]?.stringValue,
            ["system", "developer", "user", "assistant", "tool", "function", "exit"].contains(role)
        else { return false }
        return value["content"] != nil || value["tool_calls"] != nil || value["function_call"] != nil
            || value["tool_messages"] != nil
    }

    mutating func add(_ message: JSON, line: Int?, to sink: inout ImportSink) {
        let time = Timestamp.seconds(message["timestamp"]) ?? Timestamp.seconds(message["extra"]?["timestamp"])
        switch message["type"]?.stringValue {
        case "function_call": return item(message, line, &sink)
        case "function_call_output":
            generation += 1
            return output(
                message["output"], id: message["call_id"]?.stringValue, isError: nil, time, line, &sink)
        default: break
        }
        let content = message["content"]
        switch message["role"]?.stringValue {
        case "system", "developer", "exit": break
        case "user":
            generation += 1
            results(content, time, line, &sink)
            // The simulated user may call tools of its own, which the agent never sees.
            for call in message["tool_calls"]?.arrayValue ?? [] { drop(call) }
            builder.message(MessageContent.text(content), at: time)
        case "assistant": answer(message, time, line, &sink)
        case "tool", "function":
            if let messages = message["tool_messages"]?.arrayValue {
                for message in messages { add(message, line: line, to: &sink) }
                return
            }
            generation += 1
            let id = message["tool_call_id"]?.stringValue ?? message["id"]?.stringValue
            if message["requestor"]?.stringValue == "user" {
                usersCalls.remove(id ?? "")
                return
            }
            output(content, id: id, isError: message["error"]?.boolValue, time, line, &sink)
        default: sink.problem(.unknownShape, line: line, "a message without a known role")
        }
    }

    private mutating func answer(_ message: JSON, _ time: Double?, _ line: Int?, _ sink: inout ImportSink) {
        generation += 1
        let content = message["content"]
        builder.turn(
            MessageContent.text(content), key: String(generation), at: time, usage: usage(message["usage"]))
        for block in content?.arrayValue ?? [] where block["type"]?.stringValue == "tool_use" {
            call(block["name"], block["input"], id: block["id"], time, line, &sink)
        }
        for item in message["tool_calls"]?.arrayValue ?? [] {
            if item["requestor"]?.stringValue == "user" {
                drop(item)
            } else if let function = item["function"] {
                call(function["name"], function["arguments"], id: item["id"], time, line, &sink)
            } else {
                call(item["name"], item["arguments"], id: item["id"], time, line, &sink)
            }
        }
        if let function = message["function_call"], !function.isNull {
            call(function["name"], function["arguments"], id: nil, time, line, &sink)
        }
    }

    private mutating func call(
        _ name: JSON?, _ arguments: JSON?, id: JSON?, _ time: Double?, _ line: Int?, _ sink: inout ImportSink
    ) {
        guard let name = name?.stringValue else {
            return sink.problem(.unknownShape, line: line, "a call without a name")
        }
        add(MessageContent.call(name, arguments), id: id?.stringValue, at: time)
    }

    /// Adds a call to the latest turn.
    mutating func add(_ call: Call, id: String?, at time: Double?) { builder.call(call, id: id, at: time) }

    /// Gives the first call of the latest turn that has neither id nor output its output.
    mutating func result(_ output: Output, at time: Double?) { builder.output(output, for: nil, at: time) }

    /// An item of OpenAI's responses: several in a row are one turn.
    private mutating func item(_ item: JSON, _ line: Int?, _ sink: inout ImportSink) {
        builder.turn(key: String(generation))
        call(item["name"], item["arguments"], id: item["call_id"], nil, line, &sink)
    }

    private mutating func results(_ content: JSON?, _ time: Double?, _ line: Int?, _ sink: inout ImportSink) {
        for block in content?.arrayValue ?? [] where block["type"]?.stringValue == "tool_result" {
            output(
                block["content"], id: block["tool_use_id"]?.stringValue, isError: block["is_error"]?.boolValue, time,
                line, &sink)
        }
    }

    private mutating func output(
        _ content: JSON?, id: String?, isError: Bool?, _ time: Double?, _ line: Int?, _ sink: inout ImportSink
    ) {
        let text = MessageContent.output(content)
        let output = Output(text, isError: isError ?? OutputStatus.isError(text) ?? false)
        // Lists that were put together by hand often have ids on one side only.
        if !builder.output(output, for: id, at: time), id == nil || !builder.output(output, for: nil, at: time) {
            sink.problem(.strayOutput, line: line, id ?? "")
        }
    }

    private mutating func drop(_ call: JSON) {
        usersCallCount += 1
        if let id = call["id"]?.stringValue { usersCalls.insert(id) }
    }

    private func usage(_ usage: JSON?) -> Usage? {
        guard let usage else { return nil }
        if let input = usage["prompt_tokens"]?.intValue {
            return Usage(
                input: input, cached: usage["prompt_tokens_details"]?["cached_tokens"]?.intValue ?? 0,
                output: usage["completion_tokens"]?.intValue ?? 0)
        }
        guard let input = usage["input_tokens"]?.intValue else { return nil }
        let cached = usage["cache_read_input_tokens"]?.intValue ?? 0
        return Usage(
            input: input + cached + (usage["cache_creation_input_tokens"]?.intValue ?? 0), cached: cached,
            output: usage["output_tokens"]?.intValue ?? 0)
    }

    /// Hands the run on.
    mutating func finish(into sink: inout ImportSink) {
        if usersCallCount > 0 { sink.problem(.usersCalls, line: nil, "run \(builder.run.id)", count: usersCallCount) }
        sink.emit(builder)
    }

    /// Tools as either API describes them.
    static func tools(_ list: JSON?) -> [Tool] {
        (list?.arrayValue ?? []).compactMap { entry in
            let tool = entry["function"] ?? entry
            guard let name = tool["name"]?.stringValue else { return nil }
            let schema = tool["parameters"] ?? tool["input_schema"]
            return Tool(
                name: name, description: tool["description"]?.stringValue ?? "",
                parameters: schema?.objectValue == nil ? ["type": "object"] : schema ?? [:])
        }
    }
}
