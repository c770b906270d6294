import Testing

@testable import ForerunStore

struct LanePackingTests {
    /// Looks through all rows for each interval.
    private func plain(_ intervals: [(start: Double, end: Double)]) -> [Int] {
        var ends: [Double] = []
        return intervals.map { interval in
            guard let row = ends.firstIndex(where: { $0 <= interval.start }) else {
                ends.append(interval.end)
                return ends.count - 1
            }
            ends[row] = interval.end
            return row
        }
    }

    @Test(arguments: 0..<40)
    func eachTakesTheFirstRowThatIsFree(seed: Int) {
        // A linear congruential generator will do.
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func draw(_ bound: UInt64) -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double((state >> 33) % bound)
        }
        let intervals = (0..<200).map { _ in
            let start = draw(60)
            return (start: start, end: start + draw(12))
        }.sorted { $0.start < $1.start }
        #expect(LanePacking.rows(intervals) == plain(intervals), "seed \(seed)")
    }

    @Test func manyRowsTakeNoTimeToLookThrough() {
        // All at once: looking through the rows would take 1,250 million steps.
        let rows = LanePacking.rows((0..<50_000).map { (start: Double($0), end: 1e9) })
        #expect(rows == Array(0..<50_000))
    }
}
