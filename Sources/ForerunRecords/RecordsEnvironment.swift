package import ForerunCore
import Synchronization

/// Tools over a database of records as an environment. Worlds are chains of changes: forking copies two words.
package struct RecordsEnvironment: Environment {
    package var name: String { domain.name }
    package var tools: [Tool] { domain.tools }
    private let domain: any RecordTools
    private let database: RecordsDatabase
    private let worlds: Worlds

    /// - Parameter database: with the records of `domain`'s tables; it belongs to this environment from now on.
    package init(_ domain: any RecordTools, over database: RecordsDatabase) {
        self.domain = domain
        self.database = database
        worlds = Worlds()
    }

    package func open() async throws(EnvironmentFailure) -> String? {
        let world = database.world()
        for table in domain.tables where try database.ids(of: table, in: world).isEmpty {
            throw EnvironmentFailure(
                .unavailable, "\(name): the table '\(table)' has no records",
                remedy: "Load the records of \(domain.tables.joined(separator: ", ")) first.")
        }
        worlds.set(world, for: .initial)
        return nil
    }

    package func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {
        try worlds.set(world(parent), for: child)
    }

    package func perform(
        _ call: Call, in world: WorldID, context: CallContext
    ) async throws(CallFailure) -> CallResult {
        while true {
            guard let state = worlds[world] else {
                throw CallFailure(.notStarted, "\(name): there is no world \(world)")
            }
            var view = RecordView(database, state)
            let output: Output
            do throws(EnvironmentFailure) {
                output = try domain.perform(call, on: &view)
            } catch {
                throw CallFailure(.notStarted, "\(error)")
            }
            let result = CallResult(output, reads: view.reads, writes: view.writes)
            // Another call may have changed the world meanwhile: then this one is performed on the new state.
            if view.changes.isEmpty || worlds.add(view.changes, to: world, if: state) { return result }
        }
    }

    package func commit(_ world: WorldID) async throws(EnvironmentFailure) {
        let state = try self.world(world)
        worlds.replace(state, by: try await committed(state), for: world)
        prune()
    }

    package func discard(_ world: WorldID) async {
        worlds.set(nil, for: world)
        prune()
    }

    package func digest(of world: WorldID) async throws(EnvironmentFailure) -> String {
        try await digest(of: self.world(world))
    }

    package func close() async {
        worlds.removeAll()
        database.close()
    }

    /// Waits for the disk, hence not on the caller's actor.
    @concurrent private func committed(_ world: RecordWorld) async throws(EnvironmentFailure) -> RecordWorld {
        try database.commit(world)
    }

    /// Reads all records, hence not on the caller's actor.
    @concurrent private func digest(of world: RecordWorld) async throws(EnvironmentFailure) -> String {
        try database.digest(of: world)
    }

    private func world(_ id: WorldID) throws(EnvironmentFailure) -> RecordWorld {
        guard let world = worlds[id] else { throw EnvironmentFailure(.failed, "\(name): there is no world \(id)") }
        return world
    }

    private func prune() {
        if let oldest = worlds.oldestEpoch { database.forget(before: oldest) }
    }
}

extension RecordsEnvironment {
    /// The worlds that exist.
    private final class Worlds: Sendable {
        private let worlds = Mutex<[WorldID: RecordWorld]>([:])

        subscript(id: WorldID) -> RecordWorld? { worlds.withLock { $0[id] } }
        var oldestEpoch: Int? { worlds.withLock { $0.values.map(\.epoch).min() } }

        func set(_ world: RecordWorld?, for id: WorldID) { worlds.withLock { $0[id] = world } }
        func removeAll() { worlds.withLock { $0 = [:] } }

        /// Adds changes to a world that is still in `state`; otherwise does nothing and returns false.
        func add(_ changes: RecordChanges, to id: WorldID, if state: RecordWorld) -> Bool {
            var new = state
            new.add(changes)
            return replace(state, by: new, for: id)
        }

        /// Puts `new` in the place of a world that is still in `state`; otherwise does nothing and returns false.
        @discardableResult
        func replace(_ state: RecordWorld, by new: RecordWorld, for id: WorldID) -> Bool {
            worlds.withLock { worlds in
                guard let now = worlds[id], now.epoch == state.epoch, now.top === state.top else { return false }
                worlds[id] = new
                return true
            }
        }
    }
}
