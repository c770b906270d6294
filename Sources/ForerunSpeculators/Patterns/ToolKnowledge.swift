package import ForerunCore
import OrderedCollections

/// What was learnt about a tool: the names of the arguments that it was called with.
struct ToolKnowledge: Sendable {
    struct ArgumentSet: Sendable {
        let names: [String]
        let hashes: [FeatureHash]
        var count: Int

        init(_ names: [String], count: Int) {
            self.names = names
            hashes = names.map { Naming.name($0) }
            self.count = count
        }
    }

    static let setLimit = 32

    let name: String
    let hash: FeatureHash
    /// The most frequent first; of equals the one first seen.
    private(set) var sets: [ArgumentSet] = []

    init(name: String) {
        self.name = name
        hash = Naming.name(name)
    }

    /// Learns that the tool was called with these arguments, in this order.
    mutating func count(_ names: [String], times: Int = 1) {
        guard var index = sets.firstIndex(where: { $0.names == names }) else {
            if sets.count == Self.setLimit { sets.removeLast() }
            return sets.append(ArgumentSet(names, count: times))
        }
        sets[index].count += times
        while index > 0, sets[index].count > sets[index - 1].count {
            sets.swapAt(index, index - 1)
            index -= 1
        }
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
