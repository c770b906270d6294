import ForerunTesting
import Testing

@testable import ForerunSpeculators

struct WeightTests {
    private static let rate: Float = 0.1

    /// The step that one gradient makes from a sum of squares.
    private static func step(_ gradient: Float, _ squares: Float) -> Float {
        rate * gradient / (squares + WeightTable.epsilon).squareRoot()
    }

    @Test func rowsHoldAWeightForEachClassThatLearnt() {
        var rows = WeightRows(rate: Self.rate)
        rows.widen(to: 3)
        rows.update([7, 8], [0, 0.5, 0])
        rows.update([8], [0, 0, -1])
        #expect(rows.count == 2)
        #expect(rows.scores([7]) == [0, -Self.step(0.5, 0.25), 0])
        #expect(rows.scores([8]) == [0, -Self.step(0.5, 0.25), Self.step(1, 1)])
        #expect(rows.scores([7, 8, 99])[1] == -2 * Self.step(0.5, 0.25))
    }

    @Test func rowsGrowAndMoveTogether() {
        var rows = WeightRows(rate: Self.rate)
        let classes = 40
        rows.widen(to: classes)
        // Class after class, so that every row grows again and again.
        for column in 0..<classes {
            var gradients = [Float](repeating: 0, count: classes)
            gradients[column] = Float(column + 1) / 50
            for feature in 1...600 { rows.update([FeatureHash(feature)], gradients) }
        }
        let expected = (0..<classes).map { column -> Float in
            let gradient = Float(column + 1) / 50
            return -Self.step(gradient, gradient * gradient)
        }
        for feature in [1, 300, 600] { #expect(rows.scores([FeatureHash(feature)]) == expected) }
        var restored = WeightRows(rate: Self.rate)
        for row in rows.sorted {
            for entry in row.entries {
                restored.restore(row.feature, column: entry.column, weight: entry.weight, square: entry.square)
            }
        }
        #expect(restored.width == classes && restored.scores([300]) == expected)
    }

    /// Rows that many classes share are kept in another way than rows of few; sums and steps are the same.
    @Test(arguments: [1, 2, 3])
    func sumsAreThoseOfPlainTables(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func next(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        var rows = WeightRows(rate: Self.rate)
        var plain: [SIMD2<Int>: WeightRows.Entry] = [:]
        var classes = 5
        for _ in 0..<4_000 {
            if next(20) == 0, classes < 300 { classes += next(6) }
            rows.widen(to: classes)
            // Feature 1 is everybody's, others are those of few.
            let features = Array(Set([1, 2 + next(4), 10 + next(200)]))
            var gradients = [Float](repeating: 0, count: classes)
            for _ in 0...next(8) { gradients[next(classes)] = Float(next(9) - 4) / 8 }
            rows.update(features.map { FeatureHash($0) }, gradients)
            for feature in features {
                for (column, gradient) in gradients.enumerated() where gradient != 0 {
                    let new = WeightRows.Entry(column: Int32(column), weight: 0, square: 0)
                    plain[SIMD2(feature, column), default: new].learn(gradient, Self.rate)
                }
            }
        }
        for feature in [1, 3, 50, 100, 209] {
            let expected = (0..<classes).map { plain[SIMD2(feature, $0)]?.weight ?? 0 }
            #expect(rows.scores([FeatureHash(feature)]) == expected, "seed \(seed), feature \(feature)")
            let some = (0..<classes).filter { _ in next(5) == 0 }.map { Int32($0) }
            let asked = rows.scores([FeatureHash(feature)], some)
            #expect(some.allSatisfy { asked[Int($0)] == expected[Int($0)] }, "seed \(seed), feature \(feature)")
        }
        // What is written down and read again is the same.
        var restored = WeightRows(rate: Self.rate)
        for row in rows.sorted {
            for entry in row.entries {
                restored.restore(row.feature, column: entry.column, weight: entry.weight, square: entry.square)
            }
        }
        restored.widen(to: classes)
        #expect(restored.scores([1, 3, 100]) == rows.scores([1, 3, 100]), "seed \(seed)")
    }

    @Test func aGroupIsWeighedOnceAndLearnsTheSumOfItsGradients() {
        var table = WeightTable(rate: Self.rate)
        table.update([1, 2], 0.5)
        var groups = FeatureGroups()
        var asked = 0
        let numbers = table.withView { weights in
            (0..<3).map { _ in
                groups.number(77, weights) {
                    asked += 1
                    $0 += [1, 2, 3]
                }
            }
        }
        #expect(numbers == [0, 0, 0] && asked == 1)
        #expect(groups.scores == [-2 * Self.step(0.5, 0.25)])
        groups.pull([0], 0.25)
        groups.pull([0], 0.5)
        groups.teach(&table, least: 0.01)
        #expect(table.score([3]) == -Self.step(0.75, 0.75 * 0.75))
        let learnt = table.score([1, 2, 3])
        // Nothing is left over, and what nearly cancels is not learnt.
        groups.teach(&table, least: 0.01)
        groups.pull([0], 0.5)
        groups.pull([0], -0.495)
        groups.teach(&table, least: 0.01)
        #expect(table.score([1, 2, 3]) == learnt)
    }

    @Test func stepsNeverGetTooSmallToLearnAChange() {
        var table = WeightTable(rate: Self.rate)
        for _ in 0..<3_000 { table.update([5], 1) }
        let before = table.score([5])
        table.update([5], -1)
        #expect(abs(table.score([5]) - before - Self.step(1, WeightTable.greatestSquares)) < 1e-4)
    }
}

extension WeightTable {
    fileprivate func score(_ features: [FeatureHash]) -> Float {
        withView { view in features.withUnsafeBufferPointer { view.score($0) } }
    }
}
