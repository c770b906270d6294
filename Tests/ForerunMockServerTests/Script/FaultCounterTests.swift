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
}
