package import ForerunTransport

/// What the header of a response says of the rate limits that its request counted for.
///
/// OpenAI's fields (`x-ratelimit-limit-requests`, also Groq's, Azure's and of gateways), Anthropic's
/// (`anthropic-ratelimit-requests-limit`), and the plain ones of OpenRouter (`x-ratelimit-limit`).
package struct RateReading: Sendable, Hashable {
    /// How far one limit is used up.
    package struct Level: Sendable, Hashable {
        package var limit: Int
        package var remaining: Int
        /// Seconds until it is whole again if nothing more is asked.
        package var reset: Double

        package init(limit: Int, remaining: Int, reset: Double) {
            self.limit = limit
            self.remaining = remaining
            self.reset = reset
        }

        var share: Double { Double(remaining) / Double(max(1, limit)) }
    }

    package var requests: Level?
    /// The one that is used up furthest, where input and output are limited apart.
    package var tokens: Level?
    /// Seconds for which the endpoint wants no requests at all.
    package var wait: Double?

    /// `nil`: it says nothing.
    ///
    /// - Parameter now: seconds since 1970. Moments count from the response's own date, where it has one: clocks differ.
    package init?(_ response: HTTPResponse, now: Double) {
        // Most servers say nothing, and nobody waits for that.
        let isRefused = [429, 503, 529].contains(response.status)
        guard isRefused || response.headerContains("ratelimit") else { return nil }
        let sent = response[header: "date"].flatMap(HTTPDate.seconds).map(Double.init) ?? now
        requests =
            Self.level(response, "x-ratelimit-", "-requests", sent) ?? Self.anthropic(response, "requests", sent)
            ?? Self.level(response, "x-ratelimit-", "", sent)
        let tokens = [
            Self.level(response, "x-ratelimit-", "-tokens", sent), Self.anthropic(response, "tokens", sent),
            Self.anthropic(response, "input-tokens", sent), Self.anthropic(response, "output-tokens", sent),
        ]
        self.tokens = tokens.compactMap(\.self).min { $0.share < $1.share }
        if isRefused {
            wait = RetryAfter.seconds(response, now: Int(sent)) ?? (response.status == 429 ? 1 : nil)
        }
        if requests == nil, self.tokens == nil, wait == nil { return nil }
    }

    private static func level(_ response: HTTPResponse, _ prefix: String, _ kind: String, _ now: Double) -> Level? {
        level(
            response[header: "\(prefix)limit\(kind)"], response[header: "\(prefix)remaining\(kind)"],
            response[header: "\(prefix)reset\(kind)"], now)
    }

    private static func anthropic(_ response: HTTPResponse, _ kind: String, _ now: Double) -> Level? {
        let prefix = "anthropic-ratelimit-\(kind)-"
        return level(
            response[header: prefix + "limit"], response[header: prefix + "remaining"],
            response[header: prefix + "reset"], now)
    }

    private static func level(_ limit: String?, _ remaining: String?, _ reset: String?, _ now: Double) -> Level? {
        guard let limit = limit.flatMap(whole), let remaining = remaining.flatMap(whole), limit > 0 else { return nil }
        return Level(
            limit: limit, remaining: max(0, min(remaining, limit)),
            reset: reset.flatMap { seconds($0, now: now) } ?? 60)
    }

    private static func whole(_ text: String) -> Int? {
        guard let number = Double(text), number.isFinite, number >= 0, number < 1e15 else { return nil }
        return Int(number)
    }

    /// Seconds from now: a duration as Go writes it (`6m0s`, `12ms`), a number of seconds, a moment in seconds or
    /// milliseconds since 1970, or one as RFC 3339 writes it.
    static func seconds(_ text: String, now: Double) -> Double? {
        if let number = Double(text) {
            guard number.isFinite, number >= 0 else { return nil }
            if number > 1e11 { return max(0, number / 1000 - now) }
            return number > 1e9 ? max(0, number - now) : number
        }
        if let duration = RetryAfter.duration(text[...]) { return duration }
        return RetryAfter.timestamp(text).map { max(0, $0 - now) }
    }
}
