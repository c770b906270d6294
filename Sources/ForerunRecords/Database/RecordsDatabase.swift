package import ForerunCore
import Synchronization

/// Records in SQLite, JSON by table and id, with worlds that fork in no time.
///
/// A world is a chain of changes over the committed records. Reads look through the chain; a commit writes what the
/// world changed in one SQLite transaction. Records are held in memory once they were read. A database belongs to one
/// environment: what other processes write to its file is not noticed.
package final class RecordsDatabase: Sendable {
    let store: RecordStore
    private let state: Mutex<State>

    struct State {
        var committed = CommittedRecords()
        /// Digests of committed records by table and id, once they were asked for.
        var digests: [RecordKey: String]?
    }

    /// Opens the SQLite file `path`, or makes it; `nil`: in memory.
    package init(path: String? = nil) throws(EnvironmentFailure) {
        store = try RecordStore(path: path)
        state = Mutex(State())
    }

    /// Adds the records of a JSON document `{id: record, …}` to a table, in their order, in one transaction. Records that
    /// exist are replaced. Do this before the first world is made.
    package func load(_ table: String, from bytes: some Sequence<UInt8>) throws(EnvironmentFailure) {
        let document: RecordValue
        do throws(RecordSyntaxError) {
            document = try RecordValue(parsing: bytes)
        } catch {
            throw EnvironmentFailure(
                .failed, "the records of '\(table)' are no JSON: \(error)",
                remedy: "Give a file with one object, {id: record, …}.")
        }
        guard let records = document.objectValue else {
            throw EnvironmentFailure(
                .failed, "the records of '\(table)' are no JSON object",
                remedy: "Give a file with one object, {id: record, …}.")
        }
        var changes = RecordChanges()
        for (id, record) in records { changes.record(.set(record), of: RecordKey(table, id)) }
        try store.write(changes)
        state.withLock { $0 = State() }
    }

    /// The committed state.
    func world() -> RecordWorld { state.withLock { RecordWorld(epoch: $0.committed.epoch) } }

    /// The record as `world` sees it; `nil`: there is none.
    func record(_ key: RecordKey, in world: RecordWorld) throws(EnvironmentFailure) -> RecordValue? {
        if let change = world.change(of: key) { return change.value }
        return try committed(key, at: world.epoch).value
    }

    /// The ids of a table as `world` sees them, in the order in which the records were added.
    func ids(of table: String, in world: RecordWorld) throws(EnvironmentFailure) -> [String] {
        let committed = try committedIDs(of: table, at: world.epoch)
        let changes = world.changes
        let changed = changes.keys.filter { $0.table == table }
        guard !changed.isEmpty else { return committed }
        let known = Set(committed)
        return committed.filter { changes[RecordKey(table, $0)] != .removed }
            + changed.filter { !known.contains($0.id) && changes[$0] != .removed }.map(\.id)
    }

    /// Makes `world` the committed state, in one transaction of SQLite. Worlds made before see what they saw.
    ///
    /// - Returns: the world, now without changes of its own.
    func commit(_ world: RecordWorld) throws(EnvironmentFailure) -> RecordWorld {
        var changes = RecordChanges()
        // What the world changed, and what others committed since it was made.
        let touched = world.changes.keys
        let replaced = state.withLock { $0.committed.replaced(since: world.epoch) }.subtracting(touched)
        let epoch = state.withLock { $0.committed.epoch }
        for key in touched + replaced.sorted(by: { $0.resource < $1.resource }) {
            let new = try record(key, in: world)
            // By their texts: `==` takes differently composed characters for the same.
            if try committed(key, at: epoch).value?.text != new?.text { changes.record(RecordChange(new), of: key) }
            _ = try committedIDs(of: key.table, at: epoch)
        }
        if !changes.isEmpty { try store.write(changes) }
        return state.withLock { state in
            if !changes.isEmpty {
                state.committed.commit(changes)
                for key in changes.keys where state.digests != nil {
                    state.digests?[key] = changes[key]?.value.map { Self.digest(of: $0.text) }
                }
            }
            return RecordWorld(epoch: state.committed.epoch)
        }
    }

    /// Drops what only worlds older than `oldest` needed.
    func forget(before oldest: Int) { state.withLock { $0.committed.forget(before: oldest) } }

    func close() { store.close() }
}

extension RecordsDatabase {
    private func committed(_ key: RecordKey, at epoch: Int) throws(EnvironmentFailure) -> RecordChange {
        if let held = state.withLock({ $0.committed.record(key, at: epoch) }) { return held }
        // Not held, hence not changed by any commit since: what the file says was so at every epoch.
        let record: RecordChange
        if let text = try store.text(of: key) {
            do throws(RecordSyntaxError) {
                record = .set(try RecordValue(parsing: text.utf8))
            } catch {
                throw EnvironmentFailure(
                    .failed, "the record \(key.resource) is damaged: \(error)", remedy: "Load the records anew.")
            }
        } else {
            record = .removed
        }
        return state.withLock { state in
            if let held = state.committed.record(key, at: epoch) { return held }
            state.committed.hold(record, for: key)
            return record
        }
    }

    private func committedIDs(of table: String, at epoch: Int) throws(EnvironmentFailure) -> [String] {
        if let held = state.withLock({ $0.committed.ids(of: table, at: epoch) }) { return held }
        let ids = try store.ids(of: table)
        return state.withLock { state in
            if let held = state.committed.ids(of: table, at: epoch) { return held }
            state.committed.hold(ids: ids, of: table)
            return ids
        }
    }

    /// A digest of all records as `world` sees them, sorted by table and id: the same wherever their texts are.
    func digest(of world: RecordWorld) throws(EnvironmentFailure) -> String {
        var digests = try committedDigests()
        let replaced = state.withLock { $0.committed.replaced(since: world.epoch) }
        for key in replaced.union(world.changes.keys) {
            digests[key] = try record(key, in: world).map { Self.digest(of: $0.text) }
        }
        let lines = digests.map { Array("\($0.key.resource)\n\($0.value)\n".utf8) }
        var digest = StableDigest()
        for line in lines.sorted(by: { $0.lexicographicallyPrecedes($1) }) { digest.update(line) }
        return digest.hex
    }

    private func committedDigests() throws(EnvironmentFailure) -> [RecordKey: String] {
        if let digests = state.withLock({ $0.digests }) { return digests }
        let epoch = state.withLock { $0.committed.epoch }
        var digests: [RecordKey: String] = [:]
        for table in try store.tables() {
            for (id, text) in try store.texts(of: table) { digests[RecordKey(table, id)] = Self.digest(of: text) }
        }
        state.withLock { if $0.committed.epoch == epoch { $0.digests = digests } }
        return digests
    }

    private static func digest(of text: String) -> String { StableDigest.hex(of: text.utf8) }
}
