import Testing

@testable import ForerunCore

struct RetryPolicyTests {
    private let failure = ModelFailure(.server, "down")

    @Test(arguments: [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (6, 8), (60, 8), (99, 8)])
    func waitsDoubleUpToTheCap(attempt: Int, longest: Double) throws {
        let policy = RetryPolicy(attempts: 100)
        let waits = try (0..<101).map { try #require(policy.wait(before: attempt, after: failure, turn: $0)) }
        // Jitter takes away less than a quarter, in 101 steps, each of which some turn meets.
        #expect(waits.allSatisfy { $0 > longest * 0.75 && $0 <= longest })
        #expect(Set(waits).count == 101)
        #expect(waits.max() == longest)
    }

    @Test func theSameTurnAlwaysWaitsAsLong() {
        let policy = RetryPolicy()
        for turn in [0, 7, Int.max] {
            #expect(
                policy.wait(before: 2, after: failure, turn: turn) == policy.wait(before: 2, after: failure, turn: turn)
            )
        }
        #expect(policy.wait(before: 2, after: failure, turn: 1) != policy.wait(before: 2, after: failure, turn: 2))
    }

    @Test(arguments: [0, 1, 2, 4])
    func givesUpAfterItsAttempts(attempts: Int) {
        let policy = RetryPolicy(attempts: attempts)
        let waits = (1...6).map { policy.wait(before: $0, after: failure, turn: 0) != nil }
        #expect(waits == (1...6).map { $0 < attempts })
    }

    @Test(arguments: [(0, 0), (1.5, 1.5), (119, 119), (120, 120), (-3, 0), (120.5, nil), (1e300, nil)])
    func waitsAsLongAsTheServerAsksWithinItsPatience(asked: Double, wait: Double?) {
        let failure = ModelFailure(.rateLimited, "slow", status: 429, retryAfter: asked)
        #expect(RetryPolicy().wait(before: 1, after: failure, turn: 3) == wait)
        #expect(RetryPolicy().wait(before: 4, after: failure, turn: 3) == nil, "attempts count all the same")
    }

    @Test(arguments: [
        (ModelFailure.Kind.rateLimited, true), (.overloaded, true), (.server, true), (.connection, true),
        (.timedOut, true), (.truncated, true), (.malformed, true), (.quotaExhausted, false), (.authentication, false),
        (.notFound, false), (.invalidRequest, false), (.contextOverflow, false), (.cancelled, false),
    ])
    func kindsDecideUnlessTheServerDoes(kind: ModelFailure.Kind, retries: Bool) {
        for (mayRetry, expected) in [(nil, retries), (true, true), (false, false)] as [(Bool?, Bool)] {
            for retryAfter in [nil, 1.0] {
                let failure = ModelFailure(kind, "", retryAfter: retryAfter, mayRetry: mayRetry)
                #expect((RetryPolicy().wait(before: 1, after: failure, turn: 0) != nil) == expected)
            }
        }
    }
}
