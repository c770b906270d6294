extension Ensemble {
    private static let version = 2

    /// Everything that was learnt, to be kept for later runs: `counts` is the snapshot of ``Calibration``, and of each source
    /// in `sources` there are its name, its weights (counts, stated, named, agreed, absent, last), and those of each tool (named,
    /// absent). A weight is a pair of its value and the sum of the squares of its gradients.
    package var snapshot: JSON {
        let sources = members.sorted { $0.key < $1.key }
            .map { source, member -> JSON in
                let all = member.weights
                let tools = member.byTool.sorted { $0.key < $1.key }
                    .map { tool, weights -> JSON in
                        [.string(tool), .array([weights.named, weights.absent].map(\.json))]
                    }
                return [
                    .string(source),
                    .array([all.counts, all.stated, all.named, all.agreed, all.absent, all.last].map(\.json)),
                    .array(tools),
                ]
            }
        return ["version": .int(Self.version), "counts": calibration.snapshot, "sources": .array(sources)]
    }

    /// Reads a snapshot, or one of ``Calibration`` alone, as earlier versions wrote it. What makes no sense is left out.
    package init(snapshot: JSON) {
        guard snapshot["version"]?.intValue == Self.version else {
            self.init(calibration: Calibration(snapshot: snapshot))
            return
        }
        self.init(calibration: Calibration(snapshot: snapshot["counts"] ?? .null))
        for row in snapshot["sources"]?.arrayValue ?? [] {
            guard let fields = row.arrayValue, fields.count == 3, let source = fields[0].stringValue,
                let weights = Self.weights(fields[1], count: 6)
            else { continue }
            var member = Member()
            member.weights = Weights(
                counts: weights[0], stated: weights[1], named: weights[2], agreed: weights[3], absent: weights[4],
                last: weights[5])
            for tool in (fields[2].arrayValue ?? []).prefix(Self.toolLimit) {
                guard let pair = tool.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                    let weights = Self.weights(pair[1], count: 2)
                else { continue }
                member.byTool[name] = ToolWeights(named: weights[0], absent: weights[1])
            }
            members[source] = member
        }
    }

    private static func weights(_ json: JSON, count: Int) -> [Weight]? {
        guard let list = json.arrayValue, list.count == count else { return nil }
        let weights = list.compactMap(Weight.init)
        return weights.count == count ? weights : nil
    }
}

extension Ensemble.Weight {
    fileprivate var json: JSON { [.seconds(value), .seconds(squares)] }

    fileprivate init?(_ json: JSON) {
        guard let pair = json.arrayValue, pair.count == 2, let value = pair[0].doubleValue,
            let squares = pair[1].doubleValue, value.isFinite, squares.isFinite
        else { return nil }
        self.init(value, squares: squares)
    }
}
