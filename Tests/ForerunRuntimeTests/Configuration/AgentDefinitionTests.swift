import ForerunCore
import Testing

@testable import ForerunRuntime

struct AgentDefinitionTests {
    @Test(arguments: ["chess", "coder", "shell"])
    func shippedAgentsLoad(name: String) throws {
        let scene = try Scene()
        let file = try ResourceLocator(scene.places()).agent(name)
        let agent = try AgentDefinition(file: file)
        #expect(agent.name == name)
        #expect(agent.description.hasSuffix("."))
        #expect(agent.instructions.count > 100)
        let resolved = try scene.layers().resolved(for: agent)
        #expect(resolved.settings.speculation.policy.mode == .full)
        #expect(!resolved.settings.speculation.speculators.isEmpty)
    }

    @Test func chessIsWhatTheDemoNeeds() throws {
        let scene = try Scene()
        let agent = try AgentDefinition(file: ResourceLocator(scene.places()).agent("chess"))
        let settings = try scene.layers().resolved(for: agent).settings
        #expect(settings.program == .alternating)
        #expect(settings.actors.names == ["white", "black"])
        #expect(settings.actor(of: "black")?.first == ModelName(endpoint: "engine", model: "stockfish"))
        #expect(settings.engine.nodes == 600_000)
        #expect(settings.speculation.namedSpeculators == [.engine(nodes: 100_000)])
        #expect(settings.speculation.policy.width == 1)
        #expect(settings.environment.kind == .chess)
        #expect(settings.environment.maxPlies == 40)
    }

    @Test func bodyIsTheInstructions() throws {
        let agent = try AgentDefinition(
            text: "---\r\ndescription: One.\r\n---\r\n\r\n  Do this.\r\n\r\n---\r\nAnd that.\r\n", file: "x/y.md")
        #expect(agent.name == "y")
        #expect(agent.instructions == "Do this.\n\n---\nAnd that.")
    }

