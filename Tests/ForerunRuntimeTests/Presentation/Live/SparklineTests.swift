import ForerunRuntime
import Testing

struct SparklineTests {
    @Test func valuesBecomeBars() {
        #expect(Sparkline.text([0, 0.5, 1, -1], ViewStyle()) == "▁▅█▁")
        #expect(Sparkline.text([0, 0.5, 1, -1], ViewStyle(unicode: false)) == "_+@_")
        #expect(Sparkline.text([.nan, .infinity, 1], ViewStyle()) == "▁▁█")
        #expect(Sparkline.text([Double](), ViewStyle()) == "")
    }

    @Test func sharesFillABar() {
        #expect(Sparkline.bar(0.5, columns: 4, ViewStyle()) == "██░░")
        #expect(Sparkline.bar(0.001, columns: 4, ViewStyle(unicode: false)) == "#...")
        #expect(Sparkline.bar(0.999, columns: 4, ViewStyle(unicode: false)) == "###.")
        #expect(Sparkline.bar(7, columns: 4, ViewStyle(unicode: false)) == "####")
        #expect(Sparkline.bar(.nan, columns: 4, ViewStyle(unicode: false)) == "....")
    }
}
