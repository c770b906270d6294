import HeapModule

/// Puts intervals onto as few rows as hold them, each onto the first that is free when it begins.
package enum LanePacking {
    private struct Row: Comparable {
        var end: Double
        var number: Int

        static func < (left: Row, right: Row) -> Bool { (left.end, left.number) < (right.end, right.number) }
    }

    /// The row of each interval, from 0. Takes time in proportion to n log n.
    ///
    /// - Parameter intervals: those that begin earlier come first.
    package static func rows(_ intervals: [(start: Double, end: Double)]) -> [Int] {
        var busy = Heap<Row>()
        var free = Heap<Int>()
        var count = 0
        return intervals.map { interval in
            while let row = busy.min, row.end <= interval.start {
                busy.removeMin()
                free.insert(row.number)
            }
            let number = free.popMin() ?? count
            count = max(count, number + 1)
            busy.insert(Row(end: interval.end, number: number))
            return number
        }
    }
}
