import ForerunCore
import ForerunStore
import Testing

@testable import ForerunRuntime

struct ExitStatusTests {
    @Test func theCodesAreThoseThatAreDocumented() {
        #expect(ExitStatus.all.map(\.code) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 130])
        #expect(ExitStatus.table.split(separator: "\n").count == 10)
    }

    @Test func endsOfRuns() {
        #expect(ExitStatus(.finished).code == 0)
        #expect(ExitStatus(.finished, isDenied: true).code == 8)
        #expect(ExitStatus(.limit(.money)).code == 5)
        #expect(ExitStatus(.limit(.steps), isDenied: true).code == 5)
        #expect(ExitStatus(.interrupted).code == 130)
        #expect(ExitStatus(.endpointFailed(ModelFailure(.authentication, ""))).code == 4)
        #expect(ExitStatus(.environmentFailed(EnvironmentFailure(.noSpace, ""))).code == 1)
        #expect(ExitStatus(.environmentFailed(EnvironmentFailure(.unavailable, ""))).code == 3)
    }

    @Test(arguments: [
        ModelFailure.Kind.rateLimited, .quotaExhausted, .overloaded, .server, .connection, .timedOut, .truncated,
        .malformed,
        .notFound, .invalidRequest, .contextOverflow,
    ])
    func failuresOfEndpoints(kind: ModelFailure.Kind) {
        #expect(ExitStatus(RunFailure.model(ModelFailure(kind, ""))).code == 6)
    }

    @Test func failuresBeforeARun() {
        #expect(ExitStatus(RunFailure.configuration(ConfigurationError(.unknownKey, ""))).code == 3)
        #expect(ExitStatus(RunFailure.store(StoreError(.noSpace, path: "", message: ""))).code == 1)
        #expect(ExitStatus(RunFailure.store(StoreError(.noHome, path: "", message: ""))).code == 3)
    }

    @Test func comparisons() {
        func status(_ first: RunEnd, _ second: RunEnd, _ differences: [String] = [], isDenied: Bool = false) -> Int32 {
            let comparison = Comparison(
                sequential: Samples.report(first), speculative: Samples.report(second), differences: differences)
            return ExitStatus(comparison, isDenied: isDenied).code
        }
        #expect(status(.finished, .finished) == 0)
        #expect(status(.finished, .finished, ["x"]) == 7)
        #expect(status(.finished, .finished, isDenied: true) == 8)
        #expect(status(.limit(.steps), .limit(.steps)) == 5)
        #expect(status(.limit(.steps), .finished, ["x"]) == 7)
        #expect(status(.interrupted, .interrupted, ["x"]) == 130)
        #expect(status(.finished, .endpointFailed(ModelFailure(.server, "")), ["x"]) == 6)
    }
}
