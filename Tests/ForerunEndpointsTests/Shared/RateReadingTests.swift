import ForerunTesting
import ForerunTransport
import Testing

@testable import ForerunEndpoints

/// What headers say of rate limits, in the forms that providers use.
struct RateReadingTests {
    /// 2026-11-22T08:49:37Z.
    private static let now = 1_795_337_377.0

    private func reading(_ status: Int, _ headers: String...) async throws -> RateReading? {
        let server = try LoopbackServer { _, connection in connection.respond(status, "{}", headers: headers) }
        defer { server.close() }
        let response = try await HTTPClient.shared.send(HTTPRequest(.get, server.url))
        return RateReading(response, now: Self.now)
    }

    @Test func openAIsFieldsAreUnderstood() async throws {
        let reading = try #require(
            try await reading(
                200, "x-ratelimit-limit-requests: 500", "x-ratelimit-remaining-requests: 499",
                "x-ratelimit-reset-requests: 120ms", "x-ratelimit-limit-tokens: 30000",
                "x-ratelimit-remaining-tokens: 29000", "x-ratelimit-reset-tokens: 6m0s"))
        #expect(reading.requests == RateReading.Level(limit: 500, remaining: 499, reset: 0.12))
        #expect(reading.tokens == RateReading.Level(limit: 30000, remaining: 29000, reset: 360))
        #expect(reading.wait == nil)
    }

    @Test func anthropicsFieldsCountFromTheServersClock() async throws {
        let reading = try #require(
            try await reading(
                200, "Date: Sun, 22 Nov 2026 08:00:00 GMT", "anthropic-ratelimit-requests-limit: 50",
                "anthropic-ratelimit-requests-remaining: 49",
                "anthropic-ratelimit-requests-reset: 2026-11-22T08:00:01Z",
                "anthropic-ratelimit-input-tokens-limit: 1000", "anthropic-ratelimit-input-tokens-remaining: 900",
                "anthropic-ratelimit-input-tokens-reset: 2026-11-22T09:00:10.500+01:00",
                "anthropic-ratelimit-output-tokens-limit: 1000", "anthropic-ratelimit-output-tokens-remaining: 100",
                "anthropic-ratelimit-output-tokens-reset: 2026-11-22T07:00:00-01:00"))
        #expect(reading.requests == RateReading.Level(limit: 50, remaining: 49, reset: 1))
        // The one that is used up furthest.
        #expect(reading.tokens == RateReading.Level(limit: 1000, remaining: 100, reset: 0))
    }

    @Test func gatewaysPlainFieldsMayHoldMoments() async throws {
        let reset = Int((Self.now + 30) * 1000)
        let reading = try #require(
            try await reading(
                200, "X-RateLimit-Limit: 20", "X-RateLimit-Remaining: 25", "X-RateLimit-Reset: \(reset)"))
        #expect(reading.requests == RateReading.Level(limit: 20, remaining: 20, reset: 30))
    }

    @Test(arguments: [
        (429, ["retry-after: 7"], 7.0), (429, ["retry-after-ms: 250"], 0.25), (429, [], 1),
        (529, ["retry-after: 2"], 2), (503, [], nil), (500, ["retry-after: 2"], nil),
        (429, ["retry-after: Sun, 22 Nov 2026 08:49:47 GMT"], 10),
    ])
    func anEndpointThatHasEnoughSaysHowLong(_ status: Int, _ headers: [String], _ wait: Double?) async throws {
        let server = try LoopbackServer { _, connection in connection.respond(status, "{}", headers: headers) }
        defer { server.close() }
        let response = try await HTTPClient.shared.send(HTTPRequest(.get, server.url))
        #expect(RateReading(response, now: Self.now)?.wait == wait)
    }

    @Test(arguments: [
        ["x-ratelimit-limit-requests: many"], ["x-ratelimit-limit-requests: 5"], [],
        ["x-ratelimit-limit-requests: -5", "x-ratelimit-remaining-requests: 1"],
    ])
    func nonsenseSaysNothing(_ headers: [String]) async throws {
        let server = try LoopbackServer { _, connection in connection.respond(200, "{}", headers: headers) }
        defer { server.close() }
        let response = try await HTTPClient.shared.send(HTTPRequest(.get, server.url))
        #expect(RateReading(response, now: Self.now) == nil)
    }

    @Test func timestampsAreMoments() {
        #expect(RetryAfter.timestamp("1970-01-01T00:00:10Z") == 10)
        #expect(RetryAfter.timestamp("1970-01-01T01:00:10.25+01:00") == 10.25)
        for text in ["", "1970-01-01", "1970-01-01T00:00:10", "1970-13-01T00:00:10Z", "1970-01-01T00:00:10+1"] {
            #expect(RetryAfter.timestamp(text) == nil, "\(text)")
        }
    }
}
