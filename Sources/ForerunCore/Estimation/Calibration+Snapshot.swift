extension Calibration {
    /// Everything that was learnt, to be kept for later runs: `[[source, tool, rank, hits, total], …]`, sorted.
    package var snapshot: JSON {
        let rows = byTool.sorted {
            ($0.key.source, $0.key.tool, $0.key.rank) < ($1.key.source, $1.key.tool, $1.key.rank)
        }
        return .array(
            rows.map { key, counts in
                [
                    .string(key.source), .string(key.tool), .int(key.rank), .seconds(counts.hits),
                    .seconds(counts.total),
                ]
            })
    }

    /// Reads a snapshot; rows that make no sense are left out.
    package init(snapshot: JSON) {
        self.init()
        for row in snapshot.arrayValue ?? [] {
            guard let fields = row.arrayValue, fields.count == 5, let source = fields[0].stringValue,
                let tool = fields[1].stringValue, let rank = fields[2].intValue, let hits = fields[3].doubleValue,
                let total = fields[4].doubleValue, rank >= 0, hits >= 0, hits <= total,
                total.isFinite
            else { continue }
            restore(Key(source: source, tool: tool, rank: rank), hits: hits, total: total)
        }
    }
}
