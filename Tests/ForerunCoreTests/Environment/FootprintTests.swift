import ForerunTesting
import Testing

@testable import ForerunCore

struct FootprintTests {
    @Test(
        arguments: [
            ("a", "a", true), ("a", "b", false), ("a", "ab", false), ("src/a", "src/b", false),
            ("src/", "src/a", true), ("src/", "src/deep/a", true), ("src/", "src", true), ("src/", "src/", true),
            ("src/", "src/deep/", true), ("src/", "srcs/a", false), ("src/", "other/", false), ("src", "src/a", false),
            ("/", "/a", true),
        ])
    func aDirectoryStandsForEverythingBelowIt(left: String, right: String, expected: Bool) {
        #expect(Footprint.resources([left]).intersects(.resources([right])) == expected)
        #expect(Footprint.resources([right]).intersects(.resources([left])) == expected)
    }

    @Test func oneCommonResourceIsEnough() {
        let left = Footprint.resources(["a", "b", "src/"])
        #expect(left.intersects(.resources(["x", "b"])))
        #expect(left.intersects(.resources(["x", "src/y"])))
        #expect(!left.intersects(.resources(["x", "y"])))
        #expect(!left.intersects(.resources([])))
    }

    @Test func nothingMeetsNothingAndEverythingMeetsAllElse() {
        let some = Footprint.resources(["a"])
        for other in [Footprint.nothing, some, .everything] {
            #expect(!Footprint.nothing.intersects(other))
            #expect(!other.intersects(.nothing))
        }
        #expect(Footprint.everything.intersects(.everything))
        #expect(Footprint.everything.intersects(some))
        #expect(some.intersects(.everything))
    }

    /// Against what a footprint means: paths of which one is the other, or lies below it.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func intersectionIsSymmetricAndMeansWhatItSays(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let files = ["a", "b", "src", "src/a", "src/b", "src/deep/a"]
        let names = files + ["src/", "src/deep/", "b/"]
        func some(_ random: inout SeededGenerator) -> Set<String> {
            Set(names.filter { _ in Int.random(in: 0..<5, using: &random) == 0 })
        }
        /// Every path of this little world that a name stands for; the directory itself is one.
        func paths(_ set: Set<String>) -> Set<String> {
            Set(
                set.flatMap { name in
                    name.hasSuffix("/")
                        ? (files + ["src/deep", "b"]).filter { ($0 + "/").hasPrefix(name) } : [name]
                })
        }
        for _ in 0..<50 {
            let (left, right) = (some(&random), some(&random))
            let answer = Footprint.resources(left).intersects(.resources(right))
            #expect(answer == Footprint.resources(right).intersects(.resources(left)))
            #expect(answer == !paths(left).isDisjoint(with: paths(right)), "\(left) and \(right)")
        }
    }
}
