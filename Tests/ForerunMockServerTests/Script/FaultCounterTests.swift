import Testing

@testable import ForerunMockServer

struct FaultCounterTests {
    @Test func befallsTheRequestsThatItNames() {
        var counter = FaultCounter([
            Fault(.hang, at: .step(1), times: 2), Fault(.half, at: .request(5), times: nil),
            Fault(.garbage, at: .anywhere, times: 1),
        ])
        let met = [1, 0, 0, 1, 1, 1].map { counter.next(step: $0)?.name }
        #expect(met == ["hang", "garbage", nil, "hang", "half", "half"])
    }

    @Test func befallsTheProtocolsAndModelsThatItNames() {
        var counter = FaultCounter([
            Fault(.gzip, times: nil, dialects: [.messages], models: ["a"]), Fault(.br, times: nil, models: ["b"]),
        ])
        #expect(counter.next(model: "a", step: 0, dialect: .chat) == nil)
        #expect(counter.next(model: "a", step: 0, dialect: .messages)?.kind == .gzip)
        #expect(counter.next(model: "b", step: 0, dialect: .messages)?.kind == .br)
    }

    @Test func chancesAreDrawnBySeed() {
        func met(_ seed: Int) -> [Bool] {
            var counter = FaultCounter([Fault(.half, times: nil, probability: 0.3)], seed: seed, name: "m")
            return (0..<1000).map { _ in counter.next(step: 0) != nil }
        }
        #expect(met(1) == met(1))
        #expect(met(1) != met(2))
        #expect((250...350).contains(met(1).count(where: \.self)))
    }
}
