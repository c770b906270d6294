package import ForerunCore
import OrderedCollections

/// What was learnt about a tool: the names of the arguments that it was called with.
struct ToolKnowledge: Sendable {
    struct ArgumentSet: Sendable {
        let names: [String]
        let hashes: [FeatureHash]
        /// A multiple of ``ToolKnowledge/unit``.
        var count: Float

        init(_ names: [String], count: Float) {
            self.names = names
            hashes = names.map { Naming.name($0) }
            self.count = count
        }
    }

    static let setLimit = 32

    let name: String
    let hash: FeatureHash
    /// What one more is worth.
    private(set) var unit = FadingUnit()
    /// The most frequent first; of equals the one first seen.
    private(set) var sets: [ArgumentSet] = []
    private var total: Float = 0
    /// How many calls were learnt, none of them faded.
    private(set) var calls = 0

    init(name: String) {
        self.name = name
        hash = Naming.name(name)
    }

    init(name: String, unit: FadingUnit, calls: Int) {
        self.init(name: name)
        self.unit = unit
        self.calls = calls
    }

    /// The share of a set in the calls of the tool.
    @inline(__always)
    func share(ofSet index: Int) -> Float { sets[index].count / total }

    /// Learns that the tool was called with these arguments, in this order.
    ///
    /// - Parameter now: the calls that the model has learnt.
    mutating func count(_ call: some Collection<String>, now: Int32) {
        calls += 1
        let divisor = unit.advance(to: now)
        if divisor != 1 {
            for index in sets.indices { sets[index].count /= divisor }
            total = sets.reduce(0) { $0 + $1.count }
        }
        guard var index = sets.firstIndex(where: { $0.names.elementsEqual(call) }) else {
            return restore(ArgumentSet(Array(call), count: unit.value))
        }
        sets[index].count += unit.value
        total += unit.value
        while index > 0, sets[index].count > sets[index - 1].count {
            sets.swapAt(index, index - 1)
            index -= 1
        }
    }

    /// Puts a set as it was written down, behind those that are there.
    mutating func restore(_ set: ArgumentSet) {
        if sets.count == Self.setLimit { sets.removeLast() }
        sets.append(set)
        total = sets.reduce(0) { $0 + $1.count }
    }
}

/// The tools of an agent, as predictors need them.
package struct PatternTools: Sendable {
    struct Entry: Sendable {
        let name: String
        let hash: FeatureHash
        /// What its schema asks for, for as long as no call was seen.
        let declared: [ToolKnowledge.ArgumentSet]
    }

    let entries: [Entry]

    package init(_ tools: [Tool]) {
        entries = tools.map { tool in
            var names = tool.parameters["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
            if names.isEmpty { names = tool.parameters["properties"]?.objectValue.map { Array($0.keys) } ?? [] }
            let declared = names.isEmpty ? [] : [ToolKnowledge.ArgumentSet(names, count: 1)]
            return Entry(name: tool.name, hash: Naming.name(tool.name), declared: declared)
        }
    }
}
