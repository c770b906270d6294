package import ForerunCore
import ForerunLearning

/// Judges the calls of a recorded run: nothing is rejected, since all of it was performed.
///
/// What a call may touch is taken, in this order, from the database that performs it, from what a shell command says, from
/// the effects that the log states, and from what is known of the tools of coding agents. What is left is *unknown*.
package struct ReplayBook: CallBook {
    private let effects: [String: Effect]
    private let stated: [String: String]
    private let unknown: Effect

    /// - Parameters:
    ///   - tools: those of the database that performs the calls; none: there is no such database.
    ///   - stated: the effects that the log states, by tool.
    ///   - assumesContained: take calls of unknown effect for ones whose changes stay in a branch.
    package init(tools: [Tool] = [], stated: [String: String], assumesContained: Bool) {
        effects = Dictionary(tools.map { ($0.name, $0.effect) }) { $1 }
        self.stated = stated
        unknown = assumesContained ? .contained : .external
    }

    package func judge(_ call: Call) -> JudgedCall {
        guard call.malformed == nil else {
            // Never equal to a call that can be performed.
            let identity = CallIdentity(name: call.name, arguments: .string(call.malformed ?? ""))
            return JudgedCall(call, identity: identity, verdict: .perform(CallTraits(effect: .external)))
        }
        let identity = CallIdentity(name: call.name, arguments: call.arguments)
        return JudgedCall(call, identity: identity, verdict: .perform(CallTraits(effect: effect(of: call))))
    }

    private func effect(of call: Call) -> Effect {
        if let effect = effects[call.name] { return effect }
        if let text = call.shellText { return ShellEffect.of(text) ?? unknown }
        switch CanonicalOperation(call) {
        // Before what the log says: some logs judge a tool by its name alone and call an edit a read.
        case .edit, .write: return .contained
        case .read, .list, .glob, .grep: return .readOnly
        case .shell, .web, .plan, .other: break
        }
        if Self.changesText(call) { return .contained }
        switch stated[call.name]?.lowercased() {
        case "read", "readonly", "read_only", "read-only": return .readOnly
        default: return unknown
        }
    }

    /// The arguments of an editor, whatever its name.
    private static func changesText(_ call: Call) -> Bool {
        call.arguments["old_str"] != nil || call.arguments["old_string"] != nil || call.arguments["file_text"] != nil
            || call.name.hasPrefix("EditAction")
    }
}

extension JudgedCall {
    var effect: Effect? { if case .perform(let traits) = verdict { traits.effect } else { nil } }
    var isRead: Bool { effect == .readOnly }
    var isContained: Bool { effect == .contained }
}
