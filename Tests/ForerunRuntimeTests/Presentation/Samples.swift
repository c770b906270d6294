import ForerunCore

@testable import ForerunRuntime

/// Reports to present.
enum Samples {
    static func report(_ end: RunEnd = .finished, seconds: Double = 10, sequential: Double = 15, digest: String = "d")
        -> RunReport
    {
        var statistics = Statistics()
        statistics.turns = 4
        statistics.turnHits = 1
        statistics.calls = 9
        statistics.callHits = 5
        statistics.predicted = 12
        statistics.cancelled = 3
        var ledger = Ledger()
        ledger.usage = Usage(input: 1000, cached: 100, output: 50)
        ledger.wastedSeconds = 1.25
        ledger.wasted = Cost(tokens: 812, money: nil)
        return RunReport(
            end: end, seconds: seconds, statistics: statistics, ledger: ledger, sequentialSeconds: sequential,
            transcript: Transcript([.message("Go."), .turn(Turn(text: "Done."))]), digest: digest,
            experience: Experience())
    }

    static func turn(_ number: Int, isHit: Bool = false, seconds: Double = 1, at time: Double) -> RunNotice {
        .event(
            .turnTaken(
                turn: number, role: "actor", answer: Turn(text: "x"), usage: nil, isHit: isHit, seconds: seconds),
            time: time)
    }

    static func callTaken(
        _ call: Call, work: Int, isHit: Bool, isError: Bool = false, seconds: Double = 1, at time: Double
    ) -> RunNotice {
        .event(
            .callTaken(
                turn: 0, index: 0, call: call, output: Output("out", isError: isError), isHit: isHit, seconds: seconds,
                effect: .readOnly, work: work), time: time)
    }
}
