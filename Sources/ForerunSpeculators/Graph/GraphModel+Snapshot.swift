package import ForerunCore
import OrderedCollections

extension GraphModel {
    private static let version = 1
    /// No count is ever greater: sums of them neither overflow nor become infinite.
    private static let greatest = 1 << 40

    /// Everything that may be kept for later runs: no values but constants that come again and again and look harmless.
    package var snapshot: JSON {
        let contexts = contexts.sorted { $0.key < $1.key }
            .map { name, counts -> JSON in
                [.string(name), .array(counts.sorted { $0.key < $1.key }.map { [.string($0), .seconds($1)] })]
            }
        let arguments = arguments.sorted { $0.key < $1.key }
            .map { name, argument -> JSON in
                let links = argument.links.sorted { $0.key < $1.key }
                    .map { source, link -> JSON in
                        [
                            .string(source), .seconds(link.hits), .seconds(link.there),
                            .array((link.taken + link.offered).map { .seconds($0) }),
                        ]
                    }
                let constants = argument.constants.filter(\.value.isKept)
                    .map { ($0.key.canonicalText, $0.key, $0.value) }.sorted { $0.0 < $1.0 }
                    .map { _, value, constant -> JSON in [value, .int(constant.count), .int(constant.runs)] }
                return [.string(name), .seconds(argument.count), .array(links), .array(constants)]
            }
        return [
            "kind": "forerun.graph", "version": .int(Self.version), "runs": .int(runs), "contexts": .array(contexts),
            "calls": .array(calls.sorted { $0.key < $1.key }.map { [.string($0), .seconds($1)] }),
            "arguments": .array(arguments),
        ]
    }

    /// - Throws: where `snapshot` is of another kind or version, or damaged. It is then best begun anew.
    package init(snapshot: JSON) throws(SnapshotError) {
        self.init()
        guard snapshot["kind"]?.stringValue == "forerun.graph", snapshot["version"]?.intValue == Self.version else {
            throw SnapshotError(description: "no snapshot of a graph of version \(Self.version)")
        }
        runs = try Self.whole(snapshot["runs"])
        calls = try Self.counts(snapshot["calls"])
        for item in snapshot["contexts"]?.arrayValue ?? [] {
            guard let fields = item.arrayValue, fields.count == 2, let name = fields[0].stringValue else {
                throw Self.damaged
            }
            contexts[name] = try Self.counts(fields[1])
        }
        for item in snapshot["arguments"]?.arrayValue ?? [] {
            guard let fields = item.arrayValue, fields.count == 4, let name = fields[0].stringValue else {
                throw Self.damaged
            }
            var argument = Argument(count: try Self.count(fields[1]))
            for item in fields[2].arrayValue ?? [] { try argument.addLink(item) }
            for item in fields[3].arrayValue ?? [] {
                guard let row = item.arrayValue, row.count == 3 else { throw Self.damaged }
                argument.constants[row[0]] = Constant(
                    count: try Self.whole(row[1]), runs: try Self.whole(row[2]), isKept: true)
            }
            arguments[name] = argument
        }
    }

    fileprivate static var damaged: SnapshotError { SnapshotError(description: "the snapshot of a graph is damaged") }

    fileprivate static func count(_ json: JSON?) throws(SnapshotError) -> Double {
        guard let count = json?.doubleValue, count >= 0, count <= Double(greatest) else { throw damaged }
        return count
    }

    private static func whole(_ json: JSON?) throws(SnapshotError) -> Int {
        guard let count = json?.intValue, count >= 0, count <= greatest else { throw damaged }
        return count
    }

    private static func counts(_ json: JSON?) throws(SnapshotError) -> [String: Double] {
        var counts: [String: Double] = [:]
        for item in json?.arrayValue ?? [] {
            guard let pair = item.arrayValue, pair.count == 2, let name = pair[0].stringValue else { throw damaged }
            counts[name] = try count(pair[1])
        }
        return counts
    }
}

extension GraphModel.Argument {
    fileprivate mutating func addLink(_ json: JSON) throws(SnapshotError) {
        guard let fields = json.arrayValue, fields.count == 4, let source = fields[0].stringValue,
            let kinds = fields[3].arrayValue, kinds.count == 2 * GraphModel.Link.kinds
        else { throw GraphModel.damaged }
        var link = GraphModel.Link()
        link.hits = try GraphModel.count(fields[1])
        link.there = try GraphModel.count(fields[2])
        for place in 0..<GraphModel.Link.kinds {
            link.taken[place] = try GraphModel.count(kinds[place])
            link.offered[place] = try GraphModel.count(kinds[GraphModel.Link.kinds + place])
        }
        links[source] = link
    }
}
