import Testing

@testable import ForerunMockServer

struct WireTimeTests {
    /// The date of RFC 9110, a leap day, the last second of a century year, and the epoch.
    @Test(arguments: [
        (784_111_777.0, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00Z"),
        (978_307_199, "Sun, 31 Dec 2000 23:59:59 GMT", "2000-12-31T23:59:59Z"),
        (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
    ])
    func dates(seconds: Double, http: String, rfc3339: String) {
        #expect(WireTime.httpDate(seconds) == http)
        #expect(WireTime.rfc3339(seconds) == rfc3339)
    }

    @Test(arguments: [
        (0.0, "0ms"), (0.0121, "13ms"), (1, "1s"), (1.25, "1.25s"), (10, "10s"), (360, "6m0s"), (90.5, "1m30.5s"),
        (3723, "1h2m3s"), (1.005, "1.005s"), (20.1, "20.1s"),
    ])
    func durations(seconds: Double, text: String) { #expect(WireTime.duration(seconds) == text) }
}
