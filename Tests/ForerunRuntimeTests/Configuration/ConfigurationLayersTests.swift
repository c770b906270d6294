import ForerunCore
import Testing

@testable import ForerunRuntime

struct ConfigurationLayersTests {
    @Test func laterLayersWinAndEveryValueKeepsItsOrigin() throws {
        let scene = try Scene()
        try scene.write(
            "home/.config/forerun/config.yaml",
            """
            defaults:
              actor: openai/a
              speculation:
                width: 2
                depth: 2
                threshold: 0.2
              limits: {steps: 10, money: 1}
            agents:
              helper:
                limits: {seconds: 9}
            """)
        try scene.write("project/.forerun/config.yaml", "defaults:\n  speculation: {depth: 3, threshold: 0.3}")
        try scene.places().trustedProjects.trust(scene.project)
        let agent = try AgentDefinition(
            text: "---\ndescription: x\nspeculation: {threshold: 0.4}\nlimits: {steps: 20, seconds: 5}\n---",
            file: "helper.md")
        let resolved = try scene.layers(
            environment: ["FORERUN_MODE": "tools", "FORERUN_SET_LIMITS_TOKENS": "77", "HOME": "/x"],
            flags: [ConfigurationAssignment(set: "limits.money=0.5")]
        ).resolved(for: agent)

        let origins = Dictionary(
            uniqueKeysWithValues: resolved.origins.map { ($0.keyPath, "\($0.value) \($0.origin)") })
        let user = scene.user + "/config.yaml"
        #expect(origins["actor"] == "openai/a \(user):2")
        #expect(origins["speculation.width"] == "2 \(user):4")
        #expect(origins["speculation.depth"] == "3 \(scene.project)/.forerun/config.yaml:2")
        #expect(origins["speculation.threshold"] == "0.4 helper.md:3")
        #expect(origins["speculation.mode"] == "tools FORERUN_MODE")
        #expect(origins["limits.steps"] == "20 helper.md:4")
        #expect(origins["limits.seconds"] == "9 \(user):10")
        #expect(origins["limits.tokens"] == "77 FORERUN_SET_LIMITS_TOKENS")
        #expect(origins["limits.money"] == "0.5 --set limits.money=0.5")
        #expect(origins["speculation.maxExtraCost.ratio"] == "1 built-in")
        #expect(origins["endpoints.openai.key"] == "env:OPENAI_API_KEY built-in")
        #expect(resolved.settings.limits == .init(steps: 20, seconds: 9, tokens: 77, money: 0.5))
        #expect(resolved.ignored.isEmpty)
    }

    @Test func nullEndsWhatLowerLayersSaid() throws {
        #expect(try resolved("defaults: {limits: {steps: null}}").settings.limits.steps == nil)
        #expect(try resolved("defaults:\nagents:\nui:").settings == AgentSettings())
        #expect(try resolved("").settings == AgentSettings())
    }

    @Test func anActorNamedHigherUpPlaysAllRoles() throws {
        let scene = try Scene()
        let agent = try AgentDefinition(
            text: "---\ndescription: x\nactors: {white: a/b, black: a/c}\n---", file: "two.md")
        let resolved = try scene.layers(environment: ["FORERUN_ACTOR": "z/y"]).resolved(for: agent)
        #expect(try resolved.actor(of: "white").first.description == "z/y")
        #expect(try resolved.actor(of: "black").first.description == "z/y")
    }

