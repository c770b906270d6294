package import ForerunCore

/// The one tool of simulated agents: `act {effect, key, arg}`, on a state of four small numbers.
package struct SimulatedTool: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A read of the world.
        case read
        /// A read of the outside.
        case look
        case write
        case send
    }

    package let kind: Kind
    package let key: Int
    package let arg: Int

    /// `nil` for a call of an unknown tool.
    package init?(_ call: Call) {
        guard call.name == "act", let kind = call.arguments["effect"]?.stringValue.flatMap(Kind.init),
            let key = call.arguments["key"]?.intValue, let arg = call.arguments["arg"]?.intValue
        else { return nil }
        self.kind = kind
        self.key = key
        self.arg = arg
    }

    package var effect: Effect {
        switch kind {
        case .read, .look: .readOnly
        case .write: .contained
        case .send: .external
        }
    }

    package static func call(isGame: Bool, _ draw: Draw, _ key: [Draw.Part]) -> Call {
        let kinds: [Kind?] =
            isGame
            ? [.write, .write, .write, .read]
            : [.read, .read, .read, .read, .look, .look, .look, .write, .write, .write, .send, nil]
        guard let kind = kinds[Int(draw.uniform(key + ["effect"]) * Double(kinds.count))] else {
            return Call("unheard")
        }
        let cell = isGame ? 0 : [0, 1, 3, 3][Int(draw.uniform(key + ["cell"]) * 4)]
        let arg = Int(draw.uniform(key + ["arg"]) * 2)
        return Call(
            "act",
            ["effect": .string(kind.rawValue), "key": .number(JSONNumber(cell)), "arg": .number(JSONNumber(arg))])
    }

    static func key(_ call: Call) -> [Draw.Part] {
        guard let tool = SimulatedTool(call) else { return ["unheard"] }
        return [.init(tool.kind.rawValue), .init(tool.key), .init(tool.arg)]
    }

    /// Whether the outcome depends on what others do.
    package func readsOutside(_ others: Scenario.Others) -> Bool {
        kind == .look || kind == .write && key == 3 && others != .absent
    }

    /// What it does to a state, and what it returns.
    package func act(on state: [Int], version: Int, _ draw: Draw) -> (state: [Int], output: String) {
        switch kind {
        case .read: return (state, "\(key)=\(state[key])")
        case .look: return (state, "\(key)@\(version)")
        case .write:
            var next = state
            next[key] = (state[key] * 2 + arg + 1 + (key == 3 ? version : 0)) % 5
            return (next, arg == 1 ? "w\(next[key])" : "ok")
        case .send: return (state, draw.uniform("send", .init(key), .init(arg)) < 0.67 ? "sent" : "bounced")
        }
    }
}

/// Judges the calls of simulated agents.
package struct SimulatedCallBook: CallBook {
    package let scenario: Scenario

    package init(_ scenario: Scenario) { self.scenario = scenario }

    package func judge(_ call: Call) -> JudgedCall {
        let identity = CallIdentity(name: call.name, arguments: call.arguments)
        guard let tool = SimulatedTool(call) else {
            let output = Output("There is no tool `\(call.name)`.", isError: true)
            return JudgedCall(call, identity: identity, verdict: .reject(output))
        }
        let traits = CallTraits(
            effect: tool.effect,
            reads: tool.readsOutside(scenario.others) ? .outside(timeToLive: scenario.timeToLive) : .world,
            needsApproval: scenario.needsApproval(call), isRestrictedAhead: true)
        return JudgedCall(call, identity: identity, verdict: .perform(traits))
    }
}
