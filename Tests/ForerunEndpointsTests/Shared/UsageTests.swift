import ForerunCore
import Testing

@testable import ForerunEndpoints

/// What servers say that a request used.
struct UsageTests {
    @Test(arguments: [("0", 0), ("1000000000000", 1_000_000_000_000)])
    func countsAreCounts(text: String, count: Int) throws { #expect(try JSON(parsing: text).countValue == count) }

    /// Sums of them must not overflow, and lower no bill.
    @Test(arguments: ["-1", "9223372036854775807", "1e300", "1.5", "\"7\"", "null"])
    func whatNoRequestCanHaveUsedWasNotReported(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(json.countValue == nil)
        #expect(Usage(completions: ["prompt_tokens": json]) == nil)
        #expect(Usage(responses: ["input_tokens": 5, "output_tokens": json]) == Usage(input: 5))
        var anthropic = AnthropicUsage()
        anthropic.take(["input_tokens": json, "cache_read_input_tokens": 3])
        #expect(anthropic.total == Usage(input: 3, cached: 3))
    }
}
