extension Call {
    /// Reads ``json``. - Returns: `nil` where it is no call.
    package init?(json: JSON?) {
        guard let json, let name = json["name"]?.stringValue else { return nil }
        if let malformed = json["malformed"]?.stringValue {
            self.init(name, malformed: malformed)
        } else if let arguments = json["arguments"], arguments.objectValue != nil {
            self.init(name, arguments)
        } else {
            return nil
        }
    }
}

extension Turn {
    /// Reads the answer in a line `turn.taken`. - Returns: `nil` where there is none.
    package init?(taken line: JSON) {
        guard let text = line["text"]?.stringValue, let list = line["calls"]?.arrayValue,
            let finish = line["finish"]?.stringValue
        else { return nil }
        var calls: [Call] = []
        for item in list {
            guard let call = Call(json: item) else { return nil }
            calls.append(call)
        }
        var echo: Echo?
        if let json = line["echo"] {
            guard let read = Echo(json: json) else { return nil }
            echo = read
        }
        self.init(text: text, calls: calls, finish: FinishReason(finish), echo: echo)
    }
}

extension Echo {
    /// Reads ``json``. - Returns: `nil` where it is no echo.
    package init?(json: JSON) {
        guard let model = json["model"]?.stringValue, let list = json["parts"]?.arrayValue else { return nil }
        var parts: [Part] = []
        for item in list {
            guard let calls = item["calls"]?.intValue, let text = item["text"]?.intValue,
                let piece = item["json"]?.stringValue
            else { return nil }
            parts.append(Part(calls: calls, text: text, json: piece))
        }
        self.init(model: model, parts: parts)
    }
}

extension Fallback {
    /// Reads ``json``. - Returns: `nil` where it is none.
    package init?(json: JSON) {
        guard let role = json["role"]?.stringValue, let from = json["from"]?.stringValue,
            let to = json["to"]?.stringValue
        else { return nil }
        let kind = ModelFailure.Kind.all.first { $0.description == json["kind"]?.stringValue } ?? .server
        var message = json["message"]?.stringValue ?? ""
        // There it is told with its kind.
        if message.hasPrefix(kind.description) {
            message = String(message.dropFirst(kind.description.count).drop { $0 == ":" || $0 == " " })
        }
        self.init(
            turn: json["turn"]?.intValue ?? 0, role: role, from: from, to: to, failure: ModelFailure(kind, message))
    }
}

extension Usage {
    /// Reads ``json``. - Returns: `nil` where it is no usage.
    package init?(json: JSON?) {
        guard let json, let input = json["input"]?.intValue, let output = json["output"]?.intValue else { return nil }
        self.init(
            input: input, cached: json["cached"]?.intValue ?? 0, written: json["written"]?.intValue ?? 0,
            output: output, reasoning: json["reasoning"]?.intValue ?? 0)
    }
}
