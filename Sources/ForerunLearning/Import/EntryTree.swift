/// Log entries that name their parents: which of them lead to where the session is now.
///
/// A log whose chain was interrupted, by damage or where a context was compacted, has several roots; each is a part of the
/// session, in the order of the log.
struct EntryTree {
    private var indices: [String: Int] = [:]
    private var parents: [Int?] = []

    /// The number of entries.
    var count: Int { parents.count }

    /// Adds an entry. The parent must have been added before, as it is in a log that only grows.
    ///
    /// - Returns: its index; `nil` where an entry with this id is there already.
    mutating func add(_ id: String, parent: String?) -> Int? {
        guard indices[id] == nil else { return nil }
        let index = parents.count
        indices[id] = index
        parents.append(parent.flatMap { indices[$0] })
        return index
    }

    /// The root above each entry, by index.
    func roots() -> [Int] {
        var roots: [Int] = []
        roots.reserveCapacity(parents.count)
        // Parents come first, so that one pass is enough.
        for (index, parent) in parents.enumerated() { roots.append(parent.map { roots[$0] } ?? index) }
        return roots
    }

    /// Whether each entry is on the way from its root to the latest entry under that root for which `isEnd` holds.
    ///
    /// Notes of the program may be attached to any earlier entry at any time: they are no ends.
    func kept(isEnd: (Int) -> Bool) -> [Bool] {
        var latest: [Int: Int] = [:]
        for (index, root) in roots().enumerated() where isEnd(index) { latest[root] = index }
        var kept = [Bool](repeating: false, count: parents.count)
        for end in latest.values {
            var current: Int? = end
            while let index = current {
                kept[index] = true
                current = parents[index]
            }
        }
        return kept
    }
}
