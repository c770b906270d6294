import Dispatch
import ForerunCore
import GRDB
import Synchronization

/// An index of the recorded runs: one SQLite file beside them, made of nothing but their logs.
///
/// It may be deleted at any time. One that cannot be read, or was written by another version, is made anew, also where that shows
/// only on the way; logs are never changed. Where no file can be written, an index in memory serves as well.
package final class RunIndex: Sendable {
    /// What was read of the logs.
    package struct Refreshment: Sendable, Hashable {
        package var runs = 0
        package var bytes = 0
        /// Logs that could not be read, with the reason.
        package var failures: [String] = []
    }

    /// Raised whenever what is kept of a log changes.
    static let version = 3

    private struct State {
        var database: DatabaseQueue
        var complaint: String?
    }

    private let state: Mutex<State>
    private let runs: RunStateDirectory

    /// Why it is not kept in a file; `nil`: it is.
    package var complaint: String? { state.withLock { $0.complaint } }

    /// - Parameter rebuilds: whatever there is, it is made anew.
    package init(of runs: RunStateDirectory, rebuilds: Bool = false) throws(StoreError) {
        self.runs = runs
        let path = runs.indexPath
        if !rebuilds, let database = try? Self.open(path), (try? Self.isCurrent(database)) == true {
            state = Mutex(State(database: database))
        } else {
            state = Mutex(try Self.anew(runs))
        }
    }

    /// An empty index.
    private static func anew(_ runs: RunStateDirectory) throws(StoreError) -> State {
        let path = runs.indexPath
        do {
            // Nothing is recorded yet: there is nothing to keep, and nowhere.
            return State(database: try make(File.exists(runs.path) ? path : nil))
        } catch {
            // A full disk, a directory of somebody else's: all is read anew each time.
            do { return State(database: try make(nil), complaint: "\(path): \(error)") } catch {
                throw StoreError(.brokenIndex, path: path, message: "\(error)")
            }
        }
    }

    /// What `body` asks of the index. One that turns out to be broken is made anew, once, and asked again.
    ///
    /// - Parameter refill: what brings back its contents first.
    private func mending<Value>(
        refill: () throws(StoreError) -> Void, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do throws(StoreError) { return try body() } catch {
            guard error.code == .brokenIndex else { throw error }
            let fresh = try Self.anew(runs)
            state.withLock { $0 = fresh }
            try refill()
            return try body()
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue? {
        guard File.exists(path) else { return nil }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            // What is lost is made again.
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        }
        return configuration
    }

    private static func isCurrent(_ database: DatabaseQueue) throws -> Bool {
        try database.read { database in
            guard try Int.fetchOne(database, sql: "PRAGMA user_version") == version else { return false }
            // Reads the tables, where something else has their names.
            _ = try Row.fetchOne(database, sql: "SELECT name, size, modified, summary FROM run LIMIT 1")
            _ = try Row.fetchOne(database, sql: "SELECT rowid FROM words LIMIT 1")
            return true
        }
    }

    /// - Parameter path: `nil`: in memory.
    private static func make(_ path: String?) throws -> DatabaseQueue {
        let database: DatabaseQueue
        if let path {
            // Others that use the old one go on with it.
            for suffix in ["", "-wal", "-shm"] { File.remove(path + suffix) }
            database = try DatabaseQueue(path: path, configuration: configuration)
            File.restrict(path)
        } else {
            database = try DatabaseQueue(configuration: configuration)
        }
        try database.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE run (
                        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, agent TEXT, workspace TEXT, ended TEXT NOT NULL,
                        seconds REAL, saved REAL, turns INTEGER, tokens INTEGER, cost REAL,
                        size INTEGER NOT NULL, modified INTEGER NOT NULL, summary TEXT NOT NULL
                    ) STRICT;
                    CREATE VIRTUAL TABLE words USING fts5(body, detail = none);
                    PRAGMA user_version = \(version);
                    """)
        }
        return database
    }

    // MARK: - Reading the logs

    /// Reads what has changed since.
    ///
    /// - Parameter progress: told after each run, with how many of how many are read.
    @discardableResult
    package func refresh(progress: (Int, Int) -> Void = { _, _ in }) throws(StoreError) -> Refreshment {
        try mending { () throws(StoreError) in
        } _: { () throws(StoreError) in
            try readLogs(progress)
        }
    }

    private func readLogs(_ progress: (Int, Int) -> Void) throws(StoreError) -> Refreshment {
        var result = Refreshment()
        let names = try runs.runs()
        let known = try known()
        var gone = Set(known.keys)
        var stale: [(RunName, File.Stamp)] = []
        for name in names {
            guard let stamp = File.stamp(of: runs.eventsPath(of: name)) else { continue }
            gone.remove(name.description)
            if known[name.description] != stamp { stale.append((name, stamp)) }
        }
        if !gone.isEmpty { try write { database in for name in gone { try Self.remove(name, database) } } }
        // So many at a time: each transaction has its price. While some are kept, the next are read.
        let keeper = Keeper(self)
        for start in stride(from: 0, to: stale.count, by: 64) {
            let part = Array(stale[start..<min(start + 64, stale.count)])
            var read: [Read] = []
            for ((name, stamp), outcome) in zip(part, Self.read(part.map(\.0), in: runs)) {
                switch outcome {
                case .success(let (summary, words)):
                    read.append((summary, words, stamp))
                    result.runs += 1
                    result.bytes += summary.count("bytes")
                case .failure(let error): result.failures.append("\(name): \(error.message)")
                }
            }
            try keeper.keep(read)
            progress(start + part.count, stale.count)
        }
        try keeper.finish()
        return result
    }

    private typealias Read = (summary: RunSummary, words: String, stamp: File.Stamp)

    /// Keeps what was read, one part after the other, while its caller goes on.
    private final class Keeper: Sendable {
        private let index: RunIndex
        private let queue = DispatchQueue(label: "forerun.index")
        private let failure = Mutex<StoreError?>(nil)

        init(_ index: RunIndex) { self.index = index }

        /// Waits for the part before this one.
        func keep(_ part: [Read]) throws(StoreError) {
            try finish()
            queue.async { [self] in
                do throws(StoreError) {
                    try index.write { database in
                        for (summary, words, stamp) in part { try RunIndex.keep(summary, words, stamp, database) }
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }

        /// Waits until all is kept.
        func finish() throws(StoreError) {
            queue.sync {}
            if let failure = failure.withLock({ $0 }) { throw failure }
        }
    }

    private typealias Outcome = Result<(RunSummary, words: String), StoreError>

    /// Reads logs, as many at a time as there are processors.
    private static func read(_ names: [RunName], in runs: RunStateDirectory) -> [Outcome] {
        let outcomes = Mutex<[Int: Outcome]>([:])
        DispatchQueue.concurrentPerform(iterations: names.count) { number in
            let outcome = Outcome { () throws(StoreError) in try RunSummary.read(names[number], in: runs) }
            outcomes.withLock { $0[number] = outcome }
        }
        return outcomes.withLock { outcomes in names.indices.compactMap { outcomes[$0] } }
    }

    private func known() throws(StoreError) -> [String: File.Stamp] {
        try read { database in
            var known: [String: File.Stamp] = [:]
            let rows = try Row.fetchCursor(database, sql: "SELECT name, size, modified FROM run")
            while let row = try rows.next() {
                let name: String = try Self.column(0, of: row)
                known[name] = File.Stamp(size: try Self.column(1, of: row), modified: try Self.column(2, of: row))
            }
            return known
        }
    }

    private static func keep(_ summary: RunSummary, _ words: String, _ stamp: File.Stamp, _ database: Database) throws {
        try remove(summary.name.description, database)
        try database.execute(
            sql: """
                INSERT INTO run (name, agent, workspace, ended, seconds, saved, turns, tokens, cost, size, modified, summary)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                summary.name.description, summary.text("agent"), summary.text("workspace"), summary.end,
                summary.number("seconds"), summary.number("savedSeconds"), summary.count("turns"), summary.tokens,
                summary.number("cost"), stamp.size, stamp.modified, summary.json.text,
            ])
        try database.execute(
            sql: "INSERT INTO words (rowid, body) VALUES (?, ?)", arguments: [database.lastInsertedRowID, words])
    }

    private static func remove(_ name: String, _ database: Database) throws {
        guard let id = try Int64.fetchOne(database, sql: "SELECT id FROM run WHERE name = ?", arguments: [name]) else {
            return
        }
        try database.execute(sql: "DELETE FROM words WHERE rowid = ?", arguments: [id])
        try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id])
    }

    // MARK: - Asking

    package func runs(_ query: RunQuery = RunQuery()) throws(StoreError) -> [RunSummary] {
        let found = try mending { () throws(StoreError) in
            _ = try readLogs { _, _ in }
        } _: { () throws(StoreError) in
            try read { database in try Self.find(query, database) }
        }
        let current = found.map { $0.current(in: runs) }
        return query.asksForOpenRuns
            ? Array(current.filter { query.wants(end: $0.end) }.dropFirst(query.offset).prefix(query.limit ?? .max))
            : current
    }

    /// Calls `body` with each run that a query finds, one at a time: only one is in memory. Runs without an end count as cut off.
    package func each(_ query: RunQuery, _ body: (RunSummary) -> Void) throws(StoreError) {
        try read { database in
            guard let (sql, arguments) = try Self.statement(query, "name, summary", database) else { return }
            let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
            while let row = try rows.next() { body(try Self.summary(row)) }
        }
    }

    /// How many runs a query finds, its limit aside. Runs without an end count as cut off.
    package func count(_ query: RunQuery) throws(StoreError) -> Int {
        var query = query
        query.limit = nil
        query.offset = 0
        return try read { [query] database in
            guard let (sql, arguments) = try Self.statement(query, "count(*)", database) else { return 0 }
            return try Int.fetchOne(database, sql: sql, arguments: arguments) ?? 0
        }
    }

    /// The agents of all runs, by name.
    package func agents() throws(StoreError) -> [String] {
        try read { database in
            try String.fetchAll(database, sql: "SELECT DISTINCT agent FROM run WHERE agent != '' ORDER BY agent")
        }
    }

    /// Runs without an end all count as cut off.
    private static func find(_ query: RunQuery, _ database: Database) throws -> [RunSummary] {
        guard let (sql, arguments) = try statement(query, "name, summary", database) else { return [] }
        return try Row.fetchAll(database, sql: sql, arguments: arguments).map(summary)
    }

    private static func summary(_ row: Row) throws -> RunSummary {
        let text: String = try column(1, of: row)
        guard let name = RunName(try column(0, of: row)), let json = try? JSON(parsing: text) else { throw broken }
        return RunSummary(name: name, json: json)
    }

    /// What SQLite is asked; `nil`: nothing can be found.
    private static func statement(
        _ query: RunQuery, _ columns: String, _ database: Database
    ) throws -> (sql: String, arguments: StatementArguments)? {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        func add(_ condition: String, _ value: String) {
            conditions.append(condition)
            arguments += [value]
        }
        if let match = try query.match(database) {
            guard !match.isEmpty else { return nil }
            add("id IN (SELECT rowid FROM words WHERE words MATCH ?)", match)
        }
        if let agent = query.agent { add("agent = ?", agent) }
        if let workspace = query.workspace {
            let below = workspace.hasSuffix("/") ? workspace : workspace + "/"
            conditions.append("(workspace = ? OR substr(workspace, 1, length(?)) = ?)")
            arguments += [workspace, below, below]
        }
        if query.asksForOpenRuns {
            add("ended = ?", RunSummary.cutOff)
        } else if let end = query.end {
            conditions.append("(ended = ? OR substr(ended, 1, length(?)) = ?)")
            arguments += [end, end + " ", end + " "]
        }
        if let since = query.since { add("name >= ?", since) }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let order = "ORDER BY \(query.order.column) DESC, name DESC"
        // Which of the runs without an end are wanted shows later.
        let part = query.asksForOpenRuns ? "" : "LIMIT \(query.limit ?? -1) OFFSET \(query.offset)"
        return ("SELECT \(columns) FROM run\(filter) \(order) \(part)", arguments)
    }

    /// A value where it is of the type that was written. Damaged pages can hold any.
    private static func column<Value: DatabaseValueConvertible>(_ index: Int, of row: Row) throws -> Value {
        guard let value = Value.fromDatabaseValue(row[index]) else { throw broken }
        return value
    }

    private static var broken: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row is not what was written")
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        let database = state.withLock { $0.database }
        do { return try database.read(body) } catch { throw failure(error) }
    }

    private func write(_ body: (Database) throws -> Void) throws(StoreError) {
        let database = state.withLock { $0.database }
        do { try database.write(body) } catch { throw failure(error) }
    }

    private func failure(_ error: any Error) -> StoreError {
        let cause = error as? DatabaseError
        let code: StoreError.Code =
            switch cause?.resultCode {
            case .SQLITE_FULL?: .noSpace
            case .SQLITE_BUSY?, .SQLITE_LOCKED?: .inUse
            case .SQLITE_IOERR?: .device
            default: .brokenIndex
            }
        return StoreError(code, path: runs.indexPath, message: cause?.message ?? "\(error)")
    }
}
