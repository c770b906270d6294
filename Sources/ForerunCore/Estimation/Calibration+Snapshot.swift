extension Calibration {
    /// Everything that was learnt, to be kept for later runs: `[[source, tool, rank, hits, total], …]`, sorted, and behind
    /// them, with `null` for the tool, what was counted of all tools of a source.
    package var snapshot: JSON {
        .array(
            Self.sorted(byTool).map { Self.row($0.key, .string($0.key.tool), $0.value) }
                + Self.sorted(bySource).map { Self.row($0.key, .null, $0.value) })
    }

    private static func sorted(_ counts: [Key: Counts]) -> [(key: Key, value: Counts)] {
        counts.sorted { ($0.key.source, $0.key.tool, $0.key.rank) < ($1.key.source, $1.key.tool, $1.key.rank) }
    }

    private static func row(_ key: Key, _ tool: JSON, _ counts: Counts) -> JSON {
        [.string(key.source), tool, .int(key.rank), .seconds(counts.hits), .seconds(counts.total)]
    }

    /// Reads a snapshot; rows that make no sense are left out. Earlier versions did not write down what they had counted of
    /// all tools of a source: there, the sum of its tools stands for it.
    package init(snapshot: JSON) {
        self.init()
        for row in snapshot.arrayValue ?? [] {
            guard let fields = row.arrayValue, fields.count == 5, let source = fields[0].stringValue,
                let rank = fields[2].intValue, let hits = fields[3].doubleValue, let total = fields[4].doubleValue,
                rank >= 0, hits >= 0, hits <= total, total <= Self.greatest
            else { continue }
            if let tool = fields[1].stringValue {
                restore(Key(source: source, tool: tool, rank: rank), hits: hits, total: total)
            } else if fields[1] == .null {
                restore(source: source, rank: rank, hits: hits, total: total)
            }
        }
    }
}
