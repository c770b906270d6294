import Testing

@testable import ForerunTelemetry

/// What waits is bounded, and what fails is tried again in good time.
struct ExportQueueTests {
    @Test func whatDoesNotFitIsDropped() {
        var queue = ExportQueue(limit: 3)
        for span in Samples.spans(5) { queue.add(span) }
        #expect(queue.count == 3 && queue.offered == 5 && queue.dropped == 2)
        #expect(queue.take(2).map(\.name) == ["chat 1", "chat 2"] && queue.take(2).map(\.name) == ["chat 3"])
        queue.add(Samples.span())
        #expect(queue.count == 1 && queue.dropped == 2)
    }

    @Test func bytesAreBoundedToo() {
        var queue = ExportQueue(limit: 1000)
        var large = Samples.span()
        large.attributes["text"] = .string(String(repeating: "a", count: 3 << 20))
        for _ in 0..<20 { queue.add(large) }
        #expect(queue.count == 10 && queue.dropped == 10)
        // One is always taken, however large.
        #expect(queue.take(100).count == 1 && queue.take(100).count == 1)
        while !queue.take(100).isEmpty {}
        queue.add(large)
        #expect(queue.count == 1)
    }

    @Test func attemptsGetRarerAndEnd() {
        var schedule = RetrySchedule()
        var waits: [Double] = []
        while let wait = schedule.wait(retryAfter: nil, jitter: 0.5) { waits.append(wait) }
        #expect(waits == [1, 2, 4, 8, 16, 16])
        var asked = RetrySchedule()
        #expect(asked.wait(retryAfter: 30, jitter: 0) == 30 && asked.wait(retryAfter: 31, jitter: 0) == nil)
        #expect([408, 429, 500, 502, 503, 504, 400].filter(RetrySchedule.isRetryable) == [429, 502, 503, 504])
    }
}
