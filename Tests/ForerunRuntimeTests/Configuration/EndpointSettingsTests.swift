import FoundationEssentials
import Testing

@testable import ForerunRuntime

struct EndpointSettingsTests {
    @Test func presetsAreThereAndCanBeTheBaseOfOthers() throws {
        let configuration = try resolved(
            """
            endpoints:
              work: {concurrency: 3, key: env:WORK_KEY, preset: openai}
              openai: {timeouts: {idle: 20}}
            """
        ).configuration
        #expect(configuration.endpoints["work"]?.baseURL == "https://api.openai.com/v1")
        #expect(configuration.endpoints["work"]?.concurrency == 3)
        #expect(configuration.endpoints["work"]?.key == .variable("WORK_KEY"))
        #expect(configuration.endpoints["openai"]?.timeouts == .init(connect: 10, idle: 20))
        #expect(configuration.endpoints["openai"]?.key == .variable("OPENAI_API_KEY"))
        #expect(configuration.endpoints["ollama"]?.concurrency == nil)
    }

    @Test func pricesAreReadAndCounted() throws {
        let configuration = try resolved(
            "endpoints: {x: {baseURL: 'http://h', models: {m: {price: {input: 2, cached: 0.5, output: 8, currency: EUR}}, n: {}}}}"
        ).configuration
        let price = try #require(configuration.endpoints["x"]?.models["m"]?.price)
        #expect(price.currency == "EUR")
        #expect(price.cost(input: 1_000_000, cached: 400_000, output: 500_000) == 1.2 + 0.2 + 4)
        #expect(configuration.endpoints["x"]?.models["n"] == .init(price: nil))
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

    @Test func keysComeFromVariablesAndFilesOfTheirOwner() throws {
        let scene = try Scene()
        try scene.write(
            "home/.config/forerun/config.yaml", "endpoints:\n  a: {key: env:A_KEY}\n  b:\n    key: file:~/b.key")
        let resolved = try scene.layers().resolved()
        let home = scene.root + "/home"
        func key(_ endpoint: String, _ environment: [String: String] = [:]) throws -> String? {
            try resolved.key(ofEndpoint: endpoint, environment: environment, home: home)
        }

        #expect(try key("a", ["A_KEY": "secret"]) == "secret")
        #expect(try key("ollama") == nil)
        #expect(
            complaint { try key("a", ["A_KEY": ""]) }
                == "\(scene.user)/config.yaml:2: the key of endpoint “a”: the variable A_KEY is not set. "
                + "Set it (export A_KEY=…), or name another place in endpoints.NAME.key")
        #expect(complaint { try key("b") }.contains("there is no file \(home)/b.key"))
        try scene.write("home/b.key", "\n")
        #expect(complaint { try key("b") }.contains("holds no key"))
        try scene.write("home/b.key", "secret\n")
        #expect(try key("b") == "secret")
        try FileManager.default.setAttributes([.posixPermissions: UInt(0o640)], ofItemAtPath: home + "/b.key")
        #expect(
            complaint { try key("b") }
                == "\(scene.user)/config.yaml:4: the key of endpoint “b”: others can read \(home)/b.key. "
                + "chmod 600 \(home)/b.key")
    }

    @Test func headersCanBeSecretsAndAreNeverShown() throws {
        let scene = try Scene()
        try scene.write(
            "home/.config/forerun/config.yaml", "endpoints: {a: {headers: {x-team: blue, x-key: env:TEAM_KEY}}}")
        let resolved = try scene.layers().resolved()
        let headers = try resolved.headers(ofEndpoint: "a", environment: ["TEAM_KEY": "k"], home: "/")
        #expect(headers.map(\.name) == ["x-team", "x-key"])
        #expect(headers.map(\.value) == ["blue", "k"])
        let shown = resolved.origins.filter { $0.keyPath.hasPrefix("endpoints.a.headers") }.map(\.value)
        #expect(shown == ["•••", "env:TEAM_KEY"])
    }
}
