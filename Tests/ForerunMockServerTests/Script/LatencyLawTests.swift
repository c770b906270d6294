import ForerunMockServer
import Testing

struct LatencyLawTests {
    @Test(arguments: LatencyLaw.Law.allCases)
    func hasItsMean(law: LatencyLaw.Law) {
        let latency = LatencyLaw(law, mean: 2, sigma: 0.4)
        var generator = SplitMix64(seed: 7)
        let draws = (0..<20_000).map { _ in latency.draw(from: &generator) }
        let mean = draws.reduce(0, +) / Double(draws.count)
        #expect(abs(mean - 2) < 0.05)
        #expect(draws.allSatisfy { $0 > 0 && $0.isFinite })
        #expect((Set(draws).count == 1) == (law == .fixed))
    }
}
