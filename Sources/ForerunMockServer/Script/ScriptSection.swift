import Yams

/// One mapping of a script, with the place it came from: values by key, and errors that name file, line and key.
struct ScriptSection {
    let file: String
    /// The keys that lead here; empty at the root.
    let path: String
    private let mapping: Node.Mapping

    init(_ node: Node, file: String, path: String = "", known: [String]?) throws(MockScriptFailure) {
        self.file = file
        self.path = path
        guard let mapping = node.mapping else {
            throw MockScriptFailure(
                file: file, line: node.mark?.line, key: path.isEmpty ? nil : path, message: "expected keys and values")
        }
        self.mapping = mapping
        guard let known else { return }
        for (key, _) in mapping {
            let name = key.string ?? "?"
            guard !known.contains(name) else { continue }
            let remedy =
                Self.nearest(to: name, among: known).map { "Did you mean \($0)?" }
                ?? "Known here: \(known.joined(separator: ", "))"
            throw MockScriptFailure(
                file: file, line: key.mark?.line, key: subpath(name), message: "unknown key", remedy: remedy)
        }
    }

    /// Keys in the order of the file.
    var keys: [String] { mapping.keys.map { $0.string ?? "?" } }

    func subpath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func has(_ key: String) -> Bool { mapping[key] != nil }

    func node(_ key: String) -> Node? { mapping[key] }

    func required(_ key: String) throws(MockScriptFailure) -> Node {
        guard let node = mapping[key] else { throw failure(key, "is missing") }
        return node
    }

    /// A failure at `key`, or at the section itself where it has no such key.
    func failure(_ key: String, _ message: String, remedy: String? = nil) -> MockScriptFailure {
        let line = (mapping[key]?.mark ?? mapping.mark)?.line
        return MockScriptFailure(file: file, line: line, key: subpath(key), message: message, remedy: remedy)
    }

    // MARK: - Values

    func string(_ key: String) throws(MockScriptFailure) -> String? {
        guard let node = mapping[key] else { return nil }
        guard let scalar = node.scalar else { throw failure(key, "expected a text") }
        return scalar.string
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(MockScriptFailure) -> Double? {
        guard let node = mapping[key] else { return nil }
        return try number(node, key, in: range)
    }

    func numbers(_ key: String, in range: ClosedRange<Double>) throws(MockScriptFailure) -> [Double]? {
        guard let node = mapping[key] else { return nil }
        guard let sequence = node.sequence else { return [try number(node, key, in: range)] }
        var result: [Double] = []
        for element in sequence { result.append(try number(element, key, in: range)) }
        return result
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(MockScriptFailure) -> Int? {
        guard let node = mapping[key] else { return nil }
        guard let value = node.scalar.flatMap({ Int($0.string) }) else { throw failure(key, "expected a whole number") }
        guard range.contains(value) else {
            let bounds =
                range.upperBound == .max
                ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
            throw failure(key, "must be \(bounds), is \(value)")
        }
        return value
    }

    func bool(_ key: String) throws(MockScriptFailure) -> Bool? {
        guard let node = mapping[key] else { return nil }
        guard let value = node.scalar.flatMap({ Bool($0.string) }) else { throw failure(key, "expected true or false") }
        return value
    }

    /// One of the names of a closed set.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of type: Choice.Type
    ) throws(MockScriptFailure) -> Choice? where Choice.RawValue == String {
        guard let text = try string(key) else { return nil }
        return try choice(text, key, of: type)
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String, _ key: String, of type: Choice.Type
    ) throws(MockScriptFailure) -> Choice where Choice.RawValue == String {
        if let value = Choice(rawValue: text) { return value }
        throw failure(key, "\"\(text)\" is unknown", remedy: Self.offer(Choice.allCases.map(\.rawValue), for: text))
    }

    /// The elements of a list; one element may be written without the list.
    func list(_ key: String) -> [Node] {
        guard let node = mapping[key] else { return [] }
        return node.sequence.map(Array.init) ?? [node]
    }

    func section(_ key: String, known: [String]?) throws(MockScriptFailure) -> ScriptSection? {
        guard let node = mapping[key] else { return nil }
        return try ScriptSection(node, file: file, path: subpath(key), known: known)
    }

    private func number(_ node: Node, _ key: String, in range: ClosedRange<Double>) throws(MockScriptFailure) -> Double
    {
        guard let value = node.scalar.flatMap({ Double($0.string) }), value.isFinite else {
            throw failure(key, "expected a number")
        }
        guard range.contains(value) else {
            let bounds =
                range.upperBound == .infinity
                ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
            throw failure(key, "must be \(bounds), is \(value)")
        }
        return value
    }

    // MARK: - Suggestions

    static func offer(_ known: [String], for text: String) -> String {
        nearest(to: text, among: known).map { "Did you mean \($0)?" } ?? "Known: \(known.joined(separator: ", "))"
    }

    static func nearest(to text: String, among known: [String]) -> String? {
        let scored = known.map { (name: $0, distance: distance(Array($0.utf8), Array(text.utf8))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, text.utf8.count / 3) ? best.name : nil
    }

    /// Levenshtein's distance.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let cost = min(row[j + 1] + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[b.count]
    }
}
