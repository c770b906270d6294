import Testing

@testable import ForerunCore

struct EstimatesTests {
    private let actor = Estimates.Kind.answer(.endpoint("local"), role: "actor", bytes: 5000)

    private var known: Estimates {
        var estimates = Estimates()
        for number in 1...50 {
            estimates.observe(actor, seconds: 1 + Double(number % 5) / 10)
            estimates.observe(.tool("read"), seconds: 0.01)
            estimates.observe(.prediction(source: "small"), seconds: 0.125)
            estimates.observe(Usage(input: 1000, cached: 500, output: 80), role: "actor")
        }
        return estimates
    }

    @Test func snapshotsComeBack() throws {
        let read = Estimates(snapshot: try JSON(parsing: known.snapshot.text))
        #expect(read.snapshot == known.snapshot)
        for kind in [actor, .tool("read"), .anyTool, .prediction(source: "small")] {
            #expect(abs(read.latency(kind).mean - known.latency(kind).mean) < 1e-4)
            #expect(read.latency(kind).count == 50)
        }
        #expect(read.usage(role: "actor", input: 1000, mostOutput: 4096).cached == 500)
        // It goes on learning: what is new counts as much as before.
        var (a, b) = (known, read)
        a.observe(actor, seconds: 9)
        b.observe(actor, seconds: 9)
        #expect(abs(a.latency(actor).mean - b.latency(actor).mean) < 1e-3)
    }

    @Test(arguments: [
        "{}", #"{"version":2}"#, #"{"version":1,"latencies":[[["tool","a"],1,[[0,-1,1]]],[["tool"],1,[]],7]}"#,
        #"{"version":1,"latencies":[[["tool","a"],1,[[999,1,1]]]],"tokens":[["x",1,-2,3,4],[]]}"#,
        #"{"version":1,"latencies":[[["tool","a"],9223372036854775807,[[9,1,1]]],[["tool","b"],4,[[9,1e308,1]]]]}"#,
        #"{"version":1,"tokens":[["actor",1e-6,1e18,1,1],["b",0,1,1,1],["c",1,1e300,1,1]]}"#,
    ])
    func whatMakesNoSenseIsLeftOut(text: String) throws {
        #expect(Estimates(snapshot: try JSON(parsing: text)) == Estimates())
    }
}
