import ForerunCore

extension RunRequest {
    /// What it takes to ask for the same again, for the log: the agent and what flags set, but for secrets.
    var repeatable: JSON {
        var set: [JSON] = []
        var withheld: [JSON] = []
        for assignment in assignments.flatMap(\.parts) {
            let path = assignment.path.description
            if assignment.value.mayHoldSecret(at: assignment.path) {
                withheld.append(.string(path))
            } else {
                set.append(["key": .string(path), "value": .string(assignment.value.inline)])
            }
        }
        return [
            "agent": .string(agent.contains("/") ? FileAccess.canonical(agent) ?? agent : agent), "set": .array(set),
            "withheld": .array(withheld),
        ]
    }

    /// The request that a log tells of, with further settings after it.
    ///
    /// - Returns: also the keys of settings that are not in the log.
    static func repeating(
        _ started: JSON, adding more: [ConfigurationAssignment], variables: [String: String]
    ) throws(ConfigurationError) -> (request: RunRequest, withheld: [String]) {
        var assignments: [ConfigurationAssignment] = []
        for item in started["request"]?["set"]?.arrayValue ?? [] {
            guard let key = item["key"]?.stringValue, let value = item["value"]?.stringValue else { continue }
            assignments.append(try ConfigurationAssignment(flag: "the log's", key, value))
        }
        var request = RunRequest(
            agent: started["request"]?["agent"]?.stringValue ?? started["agent"]?.stringValue ?? "",
            task: started["task"]?.stringValue, workspace: started["workspace"]?.stringValue ?? "/",
            assignments: assignments + more, variables: variables)
        request.keepsSnapshot = false
        let given = Set(more.flatMap(\.parts).map(\.path.description))
        let withheld = started["request"]?["withheld"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return (request, withheld.filter { !given.contains($0) })
    }
}

extension ConfigurationValue {
    /// As it is written in a flag, so that reading it gives the same again.
    fileprivate var inline: String {
        switch content {
        case .null: "null"
        case .scalar(let text, let isQuoted): isQuoted ? JSON.string(text).text : text
        case .list(let values): "[" + values.map(\.inline).joined(separator: ", ") + "]"
        case .map(let members):
            "{" + members.map { "\(JSON.string($0.key).text): \($0.value.inline)" }.joined(separator: ", ") + "}"
        }
    }
}
