import ForerunCore
import ForerunEndpoints
import ForerunTesting
import Testing

struct ModelCatalogTests {
    @Test func anthropicsPagesAreFollowed() async throws {
        let server = try LoopbackServer { request, connection in
            let page =
                request.path.contains("after_id=m2")
                ? #"{"data":[{"type":"model","id":"m3"},{"id":"m1"}],"has_more":false,"last_id":"m3"}"#
                : #"{"data":[{"type":"model","id":"m1"},{"id":"m2"}],"has_more":true,"last_id":"m2"}"#
            guard request.path.hasPrefix("/v1/models?"), request.path.contains("limit=1000"),
                request.header.contains("anthropic-version")
            else { return connection.respond(404) }
            connection.respond(200, page)
        }
        defer { server.close() }
        let endpoint = EndpointConfiguration(name: "test", baseURL: server.url + "/v1", wire: .anthropic)
        #expect(try await ModelCatalog.list(at: endpoint) == ["m1", "m2", "m3"])
    }

    /// A server whose pages never end is left.
    @Test func pagesThatNeverEndAreLeft() async throws {
        let server = try LoopbackServer { request, connection in
            connection.respond(200, #"{"data":[{"id":"m"}],"has_more":true,"last_id":"\#(request.path.count)"}"#)
        }
        defer { server.close() }
        let endpoint = EndpointConfiguration(name: "test", baseURL: server.url, wire: .anthropic)
        #expect(try await ModelCatalog.list(at: endpoint) == ["m"])
        #expect(server.counts.requests <= 32)
    }

    static let answers: [(status: Int, body: String, kind: ModelFailure.Kind, message: String)] = [
        (
            200, "<html><title>Hello</title></html>", .malformed,
            "test sent no list of models. The server sent a web page (Hello)"
        ),
        (200, "hello", .malformed, "test sent no list of models. It sent: hello"),
        (200, #"{"ok":true}"#, .malformed, #"test sent no list of models: {"ok":true}"#),
        (401, #"{"error":{"message":"bad key"}}"#, .authentication, "bad key"),
        (404, "<html><title>404 Not Found</title>", .notFound, "The server sent a web page (404 Not Found)"),
    ]

    @Test(arguments: answers)
    func whatIsNoListIsExplained(_ expected: (status: Int, body: String, kind: ModelFailure.Kind, message: String))
        async throws
    {
        let server = try LoopbackServer { _, connection in connection.respond(expected.status, expected.body) }
        defer { server.close() }
        let endpoint = EndpointConfiguration(name: "test", baseURL: server.url)
        let failure = await #expect(throws: ModelFailure.self) { try await ModelCatalog.list(at: endpoint) }
        #expect(failure?.kind == expected.kind)
        #expect(failure?.message == expected.message)
        #expect(failure?.remedy?.isEmpty == false)
    }

    @Test func otherShapesOfListsAreRead() async throws {
        for body in [#"[{"id":"a"}]"#, #"{"models":[{"name":"a"}]}"#, #"{"object":"list","data":[{"id":"a"},{}]}"#] {
            let server = try LoopbackServer { _, connection in connection.respond(200, body) }
            defer { server.close() }
            #expect(try await ModelCatalog.list(at: EndpointConfiguration(name: "t", baseURL: server.url)) == ["a"])
        }
    }
}
