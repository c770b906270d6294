import ForerunCore
import Testing

@testable import ForerunRuntime

/// What a log keeps of the flags of a run.
struct RepeatedRequestTests {
    private func request(_ flags: [String]) throws -> RunRequest {
        let set = try flags.map { try ConfigurationAssignment(set: $0) }
        return RunRequest(agent: "coder", task: nil, workspace: "/", assignments: set, variables: [:])
    }

    private func keys(_ json: JSON) -> [String] { json["set"]?.arrayValue?.compactMap { $0["key"]?.stringValue } ?? [] }

    private func withheld(_ json: JSON) -> [String] { json["withheld"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    @Test(arguments: [
        ("endpoints.mock.headers.X-Api=S3CRET", [], ["endpoints.mock.headers.X-Api"]),
        ("endpoints.mock.query.code=S3CRET", [], ["endpoints.mock.query.code"]),
        ("endpoints.mock.query={api.key: S3CRET}", [], ["endpoints.mock.query.\"api.key\""]),
        ("endpoints.mock.baseURL=http://user:S3CRET@host/v1", [], ["endpoints.mock.baseURL"]),
        ("endpoints.mock.baseURL=http://host/v1?key=S3CRET", [], ["endpoints.mock.baseURL"]),
        (
            "endpoints.mock={baseURL: 'http://host/v1', concurrency: 4, headers: {X-Api: S3CRET}, query: {code: S3CRET}}",
            ["endpoints.mock.baseURL", "endpoints.mock.concurrency"],
            ["endpoints.mock.headers.X-Api", "endpoints.mock.query.code"]
        ),
        (
            "endpoints={mock: {baseURL: 'https://S3CRET@host', preset: openai}}", ["endpoints.mock.preset"],
            ["endpoints.mock.baseURL"]
        ),
        ("endpoints.mock.key=S3CRET", [], ["endpoints.mock.key"]),
        ("endpoints.mock.apiKey=S3CRET", [], ["endpoints.mock.apiKey"]),
        ("endpoints.mock=S3CRET", [], ["endpoints.mock"]),
        ("endpoints.mock.headers=[S3CRET]", [], ["endpoints.mock.headers"]),
        ("endpoints.mock.baseURL=http://host/v1", ["endpoints.mock.baseURL"], []),
        ("endpoints.mock.key=env:SOME_KEY", ["endpoints.mock.key"], []),
        ("endpoints.token.maxTokensField=max_tokens", ["endpoints.token.maxTokensField"], []),
        ("permissions={run_command: allow}", ["permissions"], []),
    ])
    func whatMayBeSecretIsWithheld(flag: String, set: [String], kept: [String]) throws {
        let json = try request([flag]).repeatable
        #expect(keys(json) == set)
        #expect(withheld(json) == kept)
        #expect(!json.text.contains("S3CRET"))
    }

    @Test func itIsAskedForAgainUntilItIsGiven() throws {
        let flag = "endpoints.mock={concurrency: 4, headers: {a: S3CRET, b: S3CRET}}"
        let started: JSON = ["request": try request([flag, "limits.steps=7"]).repeatable]
        func missing(_ flags: [String]) throws -> [String] {
            let more = try flags.map { try ConfigurationAssignment(set: $0) }
            let (again, withheld) = try RunRequest.repeating(started, adding: more, variables: [:])
            #expect(
                again.assignments.map(\.path.description).starts(with: ["endpoints.mock.concurrency", "limits.steps"]))
            return withheld
        }
        #expect(try missing([]) == ["endpoints.mock.headers.a", "endpoints.mock.headers.b"])
        #expect(try missing(["endpoints.mock.headers.b=S3CRET"]) == ["endpoints.mock.headers.a"])
        #expect(try missing(["endpoints.mock.headers={a: S3CRET, b: S3CRET}"]).isEmpty)
    }

    @Test(arguments: [
        ("endpoints.mock.headers.X-Api=S3CRET", "--set endpoints.mock.headers.X-Api=•••"),
        ("endpoints.mock.baseURL=http://u:S3CRET@h/v1?k=S3CRET", "--set endpoints.mock.baseURL=http://•••@h/v1?•••"),
        ("endpoints.mock={key: S3CRET, concurrency: 4}", "--set endpoints.mock={key: •••, concurrency: 4}"),
        ("endpoints.mock={headers: [S3CRET", "--set endpoints.mock=•••"),
        ("endpoints.mock.key=env:NAME", "--set endpoints.mock.key=env:NAME"),
    ])
    func anOriginShowsNoSecret(flag: String, origin: String) {
        do {
            #expect(try ConfigurationAssignment(set: flag).value.origin.description == origin)
        } catch {
            #expect("\(error)".contains(origin) && !"\(error)".contains("S3CRET"))
        }
    }
}
