import ForerunCore
import ForerunLearning

/// What a replay says to the question whether speculation would help.
package struct ReplayVerdict: Sendable, Hashable {
    package enum Answer: String, Sendable {
        case helps, little, not, nothing
    }

    package let answer: Answer
    /// In one sentence.
    package let sentence: String

    private static let helpful = 0.05
    private static let noticeable = 0.01

    package init(_ report: ReplayReport) {
        let domains = report.domains.filter { !$0.runs.isEmpty }
        let inTurn = domains.reduce(0) { $0 + $1.sequential.seconds }
        let ahead = domains.reduce(0) { $0 + $1.speculative.seconds }
        guard inTurn > 0 else {
            answer = .nothing
            sentence = "Nothing can be said: no run could be replayed, or none took any time."
            return
        }
        guard report.options.mode.runsAhead else {
            answer = .nothing
            sentence = "Nothing ran ahead in this mode: --mode tools or full says what that would save."
            return
        }
        let share = 1 - ahead / inTurn
        answer = share >= Self.helpful ? .helps : share >= Self.noticeable ? .little : .not
        let saving = "\(ReplayFigures.percent(share)) of the time of these runs\(Self.cost(domains))"
        let reason = answer == .helps ? nil : Self.reason(domains, report)
        let beginning =
            switch answer {
            // What no speculator does is no promise.
            case _ where report.options.sources.contains(.oracle): "Perfect guesses would save"
            case .helps: "Speculation would help: it saves"
            case .little: "Speculation would help a little: it saves"
            case .not, .nothing: "Speculation does not pay here: it saves"
            }
        sentence = "\(beginning) \(saving)\(reason.map { "; \($0)" } ?? "")."
    }

    private static func cost(_ domains: [ReplayedDomain]) -> String {
        let tokens = domains.reduce(0) { $0 + $1.speculative.tokens }
        let wasted = domains.reduce(0) { $0 + $1.speculative.wastedTokens }
        guard wasted > 0, tokens > 0 else { return ", at no extra token" }
        return ", at \(ReplayFigures.percent(Double(wasted) / Double(tokens))) more tokens"
    }

    /// The first thing that stands in the way; `nil`: it is not known.
    private static func reason(_ domains: [ReplayedDomain], _ report: ReplayReport) -> String? {
        let calls = domains.reduce(0) { $0 + $1.calls }
        let mayRunAhead = Double(domains.reduce(0) { $0 + $1.callsAhead }) / Double(max(1, calls))
        let inTurn = domains.reduce(0) { $0 + $1.sequential.seconds }
        let perfect = 1 - domains.reduce(0) { $0 + $1.oracle.seconds } / inTurn
        let waiting = domains.reduce(0) { $0 + $1.callShare * $1.sequential.seconds } / inTurn
        var scores = GuessScores()
        for domain in domains { scores += domain.observed.scores }
        let right = Double(scores.calls.three) / Double(max(1, scores.calls.count))
        if calls == 0 { return "there are no calls to run ahead" }
        if mayRunAhead < 0.2 {
            let hint = report.options.assumesContained ? "" : " (see --assume)"
            let share = mayRunAhead > 0 ? "only \(ReplayFigures.percent(mayRunAhead))" : "none"
            return "\(share) of the calls may run ahead\(hint)"
        }
        if report.options.mode == .tools, waiting < 0.05 {
            return
                "only \(ReplayFigures.percent(waiting)) of the time is waiting for calls (see --tool-latency, --mode full)"
        }
        // What perfect guesses save has been said then.
        if report.options.sources.contains(.oracle) { return nil }
        if perfect < helpful { return "even perfect guesses would save only \(ReplayFigures.percent(perfect))" }
        if right < 0.25 {
            let hint = domains.allSatisfy { $0.trainingRuns == 0 } ? " (see --train)" : ""
            let share = right > 0 ? "only \(ReplayFigures.percent(right))" : "none"
            return "\(share) of the calls are among three guesses\(hint)"
        }
        return "perfect guesses would save \(ReplayFigures.percent(perfect))"
    }
}

/// Numbers as people read them.
enum ReplayFigures {
    /// With exactly so many decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let digits = String(Int(scaled))
        guard decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// `18.3 %`
    static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

    /// `18 %` of counts; `–` of none.
    static func percent(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "–" : fixed(100 * Double(part) / Double(whole), 1) + " %"
    }

    static func seconds(_ seconds: Double) -> String { fixed(seconds, seconds < 99.95 ? 2 : 0) + " s" }
}