    @Test func aSpeculatorNamedHigherUpIsTheOneAsked() throws {
        let scene = try Scene()
        let named = try AgentDefinition(
            text:
                "---\ndescription: x\nspeculation: {speculators: [{kind: model, model: a/b}, {kind: transition}]}\n---",
            file: "named.md")
        let environment = ["FORERUN_SPECULATOR": "z/y"]
        #expect(
            try scene.layers(environment: environment).resolved(for: named).settings.speculation.namedSpeculators
                == [.model(ModelName("z/y")), .transition])
        let none = try AgentDefinition(text: "---\ndescription: x\n---", file: "none.md")
        #expect(
            try scene.layers(environment: environment).resolved(for: none).settings.speculation.namedSpeculators
                == [.model(ModelName("z/y"))])
        let open = try AgentDefinition(
            text: "---\ndescription: x\nspeculation: {speculators: [{kind: model}, {kind: transition}]}\n---",
            file: "open.md")
        #expect(try scene.layers().resolved(for: open).settings.speculation.namedSpeculators == [.transition])
    }

    @Test func aMissingActorIsNamedWithItsRemedy() throws {
        let agent = try AgentDefinition(text: "---\ndescription: x\n---", file: "lone.md")
        let resolved = try Scene().layers().resolved(for: agent)
        #expect(
            complaint { try resolved.actor(of: "actor") } == "agent “lone” has no actor. Name a model: "
                + "--actor endpoint/model, FORERUN_ACTOR, or defaults.actor in config.yaml")
        #expect(
            complaint { try resolved.actor(of: "white") }.hasPrefix("agent “lone” has no actor for the role “white”"))
    }

    @Test(
        arguments: [
            ("speculation.width=4", "4"), ("speculation.speculators=[{kind: transition}]", "[{kind: transition}]"),
            ("permissions.run_command=deny", "deny"), ("endpoints.\"my.box\".baseURL=http://h:1/v1/", "http://h:1/v1"),
            ("endpoints.box.models.\"q2.5\".price.input=0.5", "0.5"), ("ui.color=never", "never"),
        ])
    func anyKeyCanBeSet(text: String, value: String) throws {
        let flag = try ConfigurationAssignment(set: text)
        let resolved = try Scene().layers(flags: [flag]).resolved()
        #expect(resolved.origins.contains { $0.value == value && $0.origin == .flag("--set \(text)") })
    }

    @Test(
        arguments: [
            ("width", "--set width: “width” sets nothing. Write --set key.path=value"),
            ("=3", "--set =3: “=3” sets nothing. Write --set key.path=value"),
            ("a..b=3", "--set a..b=3: “a..b=3” sets nothing. Write --set key.path=value"),
            (
                "speculation.widht=3",
                "--set speculation.widht=3: unknown key “widht” in speculation. Did you mean “width”?"
            ),
            (
                "sepculation.width=3",
                "--set sepculation.width=3: unknown key “sepculation”. Did you mean “speculation”?"
            ),
            (
                "limits.steps=0",
                "--set limits.steps=0: limits.steps must be a whole number from 1 to 1000000, not 0"
            ),
            ("speculation=full", "--set speculation=full: speculation must be keys with values, not “full”"),
            (
                "speculation.width.x=3",
                "--set speculation.width.x=3: speculation.width must be a whole number from 1 to 16, not “{x: 3}”"
            ),
        ])
    func whatCannotBeSetIsExplained(text: String, expected: String) {
        #expect(
            complaint { try Scene().layers(flags: [ConfigurationAssignment(set: text)]).resolved() } == expected)
    }

    @Test func variablesAreCheckedToo() throws {
        let scene = try Scene()
        #expect(
            complaint { try scene.layers(environment: ["FORERUN_SET_LIMITS_MONY": "1"]) }
                == "FORERUN_SET_LIMITS_MONY: the variable FORERUN_SET_LIMITS_MONY sets nothing. "
                + "Did you mean “FORERUN_SET_LIMITS_MONEY”?")
        #expect(
            complaint { try scene.layers(environment: ["FORERUN_MODE": "fast"]).resolved() }
                == "FORERUN_MODE: speculation.mode must be off, observe, tools or full, not “fast”")
        let resolved = try scene.layers(
            environment: ["FORERUN_SET_SPECULATION_MAX_EXTRA_COST_RATIO": "2", "FORERUN_SET_SPECULATION_DEPTH": ""]
        ).resolved()
        #expect(resolved.settings.speculation.policy.maxExtraCost.ratio == 2)
        #expect(resolved.settings.speculation.policy.depth == SpeculationPolicy().depth)
    }

    @Test(
        arguments: [
            (
                "endpoint: {}", ":1: unknown key “endpoint”. Did you mean “endpoints”?"
            ),
            (
                "endpoints:\n  x:\n    baseUrl: http://h",
                ":3: unknown key “baseUrl” in endpoints.x. Did you mean “baseURL”?"
            ),
            (
                "endpoints: {x: {baseURL: localhost}}",
                ":1: endpoints.x.baseURL must be an address that begins with http:// or https://, not “localhost”"
            ),
            (
                "endpoints: {x: {key: sk-123}}",
                ":1: endpoints.x.key must be env:NAME, file:PATH or none; a key never stands in a configuration"
            ),
            (
                "endpoints: {x: {preset: opnai}}",
                ":1: endpoints.x.preset must be openai, anthropic, openrouter, groq, deepseek, mistral, gemini, azure, ollama, lmstudio, "
                    + "llamacpp, vllm or litellm, not “opnai”. Did you mean “openai”?"
            ),
            (
                "endpoints: {x: {concurrency: 0}}",
                ":1: endpoints.x.concurrency must be a whole number from 1 to 10000, not 0"
            ),
            (
                "endpoints: {x: {models: {m: {price: {inptu: 1}}}}}",
                ":1: unknown key “inptu” in endpoints.x.models.m.price. Did you mean “input”?"
            ),
            ("agents: {coder: {limts: {}}}", ":1: unknown key “limts” in agents.coder. Did you mean “limits”?"),
            ("- a", ":1: the document must be keys with values, not “[a]”"),
        ])
    func mistakesInFilesAreNamedWithTheirPlace(yaml: String, expected: String) {
        let text = complaint { try resolved(yaml) }
        #expect(text.hasSuffix("/home/.config/forerun/config.yaml" + expected))
    }

    @Test func anchorsAreSharedValues() throws {
        let resolved = try resolved("endpoints:\n  a: &a {baseURL: 'http://h/v1', concurrency: 2}\n  b: *a")
        #expect(resolved.origins.contains { $0.keyPath == "endpoints.b.concurrency" && $0.value == "2" })
    }
}
