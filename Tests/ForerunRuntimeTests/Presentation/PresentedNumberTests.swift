import ForerunRuntime
import Testing

struct PresentedNumberTests {
    @Test(arguments: [
        (0, "0.00 s"), (0.004, "0.00 s"), (1.006, "1.01 s"), (9.99, "9.99 s"), (9.996, "10.0 s"), (59.94, "59.9 s"),
        (99.96, "1:40 min"), (3600, "60:00 min"), (-0.5, "-0.50 s"), (-0.001, "0.00 s"), (.infinity, "–"), (.nan, "–"),
        (1e12, "16666666666:40 min"), (1e300, "–"), (-1e300, "–"),
    ])
    func seconds(value: Double, text: String) { #expect(PresentedNumber.seconds(value) == text) }

    @Test func decimals() {
        #expect(PresentedNumber.fixed(0.0523, 4) == "0.0523")
        #expect(PresentedNumber.fixed(2.999, 2) == "3.00")
        #expect(PresentedNumber.fixed(12.5, 0) == "13")
        #expect(PresentedNumber.plain(3) == "3")
        #expect(PresentedNumber.plain(0.5) == "0.5")
    }

    @Test func counts() {
        #expect(PresentedNumber.count(1, "call") == "1 call")
        #expect(PresentedNumber.share(5, of: 9, "call") == "5 of 9 calls (56 %)")
        #expect(PresentedNumber.share(0, of: 0, "turn") == "0 of 0 turns")
        #expect(PresentedNumber.share(.max, of: 1, "call") == "9223372036854775807 of 1 call (– %)")
    }
}
