import ForerunCore
import ForerunTesting
import Testing

/// `forerun models`.
struct ModelsTests {
    private static func home(_ server: LoopbackServer, _ more: String = "") throws -> TemporaryHome {
        let home = try TemporaryHome()
        try home.configure("endpoints:\n  mine: {baseURL: '\(server.url)/v1'}\n\(more)")
        return home
    }

    @Test func theModelsOfAnEndpointAreListed() async throws {
        let server = try LoopbackServer { request, connection in
            connection.respond(request.path == "/v1/models" ? 200 : 404, #"{"data":[{"id":"b/c"},{"id":"a"}]}"#)
        }
        defer { server.close() }
        let home = try Self.home(server)
        for arguments in [["models", "mine"], ["models"]] {
            let result = try await Program.run(arguments, in: home)
            #expect(result.status == 0, "\(result.error)")
            #expect(result.lines == ["mine/a", "mine/b/c"])
        }
        let json = try JSON(parsing: try await Program.run(["models", "--json"], in: home).output)
        #expect(
            json == [
                "type": "models",
                "endpoints": [
                    ["endpoint": "mine", "models": ["a", "b/c"], "prices": [:], "error": nil, "remedy": nil]
                ],
                "status": 0,
            ])
    }

    @Test func pricesAreSaidAsFarAsTheyAreKnown() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(200, #"{"data":[{"id":"a"},{"id":"long-name"}]}"#)
        }
        defer { server.close() }
        let price =
            "{input: 2, cached: 0.5, output: 8.25, currency: EUR, asOf: May, long: {above: 1000, input: 4, output: 9}}"
        let home = try TemporaryHome()
        try home.configure(
            "endpoints: {mine: {baseURL: '\(server.url)/v1', models: {a: {price: \(price)}}}}")
        let result = try await Program.run(["models", "mine", "--prices"], in: home)
        #expect(
            result.lines == [
                "mine/a          2 EUR in, 0.5 cached, 8.25 out, 4 in above 1000, 9 out (May)",
                "mine/long-name  unknown",
            ])
        let json = try JSON(parsing: try await Program.run(["models", "mine", "--json"], in: home).output)
        #expect(
            json["endpoints"]?.arrayValue?.first?["prices"] == [
                "a": [
                    "input": 2, "cached": 0.5, "output": 8.25, "currency": "EUR", "asOf": "May",
                    "long": ["above": 1000, "input": 4, "output": 9],
                ]
            ])
    }

    static let servers: [(status: Int, body: String, exit: Int32, words: String)] = [
        (401, #"{"error":{"message":"bad key"}}"#, 4, "authentication failed (HTTP 401): bad key"),
        (200, "<html><title>Welcome</title></html>", 6, "The server sent a web page (Welcome)"),
        (404, "<html><title>Nothing here</title>", 6, "The server sent a web page (Nothing here)"),
    ]

    @Test(arguments: servers)
    func whatIsWrongIsSaidWithARemedy(_ expected: (status: Int, body: String, exit: Int32, words: String)) async throws
    {
        let server = try LoopbackServer { _, connection in connection.respond(expected.status, expected.body) }
        defer { server.close() }
        let home = try Self.home(server)
        let result = try await Program.run(["models", "mine"], in: home)
        #expect(result.status == expected.exit)
        #expect(result.output.isEmpty)
        #expect(result.error.contains(expected.words), "\(result.error)")
        #expect(result.error.split(separator: "\n").count == 2)
        let json = try JSON(parsing: try await Program.run(["models", "mine", "--json"], in: home).output)
        #expect(json["status"]?.intValue == Int(expected.exit))
        #expect(json["endpoints"]?.arrayValue?.first?["error"]?.stringValue?.contains(expected.words) == true)
    }

    @Test func deadServersMissingKeysAndUnknownNamesAreToldApart() async throws {
        let home = try TemporaryHome()
        try home.configure("endpoints: {dead: {baseURL: 'http://127.0.0.1:1/v1'}, bare: {concurrency: 2}}\n")
        let dead = try await Program.run(["models", "dead"], in: home)
        #expect(dead.status == 6)
        #expect(dead.error.contains("http://127.0.0.1:1/v1"))
        let keyless = try await Program.run(["models", "anthropic"], in: home)
        #expect(keyless.status == 4)
        #expect(keyless.error.contains("ANTHROPIC_API_KEY"))
        let unknown = try await Program.run(["models", "antropic"], in: home)
        #expect(unknown.status == 3)
        #expect(unknown.error.contains("Did you mean “anthropic”?"))
        let bare = try await Program.run(["models", "bare"], in: home)
        #expect(bare.status == 3)
        #expect(bare.error.contains("has no baseURL"))
        // One that fails does not keep the others from being asked.
        let all = try await Program.run(["models"], in: home)
        #expect(all.status == 6)
        let none = try await Program.run(["models"], in: try TemporaryHome())
        #expect(none.status == 3)
        #expect(none.error.contains("no endpoint is configured"))
    }

    @Test func endpointsAreCompleted() async throws {
        let script = try await Program.run(["--generate-completion-script", "bash"], in: try TemporaryHome())
        #expect(script.output.contains("models"))
        let doctor = try await Program.run(
            ["doctor", "--set", "endpoints.anthropic.models.x.reasoning.budget=2048", "--actor", "anthropic/x"],
            in: try TemporaryHome())
        #expect(doctor.output.contains("look-ahead with anthropic/x: tools only: it wants its signed thinking back"))
    }
}