    @Test func everyKeyIsRead() throws {
        let agent = try AgentDefinition(
            text: """
                ---
                name: all
                description: All keys.
                program: react
                actor: openai/gpt-5
                actors: {helper: openrouter/meta/llama}
                speculation:
                  mode: tools
                  width: 5
                  depth: 6
                  threshold: 0.25
                  model: local/small
                  speculators: [{kind: model, model: local/tiny, samples: 3}, {kind: model, logprobs: true}, {kind: parts, model: a/b}, {kind: transition}, {kind: graph}, {kind: engine, nodes: 1_000}]
                  maxExtraCost: {ratio: 0.5, tokens: 1000, money: 0.25}
                tools: [read_file, run_command]
                effects: {run_command: external}
                permissions:
                  read_file: allow
                  run_command: {"*": ask, "git *": allow, "git push*": deny}
                limits: {steps: 5, seconds: 60.5, tokens: 7, money: 1}
                environment: {kind: none, network: true, sandbox: required, maxPlies: 3}
                engine: {path: /usr/games/stockfish, nodes: 9}
                commentary: drop
                sampling: {temperature: 0.5, maxTokens: 100}
                ---
                """, file: "all.md")
        var settings = AgentSettings()
        var journal = ConfigurationJournal()
        try agent.apply(to: &settings, journal: &journal)

        #expect(settings.actor(of: "actor")?.first.description == "openai/gpt-5")
        #expect(settings.actor(of: "helper")?.first.model == "meta/llama")
        #expect(settings.speculation.policy.mode == .tools)
        #expect(settings.speculation.policy.width == 5)
        #expect(settings.speculation.policy.depth == 6)
        #expect(settings.speculation.policy.threshold == 0.25)
        #expect(
            settings.speculation.namedSpeculators
                == [
                    .model(ModelName("local/tiny"), samples: 3), .model(ModelName("local/small"), logprobs: true),
                    .parts(ModelName("a/b")),
                    .transition, .graph, .engine(nodes: 1000),
                ])
        #expect(settings.speculation.policy.maxExtraCost == .init(ratio: 0.5, tokens: 1000, money: 0.25))
        #expect(settings.tools == ["read_file", "run_command"])
        #expect(settings.effects["run_command"] == .external)
        #expect(settings.permissions.decision(tool: "run_command", command: "git push -f", standard: .allow) == .deny)
        #expect(settings.limits == .init(steps: 5, seconds: 60.5, tokens: 7, money: 1))
        #expect(settings.environment == .init(kind: .none, network: true, sandbox: .required, maxPlies: 3))
        #expect(settings.engine == .init(path: "/usr/games/stockfish", nodes: 9))
        #expect(settings.commentary == .drop)
        #expect(settings.sampling.temperature == 0.5)
        #expect(settings.sampling.maxTokens == 100)
        #expect(settings.program == .react)
    }

    @Test(
        arguments: [
            ("description: a\nspeculatoin: {}", "some.md:3: unknown key “speculatoin”. Did you mean “speculation”?"),
            (
                "description: a\nspeculation:\n  widht: 3",
                "some.md:4: unknown key “widht” in speculation. Did you mean “width”?"
            ),
            (
                "description: a\nlimits:\n  dollars: 3",
                "some.md:4: unknown key “dollars” in limits. Known here: steps, seconds, tokens, money"
            ),
            (
                "description: a\nspeculation:\n  width: 99",
                "some.md:4: speculation.width must be a whole number from 1 to 16, not 99"
            ),
            (
                "description: a\nspeculation: {threshold: 1.5}",
                "some.md:3: speculation.threshold must be a number from 0 to 1, not 1.5"
            ),
            (
                "description: a\nspeculation: {depth: deep}",
                "some.md:3: speculation.depth must be a whole number from 1 to 64, not “deep”"
            ),
            (
                "description: a\nspeculation: {width: \"3\"}\n",
                "some.md:3: speculation.width must be a whole number from 1 to 16, not “3”"
            ),
            (
                "description: a\nspeculation: {mode: observ}",
                "some.md:3: speculation.mode must be off, observe, tools or full, not “observ”. Did you mean “observe”?"
            ),
            (
                "description: a\npermissions: {run_command: {\"git *\": yes}}",
                "some.md:3: permissions.run_command.git * must be allow, ask or deny, not “yes”"
            ),
            ("description: a\nactor: gpt-5", "some.md:3: actor must be a model, written endpoint/model, not “gpt-5”"),
            (
                "description: a\nspeculation:\n  speculators:\n    - kind: transition\n      nodes: 5",
                "some.md:6: speculation.speculators.0 is of kind transition, which has no key “nodes”"
            ),
            (
                "description: a\nspeculation:\n  speculators:\n    - nodes: 5",
                "some.md:5: speculation.speculators.0 has no kind. Write kind: model, transition, graph, heads, parts or engine"
            ),
            (
                "description: a\nspeculation:\n  speculators:\n    - kind: engine\n      nods: 5",
                "some.md:6: unknown key “nods” in speculation.speculators.0. Did you mean “nodes”?"
            ),
            ("description: a\ntools: read_file", "some.md:3: tools must be a list, not “read_file”"),
            ("description: a\nlimits: 5", "some.md:3: limits must be keys with values, not “5”"),
            (
                "description: a\nenvironment: {network: on}",
                "some.md:3: environment.network must be true or false, not “on”"
            ),
            ("description: a\nprogram:", "some.md:3: program must be react or alternating, not “null”"),
            (
                "name: some",
                "some.md:1: the agent has no description. Add description: with one sentence on what it is for"
            ),
            (
                "name: other\ndescription: a",
                "some.md:2: name is “other”, but the file is called some.md. Rename one of them, or leave name out"
            ),
            ("description: a\ndescription: b", "some.md:2: broken YAML: the key “description” is given twice"),
        ])
    func mistakesAreNamedWithTheirPlace(frontMatter: String, expected: String) {
        #expect(agentComplaint(frontMatter) == expected)
    }

    @Test func brokenYAMLNamesItsLine() {
        let text = agentComplaint("description: a\nlimits: {steps: 3\nactor: x/y")
        #expect(text.hasPrefix("some.md:"))
        #expect(text.contains("broken YAML: "))
    }

    @Test func frontMatterIsNeeded() {
        #expect(
            complaint { try AgentDefinition(text: "Hello", file: "some.md") }
                == "some.md:1: the agent file has no front matter. "
                + "Begin it with a line ---, keys such as description:, and another line ---")
        #expect(
            complaint { try AgentDefinition(text: "---\ndescription: a", file: "some.md") }
                == "some.md:1: the front matter has no end. Close it with a line ---")
        #expect(
            complaint { try AgentDefinition(file: "/nowhere/some.md") }
                == "there is no agent file /nowhere/some.md. `forerun agents` lists the agents by name")
    }
}
