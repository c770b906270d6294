import ForerunRuntime
import Testing

struct LaneChartTests {
    private let bars: [LaneChart.Bar] = [
        .init(lane: .actor, kind: .used, start: 0, end: 4), .init(lane: .ahead, kind: .ahead, start: 1, end: 2),
        .init(lane: .ahead, kind: .cancelled, start: 1, end: 3), .init(lane: .ahead, kind: .unused, start: 2, end: 4),
        .init(lane: .calls, kind: .used, start: 4, end: 4), .init(lane: .actor, kind: .running, start: 4, end: 8),
    ]

    @Test func workIsDrawnAlongTime() {
        let rows = LaneChart(ViewStyle(unicode: false)).rows(bars, from: 0, to: 8, columns: 24)
        #expect(
            rows == [
                "actor   ########>>>>>>>>",
                "calls           #       ",
                "ahead 1   ==----        ",
                "ahead 2   ....          ",
                "        0.00 s    8.00 s",
            ])
    }

    /// What was before the window is cut off, what is after it is not seen.
    @Test func aWindowShowsItsPartOnly() {
        let rows = LaneChart(ViewStyle(unicode: false)).rows(bars, from: 2, to: 6, columns: 24)
        #expect(rows.first == "actor   ########>>>>>>>>")
        #expect(rows.contains { $0.hasPrefix("ahead 1 --------        ") }, "\(rows)")
        #expect(LaneChart(ViewStyle()).rows(bars, from: 2, to: 6, columns: 10).isEmpty)
        #expect(LaneChart(ViewStyle()).rows(bars, from: 2, to: 2, columns: 80).isEmpty)
    }

    @Test(arguments: [16, 17, 40, 79, 200]) func rowsHaveTheirWidth(columns: Int) {
        for row in LaneChart(ViewStyle()).rows(bars, from: 0, to: 7.3, columns: columns) {
            #expect(DisplayText.width(of: row) <= columns, "\(row)")
        }
    }
}
