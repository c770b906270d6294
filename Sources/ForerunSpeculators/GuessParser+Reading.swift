internal import ForerunCore

extension GuessParser.Guess {
    /// Reads a guess: an object with `calls`, or one that is a call itself. `nil`: it names no call.
    init?(_ value: JSON) {
        let calls =
            (value["calls"] ?? value["tool_calls"])?.arrayValue?.compactMap(Self.call) ?? Self.call(value).map { [$0] }
        guard let calls, !calls.isEmpty else { return nil }
        self.calls = calls
        confidence = value["confidence"]?.doubleValue.map { min(max($0, 0), 1) }
    }

    /// Reads a call: `name` and `arguments`, also in the wrappings and under the names that models have learnt elsewhere.
    private static func call(_ value: JSON) -> Call? {
        let value = value["function"].flatMap { $0.objectValue == nil ? nil : $0 } ?? value
        guard let name = (value["name"] ?? value["tool"])?.stringValue, !name.isEmpty else { return nil }
        let arguments = value["arguments"] ?? value["args"] ?? value["parameters"] ?? value["input"] ?? [:]
        if arguments.objectValue != nil { return Call(name, arguments) }
        // Arguments as a text that holds JSON, as they go over the wire.
        guard let text = arguments.stringValue, let inner = try? JSON(parsing: text), inner.objectValue != nil else {
            return nil
        }
        return Call(name, inner)
    }
}
