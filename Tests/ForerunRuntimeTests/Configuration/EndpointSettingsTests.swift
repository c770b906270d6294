import ForerunCore
import Testing

@testable import ForerunRuntime

struct EndpointSettingsTests {
    /// What is set of an endpoint, as `key = value`.
    private func shown(_ endpoint: String, _ resolved: ResolvedConfiguration) -> [String] {
        let prefix = "endpoints.\(endpoint)."
        return resolved.origins.filter { $0.keyPath.hasPrefix(prefix) && $0.value != "none" }
            .map { "\($0.keyPath.dropFirst(prefix.count)) = \($0.value)" }
    }

    @Test func presetsAreThereAndCanBeTheBaseOfOthers() throws {
        let resolved = try resolved(
            """
            endpoints:
              work: {concurrency: 3, key: env:WORK_KEY, preset: openai}
              openai: {timeouts: {idle: 20}}
            """)
        #expect(
            shown("work", resolved) == [
                "preset = openai", "baseURL = https://api.openai.com/v1", "protocol = chat", "key = env:WORK_KEY",
                "concurrency = 3", "timeouts.connect = 10", "timeouts.idle = 300",
                "maxTokensField = max_completion_tokens", "sendsStreamOptions = true", "sendsTemperature = true",
                "parallelCalls = true", "traceContext = false",
            ])
        #expect(shown("openai", resolved).contains("timeouts.idle = 20"))
        #expect(shown("openai", resolved).contains("key = env:OPENAI_API_KEY"))
        #expect(shown("ollama", resolved).contains("concurrency = 1"))
        #expect(
            complaint { try resolved.configuration.endpoint(of: ModelName(endpoint: "work", model: "m")) } == "no error"
        )
    }

    @Test func everyKeyIsRead() throws {
        let resolved = try resolved(
            """
            endpoints:
              box:
                baseURL: https://box.example/v1/
                key: file:~/box.key
                keyHeader: api-key
                concurrency: 4
                headers: {x-team: blue}
                timeouts: {connect: 1, idle: 2.5}
                maxTokensField: max_completion_tokens
                sendsStreamOptions: false
                sendsTemperature: false
                parallelCalls: false
                protocol: responses
                query: {api-version: v1}
                models: {m: {reasoning: {effort: high, budget: 2048, echo: false}}}
            """)
        #expect(
            shown("box", resolved) == [
                "baseURL = https://box.example/v1", "protocol = responses", "key = file:~/box.key",
                "keyHeader = api-key", "concurrency = 4", "headers.x-team = •••", "query.api-version = •••",
                "timeouts.connect = 1", "timeouts.idle = 2.5", "maxTokensField = max_completion_tokens",
                "sendsStreamOptions = false", "sendsTemperature = false", "parallelCalls = false",
                "traceContext = false",
                "models.m.reasoning.effort = high", "models.m.reasoning.budget = 2048",
                "models.m.reasoning.echo = false",
            ])
    }

    @Test func unknownProtocolsAreRefusedWithThoseThereAre() {
        #expect(
            complaint { try resolved("endpoints: {x: {baseURL: 'http://h', protocol: mesages}}") }
                .contains("endpoints.x.protocol must be chat, responses, anthropic or completions, not “mesages”"))
    }

    @Test func pricesAreRead() throws {
        let configuration = try resolved(
            "endpoints: {x: {baseURL: 'http://h', models: {m: {price: {input: 2, cached: 0.5, output: 8, currency: EUR}}, n: {}}}}"
        ).configuration
        let tariff = try #require(configuration.endpoints["x"]?.models["m"]?.tariff)
        #expect(tariff.currency == "EUR")
        #expect(tariff.price == Price(input: 2, cached: 0.5, output: 8, currency: "EUR"))
        #expect(configuration.endpoints["x"]?.models["n"] == .init(tariff: nil))
    }

    @Test func unknownEndpointsAreExplained() throws {
        let configuration = try resolved("endpoints: {mine: {concurrency: 2}}").configuration
        #expect(
            complaint { try configuration.endpoint(of: ModelName(endpoint: "opnai", model: "m")) }
                == "unknown endpoint “opnai” in opnai/m. Did you mean “openai”?")
        #expect(
            complaint { try configuration.endpoint(of: ModelName(endpoint: "warehouse", model: "m")) }
                == "unknown endpoint “warehouse” in warehouse/m. Define it as endpoints.warehouse in config.yaml")
        #expect(
            complaint { try configuration.endpoint(of: ModelName(endpoint: "mine", model: "m")) }
                == "endpoint “mine” has no baseURL. Set endpoints.mine.baseURL or endpoints.mine.preset in config.yaml")
    }

    @Test func secretsAreNotShown() throws {
        let resolved = try resolved("endpoints: {a: {headers: {x-key: secret}, key: env:TEAM_KEY}}")
        let shown = resolved.origins.filter { $0.keyPath.hasPrefix("endpoints.a.") && $0.origin != .builtIn }
        #expect(shown.map(\.value) == ["env:TEAM_KEY", "•••"])
    }
}
