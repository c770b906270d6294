import ForerunCore
import Testing

@testable import ForerunMockServer

@Suite(.timeLimit(.minutes(20)))
struct RateLimitTests {
    @Test func requestsFillUpEvenly() {
        var meter = RateMeter(RateLimits(requests: 2, window: 60), at: 0)
        #expect(meter.begin(cost: 1, at: 0) == .granted)
        #expect(meter.begin(cost: 1, at: 0) == .granted)
        #expect(meter.begin(cost: 1, at: 0) == .denied("requests per minute", wait: 30))
        #expect(meter.begin(cost: 1, at: 15) == .denied("requests per minute", wait: 15))
        #expect(meter.begin(cost: 1, at: 30) == .granted)
        #expect(meter.begin(cost: 1, at: 1000) == .granted)
        #expect(meter.begin(cost: 1, at: 1000) == .granted)
        #expect(meter.begin(cost: 1, at: 1000) != .granted)
    }

    @Test func tokensAreTaken() {
        var meter = RateMeter(RateLimits(tokens: 100, window: 10), at: 0)
        #expect(meter.begin(cost: 70, at: 0) == .granted)
        #expect(meter.begin(cost: 70, at: 0) == .denied("tokens per minute", wait: 4))
        #expect(meter.begin(cost: 70, at: 4) == .granted)
        // What can never fit is let in when the limit is full.
        #expect(meter.begin(cost: 1000, at: 4) != .granted)
        #expect(meter.begin(cost: 1000, at: 20) == .granted)
    }

    @Test func concurrencyIsGivenBack() {
        var meter = RateMeter(RateLimits(concurrency: 1), at: 0)
        #expect(meter.begin(cost: 1, at: 0) == .granted)
        #expect(meter.begin(cost: 1, at: 0) == .denied("concurrent requests", wait: 0.1))
        meter.finish()
        #expect(meter.begin(cost: 1, at: 0) == .granted)
    }

    @Test func headersSayWhatIsLeft() {
        var meter = RateMeter(RateLimits(requests: 10, tokens: 1000), at: 0)
        #expect(meter.begin(cost: 250, at: 0) == .granted)
        let openAI = Dictionary(
            uniqueKeysWithValues: meter.headers(in: .responses, time: 0).map { ($0.name, $0.value) })
        #expect(
            openAI == [
                "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-requests": "6s", "x-ratelimit-limit-tokens": "1000",
                "x-ratelimit-remaining-tokens": "750", "x-ratelimit-reset-tokens": "15s",
            ])
        let anthropic = Dictionary(
            uniqueKeysWithValues: meter.headers(in: .messages, time: 0).map { ($0.name, $0.value) })
        #expect(
            anthropic == [
                "anthropic-ratelimit-requests-limit": "10", "anthropic-ratelimit-requests-remaining": "9",
                "anthropic-ratelimit-requests-reset": "1970-01-01T00:00:06Z",
                "anthropic-ratelimit-tokens-limit": "1000", "anthropic-ratelimit-tokens-remaining": "750",
                "anthropic-ratelimit-tokens-reset": "1970-01-01T00:00:15Z",
            ])
    }

    @Test func theServerRefusesWhatIsTooMuch() async throws {
        let yaml =
            "models: {actor: {limits: {requests: 1, window: 86400}, turns: [{text: x}]}, b: {turns: [{text: x}]}}"
        try await withServer(yaml) { server in
            let first = try await server.ask(.chat)
            #expect(first.status == 200)
            #expect(first.headers["x-ratelimit-remaining-requests"] == "0")
            let second = try await server.ask(.messages)
            #expect(second.status == 429)
            try #expect(JSON(parsing: second.body)["error"]?["type"] == "rate_limit_error")
            #expect(second.headers["retry-after"].flatMap { Int($0) } ?? 0 > 80_000)
            let other = try await server.ask(.chat, model: "b")
            #expect(other.status == 200)
            #expect(other.headers["x-ratelimit-remaining-requests"] == nil)
        }
    }

    @Test func aClientThatLeavesGivesItsPlaceBack() async throws {
        let yaml = "models: {actor: {limits: {concurrency: 1}, fault: {kind: hang}, turns: [{text: x}]}}"
        try await withServer(yaml) { server in
            do {
                let client = try RawClient(port: server.port)
                try client.send("POST", "/v1/chat/completions", body: question(.chat))
                // The first request holds the only place once the second one is refused.
                while try await server.ask(.chat).status != 429 {}
            }
            while try await server.ask(.chat).status == 429 {}
        }
    }
}
