import ForerunCore
import ForerunMockServer
import Testing

/// Error responses: status, body and advice, as each protocol spells them.
@Suite(.timeLimit(.minutes(20)))
struct ErrorFaultTests {
    private func yaml(_ fault: String) -> String {
        "models: {actor: {fault: \(fault), turns: [{text: A text of some length.}]}}"
    }

    @Test(arguments: [400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504, 529])
    func everyStatusInEveryProtocol(_ status: Int) async throws {
        try await withServer(yaml("{kind: status, status: \(status), times: always}")) { server in
            for dialect in Dialect.allCases {
                let response = try await server.ask(dialect)
                #expect(response.status == status)
                #expect(response.headers["content-type"] == "application/json")
                #expect(!response.headers.keys.contains { $0.hasPrefix("retry-after") })
                let body = try JSON(parsing: response.body)
                #expect(body["error"]?["message"]?.stringValue?.isEmpty == false)
                #expect(body["error"]?["type"]?.stringValue?.isEmpty == false)
                if dialect == .messages {
                    #expect(body["type"] == "error")
                    #expect(body["request_id"]?.stringValue == response.headers["request-id"])
                } else {
                    #expect(body["error"]?["code"] != nil)
                    #expect(response.headers["x-request-id"]?.hasPrefix("req_") == true)
                }
            }
        }
    }

    @Test func adviceComesInEveryForm() async throws {
        func headers(_ advice: String, _ dialect: Dialect = .chat) async throws -> [String: String] {
            let box = Box()
            try await withServer(yaml("{kind: status, status: 429, retry_after: 90.5, \(advice)}")) { server in
                await box.keep(try await server.ask(dialect).headers)
            }
            return await box.headers
        }
        let seconds = try await headers("retry: seconds")
        #expect(seconds["retry-after"] == "91")
        #expect(seconds["retry-after-ms"] == nil)
        let milliseconds = try await headers("retry: ms")
        #expect(milliseconds["retry-after-ms"] == "90500")
        #expect(milliseconds["retry-after"] == nil)
        let dated = try await headers("retry: date")
        let date = try #require(dated["retry-after"])
        #expect(date.hasSuffix(" GMT") && date.count == 29)
        let reset = try await headers("retry: reset")
        #expect(reset["x-ratelimit-reset-requests"] == "1m30.5s")
        #expect(reset["x-ratelimit-remaining-tokens"] == "0")
        #expect(reset["retry-after"] == nil)
        let anthropic = try await headers("retry: [seconds, reset], should_retry: false", .messages)
        #expect(anthropic["retry-after"] == "91")
        #expect(anthropic["x-should-retry"] == "false")
        #expect(anthropic["anthropic-ratelimit-requests-reset"]?.hasSuffix("Z") == true)
        #expect(try await headers("should_retry: true")["x-should-retry"] == "true")
    }

    private actor Box {
        private(set) var headers: [String: String] = [:]
        func keep(_ headers: [String: String]) { self.headers = headers }
    }

    @Test(arguments: Dialect.allCases)
    func proxiesAnswerWithPages(_ dialect: Dialect) async throws {
        try await withServer(yaml("{kind: html_error, status: 503, retry_after: 3}")) { server in
            let response = try await server.ask(dialect)
            #expect(response.status == 503)
            #expect(response.headers["content-type"] == "text/html; charset=utf-8")
            #expect(response.headers["retry-after"] == "3")
            #expect(response.body.hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test(arguments: Dialect.allCases)
    func contextsOverflow(_ dialect: Dialect) async throws {
        try await withServer(yaml("{kind: context_overflow}")) { server in
            let response = try await server.ask(dialect)
            #expect(response.status == 400)
            let error = try JSON(parsing: response.body)["error"]
            if dialect == .messages {
                #expect(error?["message"]?.stringValue?.hasPrefix("prompt is too long") == true)
            } else {
                #expect(error?["code"] == "context_length_exceeded")
            }
        }
    }

    @Test(arguments: Dialect.allCases)
    func streamsReportErrors(_ dialect: Dialect) async throws {
        try await withServer(yaml("{kind: error_event, after: 2, code: oops, message: It broke.}")) { server in
            let response = try await server.ask(dialect)
            #expect(response.status == 200)
            #expect(response.isComplete)
            #expect(response.events.count == 3)
            let last = try JSON(parsing: #require(response.events.last))
            switch dialect {
            case .chat, .completions:
                #expect(last["error"]?["code"] == "oops")
                #expect(last["error"]?["message"] == "It broke.")
            case .responses:
                #expect(last["type"] == "error")
                #expect(last["code"] == "oops")
                #expect(response.body.contains("event: error\n"))
            case .messages:
                #expect(last["type"] == "error")
                #expect(last["error"]?["type"] == "overloaded_error")
                #expect(last["error"]?["message"] == "It broke.")
                #expect(response.body.contains("event: error\n"))
            }
        }
    }

    @Test func responsesFail() async throws {
        try await withServer(yaml("{kind: failed_event, code: server_error}")) { server in
            let response = try await server.ask(.responses)
            let last = try JSON(parsing: #require(response.events.last))
            #expect(last["type"] == "response.failed")
            #expect(last["response"]?["status"] == "failed")
            #expect(last["response"]?["error"]?["code"] == "server_error")
        }
    }

    @Test func requestsNeedTheKey() async throws {
        try await withServer("key: k\nmodels: {actor: {turns: [{text: x}]}}") { server in
            #expect(try await server.ask(.messages).status == 401)
            let client = try RawClient(port: server.port)
            let header = "x-api-key: k\r\nanthropic-version: 2023-06-01\r\n"
            let body = question(.messages)
            #expect(try await client.exchange("POST", "/v1/messages", headers: header, body: body).status == 200)
            let bearer = "authorization: Bearer k\r\n"
            #expect(try await client.exchange("GET", "/v1/models", headers: bearer).status == 200)
            #expect(try await client.exchange("GET", "/v1/models").status == 401)
        }
    }
}
