import ForerunCore
import ForerunTesting
import Synchronization
import Testing

@testable import ForerunRuntime

/// A whole run over Anthropic's Messages, against a server that refuses what the real one refuses.
struct AnthropicAgentTests {
    private static let signature = "EqQB/+=="

    private static func stream(_ blocks: [String], stop: String) -> String {
        var events = [
            #"{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":7,"output_tokens":1}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"Hm","signature":"\#(signature)"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
        ]
        for (index, block) in blocks.enumerated() {
            events.append(#"{"type":"content_block_start","index":\#(index + 1),"content_block":\#(block)}"#)
            events.append(#"{"type":"content_block_stop","index":\#(index + 1)}"#)
        }
        events.append(#"{"type":"message_delta","delta":{"stop_reason":"\#(stop)"},"usage":{"output_tokens":5}}"#)
        return (events + [#"{"type":"message_stop"}"#]).map { "data: \($0)\n\n" }.joined()
    }

    private func scene(_ terms: String) throws -> (AgentScene, LoopbackServer) {
        let server = try LoopbackServer { request, connection in
            let body = String(decoding: request.body, as: UTF8.self)
            guard request.path == "/v1/messages", body.contains(#""thinking":{"type":"enabled""#) else {
                return connection.respond(404)
            }
            guard body.contains("tool_result") else {
                let call = #"{"type":"tool_use","id":"t","name":"list_directory","input":{}}"#
                return connection.respond(
                    200, Self.stream([#"{"type":"text","text":"I look."}"#, call], stop: "tool_use"))
            }
            guard
                body.contains(
                    #""content":[{"type":"thinking","thinking":"Hm","signature":"\#(Self.signature)"},{"type":"text""#)
            else {
                return connection.respond(
                    400, #"{"type":"error","error":{"type":"invalid_request_error","message":"Expected thinking"}}"#)
            }
            connection.respond(200, Self.stream([#"{"type":"text","text":"There is a.txt."}"#], stop: "end_turn"))
        }
        let scene = try AgentScene()
        try scene.scene.write(
            "home/.config/forerun/config.yaml",
            """
            endpoints:
              local: {baseURL: "\(server.url)/v1", protocol: anthropic, concurrency: 4, models: {m: {\(terms)}}}
            """)
        return (scene, server)
    }

    @Test func thinkingIsGivenBackAndOnlyToolsRunAhead() async throws {
        let (scene, server) = try scene("reasoning: {budget: 2048}")
        defer { server.close() }
        var request = try scene.request()
        request.keepsSnapshot = true
        let run = try await AgentRuntime().prepare(request)
        #expect(run.mode == .tools)
        #expect(run.started["mode"] == "tools")
        #expect(run.notes.contains { $0.hasPrefix("tools only run ahead: local/m wants its signed thinking back") })
        let report = try await run.run()
        #expect(report.end == .finished, "\(report.end)")
        #expect(report.finalText == "There is a.txt.")
        #expect(report.restriction != nil)
        #expect(report.ledger.usage == Usage(input: 20, cached: 14, output: 10))
        let path = try #require(run.logPath)
        let log = try #require(try FileAccess.text(of: path))
        #expect(log.contains(#""echo":{"model":"local/m""#))
        #expect(try await run.verify().isIdentical)
    }

    @Test func whoeverAsksForToolsIsToldNothing() async throws {
        let (scene, server) = try scene("reasoning: {budget: 2048}")
        defer { server.close() }
        let run = try await AgentRuntime().prepare(try scene.request(settings: "speculation.mode=tools"))
        #expect(run.mode == .tools)
        #expect(run.assembly.restriction == nil)
    }

    @Test func withoutThinkingQuestionsMayBeAskedAhead() async throws {
        let (scene, server) = try scene("price: {input: 1}")
        defer { server.close() }
        let run = try await AgentRuntime().prepare(try scene.request())
        #expect(run.mode == .full)
    }

    @Test func aModelWithoutCallsCannotAct() async throws {
        let scene = try AgentScene()
        let request = try scene.request(settings: "endpoints.local.protocol=completions")
        let failure = await #expect(throws: RunFailure.self) { try await AgentRuntime().prepare(request) }
        let complaint = Complaint(try #require(failure))
        #expect(complaint.cause == "local/m cannot act: plain completions make no calls")
        #expect(complaint.remedy.contains("endpoints.local.protocol"))
    }
}
