package import ForerunCore

/// Judges the calls of one agent: is there such a tool, do the arguments fit its schema, what does the user's policy say,
/// what may the call touch.
package struct ToolBook: CallBook {
    private struct Entry: Sendable {
        let tool: Tool
        let schema: JSONSchema
    }

    private let entries: [String: Entry]
    private let names: [String]
    private let environment: any ForerunCore.Environment
    private let permissions: Permissions
    private let effects: [String: Effect]

    /// - Parameters:
    ///   - tools: those that the agent gets.
    ///   - effects: what the user says of a tool's effect, by name.
    /// - Throws: `.failed` where a tool's schema is no schema.
    package init(
        tools: [Tool], environment: any ForerunCore.Environment, permissions: Permissions,
        effects: [String: Effect] = [:]
    ) throws(EnvironmentFailure) {
        var entries: [String: Entry] = [:]
        for tool in tools {
            do throws(JSONSchemaError) {
                entries[tool.name] = Entry(tool: tool, schema: try JSONSchema(tool.parameters))
            } catch {
                throw EnvironmentFailure(.failed, "The parameters of tool \(tool.name) are no schema: \(error)")
            }
        }
        self.entries = entries
        names = tools.map(\.name).sorted()
        self.environment = environment
        self.permissions = permissions
        self.effects = effects
    }

    package func judge(_ call: Call) -> JudgedCall {
        guard let entry = entries[call.name] else {
            let known = names.isEmpty ? "There are no tools." : "The tools are: \(names.joined(separator: ", "))."
            return rejected(call, "There is no tool `\(call.name)`. \(known)")
        }
        if let malformed = call.malformed {
            return rejected(call, "The arguments are no JSON object: \(malformed.prefix(200))")
        }
        let violations = entry.schema.validate(call.arguments)
        guard violations.isEmpty else {
            let list = violations.prefix(5).map { "- \($0)" }.joined(separator: "\n")
            return rejected(call, "The arguments do not fit the schema of `\(call.name)`:\n\(list)")
        }
        let arguments = entry.schema.fillingDefaults(in: call.arguments)
        let identity = CallIdentity(name: call.name, arguments: arguments)
        var traits = environment.traits(of: call)
        if let effect = effects[call.name] { traits.effect = effect }
        // Without forks a change cannot be taken back: it waits for the actor's word.
        if traits.effect == .contained, !environment.canFork { traits.effect = .external }
        switch decision(call.name, arguments, traits.effect) {
        case .allow: break
        case .ask: traits.needsApproval = true
        case .deny:
            let output = Output("The user's policy denies this call of `\(call.name)`.", isError: true)
            return JudgedCall(call, identity: identity, verdict: .reject(output))
        }
        return JudgedCall(call, identity: identity, verdict: .perform(traits))
    }

    /// - Parameter arguments: with the schema's defaults, so that calls that are the same are judged the same.
    private func decision(_ tool: String, _ arguments: JSON, _ effect: Effect) -> Permissions.Decision {
        let standard = Permissions.standard(for: effect)
        if let command = arguments["command"]?.stringValue {
            return permissions.decision(tool: tool, command: command, standard: standard)
        }
        let subjects = environment.subjects(of: Call(tool, arguments))
        return subjects.map { permissions.decision(tool: tool, subject: $0, standard: standard) }.max()
            ?? permissions.decision(tool: tool, subject: nil, standard: standard)
    }

    private func rejected(_ call: Call, _ text: String) -> JudgedCall {
        let identity = CallIdentity(name: call.name, arguments: call.arguments)
        return JudgedCall(call, identity: identity, verdict: .reject(Output(text, isError: true)))
    }
}
