/// What of the committed records is held in memory, and what the latest commits replaced.
///
/// Worlds that were made before a commit go on seeing what was before it: each commit leaves an *undo* until no such
/// world is left.
struct CommittedRecords {
    /// What a commit replaced.
    private struct Undo {
        var records: [RecordKey: RecordChange] = [:]
        /// The ids of the tables in which records came or went.
        var ids: [String: [String]] = [:]
    }

    /// How many commits there were.
    private(set) var epoch = 0
    /// Records that were read or written so far; `removed`: there is none.
    private var records: [RecordKey: RecordChange] = [:]
    /// Ids in the order in which the records were added, of the tables that were asked for.
    private var ids: [String: [String]] = [:]
    /// By the epoch that the commit ended.
    private var undos: [Int: Undo] = [:]

    /// The record as it was at `epoch`; `nil`: not held here.
    func record(_ key: RecordKey, at epoch: Int) -> RecordChange? {
        for past in epoch..<self.epoch {
            if let old = undos[past]?.records[key] { return old }
        }
        return records[key]
    }

    /// The ids of a table as they were at `epoch`; `nil`: not held here.
    func ids(of table: String, at epoch: Int) -> [String]? {
        for past in epoch..<self.epoch {
            if let old = undos[past]?.ids[table] { return old }
        }
        return ids[table]
    }

    /// The records that commits since `epoch` changed.
    func replaced(since epoch: Int) -> Set<RecordKey> {
        (epoch..<self.epoch).reduce(into: []) { $0.formUnion((undos[$1]?.records ?? [:]).keys) }
    }

    mutating func hold(_ record: RecordChange, for key: RecordKey) { records[key] = record }
    mutating func hold(ids: [String], of table: String) { self.ids[table] = ids }

    /// Takes in a commit. The records before it and the ids of their tables must be held.
    mutating func commit(_ changes: RecordChanges) {
        var undo = Undo()
        for key in changes.keys {
            guard let change = changes[key] else { continue }
            let old = records.updateValue(change, forKey: key)
            undo.records[key] = old ?? .removed
            let was = old?.value != nil
            let isThere = change.value != nil
            guard was != isThere, let before = ids[key.table] else { continue }
            if undo.ids[key.table] == nil { undo.ids[key.table] = before }
            if isThere { ids[key.table]?.append(key.id) } else { ids[key.table]?.removeAll { $0 == key.id } }
        }
        undos[epoch] = undo
        epoch += 1
    }

    /// Drops what only worlds older than `oldest` needed.
    mutating func forget(before oldest: Int) {
        for past in undos.keys where past < oldest { undos[past] = nil }
    }
}
