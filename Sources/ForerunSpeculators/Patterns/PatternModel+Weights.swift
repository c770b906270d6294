import ForerunCore

/// The weights of a snapshot.
extension PatternModel {
    /// A key, a weight and a sum of squares: 16 bytes; and for moments a column.
    private static let entryBytes = 16

    func writeWeights(to writer: inout SnapshotWriter, limit: Int) {
        let rows = moments.sorted
        let outlooks = outlooks.sorted
        let choices = choices.sorted
        let entries = rows.reduce(0) { $0 + $1.entries.count } + outlooks.count + choices.count
        // What learnt least is left out: the sum of squares says how much.
        var least: Float = 0
        if entries * Self.entryBytes > limit {
            let squares =
                (rows.flatMap { $0.entries.map(\.square) } + outlooks.map(\.entry.y) + choices.map(\.entry.y)).sorted()
            let dropped = entries - limit / Self.entryBytes
            least = dropped < squares.count ? squares[dropped].nextUp : .infinity
        }
        let keptRows = rows.map { (feature: $0.feature, entries: $0.entries.filter { $0.square >= least }) }
            .filter { !$0.entries.isEmpty }
        writer.write(keptRows.count)
        for row in keptRows {
            writer.write(row.feature)
            writer.write(row.entries.count)
            for entry in row.entries {
                writer.write(entry.column)
                writer.write(entry.weight)
                writer.write(entry.square)
            }
        }
        for table in [outlooks, choices] {
            let kept = table.filter { $0.entry.y >= least }
            writer.write(kept.count)
            for (key, entry) in kept {
                writer.write(key)
                writer.write(entry.x)
                writer.write(entry.y)
            }
        }
    }

    mutating func readWeights(_ reader: inout SnapshotReader) throws(SnapshotError) {
        for _ in 0..<(try reader.count()) {
            let feature = try reader.number()
            for _ in 0..<(try reader.count()) {
                let column = try reader.count()
                guard column <= tools.count else {
                    throw SnapshotError(description: "the snapshot has weights of a tool that it does not name")
                }
                let weight = try reader.float()
                moments.restore(feature, column: column, weight: weight, square: try reader.float())
            }
        }
        for _ in 0..<(try reader.count()) {
            let key = try reader.number()
            let weight = try reader.float()
            outlooks.restore(key, SIMD2(weight, try reader.float()))
        }
        for _ in 0..<(try reader.count()) {
            let key = try reader.number()
            let weight = try reader.float()
            choices.restore(key, SIMD2(weight, try reader.float()))
        }
    }
}
