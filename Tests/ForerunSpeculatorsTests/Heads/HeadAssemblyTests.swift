import ForerunCore
import Testing

@testable import ForerunSpeculators

/// Heads that arrive in any order become one call, or none.
struct HeadAssemblyTests {
    private static let tools = [
        Tool(
            name: "move", description: "Moves.",
            parameters: [
                "type": "object",
                // Not in the order of the alphabet.
                "properties": [
                    "unit": ["type": "string"], "to": ["type": "string", "enum": ["north", "south"]],
                    "count": ["type": "integer"],
                ], "required": ["unit", "to"],
            ]),
        Tool(
            name: "attack", description: "Attacks.",
            parameters: ["type": "object", "properties": ["target": ["type": "string"]], "required": ["target"]]),
        Tool(name: "wait", description: "Waits."),
    ]

    private static let prompt = HeadPrompt(ModelRequest.Role(name: "actor", tools: tools))

    /// What becomes of these texts, given whole, in this order of heads.
    private func state(
        _ texts: [(head: Int, text: String, finish: FinishReason?)]
    ) -> HeadAssembly.State {
        var assembly = HeadAssembly(Self.prompt.tools, heads: Self.prompt.heads)
        for (head, text, finish) in texts { assembly.take(head, text, finish: finish) }
        return assembly.state
    }

    @Test func argumentsAreThoseOfTheToolThatWasChosen() {
        // argN is the N-th property of the tool, whatever other tools have there.
        #expect(
            state([(0, "attack", .stop), (1, "tank 7", .stop)])
                == .call(Call("attack", ["target": "tank 7"]), logprob: nil)
        )
        #expect(
            state([(3, "2", .stop), (2, "north", .stop), (1, "tank", .stop), (0, "move", .stop)])
                == .call(Call("move", ["unit": "tank", "to": "north", "count": 2]), logprob: nil))
    }

    @Test func headsBeyondTheToolsArgumentsAreNotWaitedFor() {
        #expect(state([(0, "wait", .stop)]) == .call(Call("wait"), logprob: nil))
        #expect(state([(3, "never ending", .length), (0, "wait", .stop)]) == .call(Call("wait"), logprob: nil))
        #expect(state([(0, "attack", .stop)]) == .open)
    }

    @Test(arguments: [
        ("<|null|>", "tank", HeadAssembly.State.none), ("", "tank", .none), ("fly", "tank", .invalid),
        ("attack", "", .invalid), ("attack", "<|null|>", .invalid), ("attack, wait", "tank", .invalid),
    ])
    func whatIsNoCallIsNone(_ function: String, _ argument: String, _ expected: HeadAssembly.State) {
        #expect(state([(0, function, .stop), (1, argument, .stop)]) == expected)
        #expect(state([(1, argument, .stop), (0, function, .stop)]) == expected)
    }

    @Test func whatWasCutOffIsNeverRun() {
        #expect(state([(0, "attack", .length), (1, "tank", .stop)]) == .invalid)
        #expect(state([(0, "attack", .stop), (1, "tank number twenty", .length)]) == .invalid)
    }

    @Test func optionalArgumentsMayBeLeftOutAndTypesAreThoseOfTheSchema() {
        #expect(
            state([(0, "move", .stop), (1, "\"tank\"", .stop), (2, "south", .stop), (3, "<|null|>", .stop)])
                == .call(Call("move", ["unit": "tank", "to": "south"]), logprob: nil))
        #expect(state([(0, "move", .stop), (1, "tank", .stop), (2, "up", .stop), (3, "", .stop)]) == .invalid)
        #expect(state([(0, "move", .stop), (1, "tank", .stop), (2, "north", .stop), (3, "two", .stop)]) == .invalid)
    }

    /// Servers that send the mark which ends a head along, and those that go on after it.
    @Test func marksEndAHeadHoweverTheyCome() {
        var assembly = HeadAssembly(Self.prompt.tools, heads: Self.prompt.heads)
        for piece in [" att", "ack</fun", "ction><arg1>"] { assembly.take(0, piece, logprobs: [-0.25], finish: nil) }
        #expect(assembly.state == .open)
        assembly.take(1, "tank</arg1>", logprobs: [-0.5], finish: nil)
        #expect(assembly.state == .call(Call("attack", ["target": "tank"]), logprob: -1.25))
        assembly.take(1, "more", finish: .stop)
        #expect(assembly.state == .call(Call("attack", ["target": "tank"]), logprob: -1.25))
    }

    @Test func promptsShareAllButTheirTag() {
        let transcript = Transcript([
            .message("Go north."), .turn(Turn(calls: [Call("move", ["unit": "tank", "to": "north"])])),
            .output(call: 0, Output("moved")),
        ])
        let prompts = Self.prompt.prompts(transcript)
        #expect(prompts.count == 4)
        let tags = ["<function>", "<arg1>", "<arg2>", "<arg3>"]
        #expect(zip(prompts, tags).allSatisfy { $0.hasSuffix("<|im_start|>assistant\n" + $1) })
        #expect(Set(zip(prompts, tags).map { $0.dropLast($1.count) }).count == 1)
        #expect(prompts[0].contains("history: [move(unit=\"tank\", to=\"north\")]\n\nGo north.<|im_end|>"))
        #expect(prompts[0].contains("environment: [\"moved\"]\n"))
        // What changes comes after what stays.
        let other = Self.prompt.prompts(Transcript([.message("Attack.")]))
        #expect(prompts[0].hasPrefix(Self.prompt.fixed) && other[0].hasPrefix(Self.prompt.fixed))
    }

    @Test func toolsWithMoreArgumentsThanHeadsAreLeftOut() {
        let names = (1...7).map { ("a\($0)", ["type": "string"] as JSON) }
        let many = Tool(
            name: "many", description: "", parameters: ["type": "object", "properties": JSON(members: names)])
        #expect(HeadPrompt(ModelRequest.Role(name: "actor", tools: [many])).tools.isEmpty)
    }
}
