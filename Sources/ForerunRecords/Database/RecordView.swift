package import ForerunCore

/// The records as one call sees them in its world: what it reads is noted, what it writes is kept apart until it is done.
package struct RecordView {
    private let database: RecordsDatabase
    private let world: RecordWorld
    /// What the call changed so far.
    package private(set) var changes = RecordChanges()
    private var readResources: Set<String> = []

    init(_ database: RecordsDatabase, _ world: RecordWorld) {
        self.database = database
        self.world = world
    }

    /// What was read, records by their names (`/orders/#W2611340`), whole tables by theirs (`/users/`).
    package var reads: Footprint { readResources.isEmpty ? .nothing : .resources(readResources) }

    /// What was changed.
    package var writes: Footprint { changes.isEmpty ? .nothing : .resources(Set(changes.keys.map(\.resource))) }

    /// The record `id` of a table; `nil`: there is none.
    package mutating func record(_ table: String, _ id: String) throws(ToolStop) -> RecordValue? {
        let key = RecordKey(table, id)
        readResources.insert(key.resource)
        return try current(key)
    }

    /// All records of a table, in the order in which they were added.
    package mutating func records(of table: String) throws(ToolStop) -> [(id: String, record: RecordValue)] {
        readResources.insert(RecordKey.resource(ofTable: table))
        var ids: [String]
        do throws(EnvironmentFailure) { ids = try database.ids(of: table, in: world) } catch { throw .failed(error) }
        let known = Set(ids)
        ids += changes.keys.filter { $0.table == table && !known.contains($0.id) }.map(\.id)
        var result: [(id: String, record: RecordValue)] = []
        for id in ids {
            if let record = try current(RecordKey(table, id)) { result.append((id, record)) }
        }
        return result
    }

    /// Sets a record, or removes it with `nil`.
    package mutating func set(_ table: String, _ id: String, to record: RecordValue?) {
        changes.record(RecordChange(record), of: RecordKey(table, id))
    }

    /// Counts what `other` read as read here.
    mutating func noteReads(of other: RecordView) { readResources.formUnion(other.readResources) }

    private func current(_ key: RecordKey) throws(ToolStop) -> RecordValue? {
        if let change = changes[key] { return change.value }
        do throws(EnvironmentFailure) { return try database.record(key, in: world) } catch { throw .failed(error) }
    }
}
