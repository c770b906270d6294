import Dispatch
import ForerunCore
import GRDB
import Synchronization

/// An index of the recorded runs: one SQLite file beside them, made of nothing but their logs.
///
/// It may be deleted at any time. One that cannot be read, or was written by another version, is made anew; logs are never
/// changed. Where no file can be written, an index in memory serves as well.
package struct RunIndex: Sendable {
    /// What was read of the logs.
    package struct Refreshment: Sendable, Hashable {
        package var runs = 0
        package var bytes = 0
        /// Logs that could not be read, with the reason.
        package var failures: [String] = []
    }

    /// Raised whenever what is kept of a log changes.
    static let version = 1

    private let database: DatabaseQueue
    private let runs: RunStateDirectory
    /// Why it is not kept in a file; `nil`: it is.
    package let complaint: String?

    /// - Parameter rebuilds: whatever there is, it is made anew.
    package init(of runs: RunStateDirectory, rebuilds: Bool = false) throws(StoreError) {
        self.runs = runs
        let path = runs.indexPath
        if !rebuilds, let database = try? Self.open(path), (try? Self.isCurrent(database)) == true {
            self.database = database
            complaint = nil
            return
        }
        do {
            // Nothing is recorded yet: there is nothing to keep, and nowhere.
            database = try Self.make(File.exists(runs.path) ? path : nil)
            complaint = nil
        } catch {
            // A full disk, a directory of somebody else's: all is read anew each time.
            complaint = "\(path): \(error)"
            do { database = try Self.make(nil) } catch {
                throw StoreError(.device, path: path, message: "\(error)")
            }
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
        var result = Refreshment()
        let names = try runs.runs()
        let known = try known()
        let gone = Set(known.keys).subtracting(names.map(\.description))
        var stale: [(RunName, File.Stamp)] = []
        for name in names {
            guard let stamp = File.stamp(of: runs.eventsPath(of: name)) else { continue }
            if known[name.description] != stamp { stale.append((name, stamp)) }
        }
        if !gone.isEmpty { try write { database in for name in gone { try Self.remove(name, database) } } }
        // So many at a time: each transaction has its price.
        for start in stride(from: 0, to: stale.count, by: 64) {
            let part = Array(stale[start..<min(start + 64, stale.count)])
            var read: [(RunSummary, words: String, File.Stamp)] = []
            for ((name, stamp), outcome) in zip(part, Self.read(part.map(\.0), in: runs)) {
                switch outcome {
                case .success(let (summary, words)):
                    read.append((summary, words, stamp))
                    result.runs += 1
                    result.bytes += summary.count("bytes")
                case .failure(let error): result.failures.append("\(name): \(error.message)")
                }
            }
            try write { [read] database in
                for (summary, words, stamp) in read { try Self.keep(summary, words, stamp, database) }
            }
            progress(start + part.count, stale.count)
        }
        return result
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
            for row in try Row.fetchAll(database, sql: "SELECT name, size, modified FROM run") {
                known[row[0]] = File.Stamp(size: row[1], modified: row[2])
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
        var conditions: [String] = []
        var arguments: StatementArguments = []
        func add(_ condition: String, _ value: String) {
            conditions.append(condition)
            arguments += [value]
        }
        if let match = query.match {
            guard !match.isEmpty else { return [] }
            add("id IN (SELECT rowid FROM words WHERE words MATCH ?)", match)
        }
        if let agent = query.agent { add("agent = ?", agent) }
        if let workspace = query.workspace {
            conditions.append("(workspace = ? OR substr(workspace, 1, ?) = ?)")
            arguments += [workspace, workspace.count + 1, workspace + "/"]
        }
        if let end = query.end {
            conditions.append("(ended = ? OR substr(ended, 1, ?) = ?)")
            arguments += [end, end.count + 1, end + " "]
        }
        if let since = query.since { add("name >= ?", since) }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let limit = query.limit.map { " LIMIT \($0)" } ?? ""
        let sql = "SELECT name, summary FROM run\(filter) ORDER BY \(query.order.column) DESC, name DESC\(limit)"
        return try read { [arguments] database in
            try Row.fetchAll(database, sql: sql, arguments: arguments).compactMap { row in
                guard let name = RunName(row[0]), let json = try? JSON(parsing: row[1] as String) else { return nil }
                return RunSummary(name: name, json: json)
            }
        }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try database.read(body) } catch { throw failure(error) }
    }

    private func write(_ body: (Database) throws -> Void) throws(StoreError) {
        do { try database.write(body) } catch { throw failure(error) }
    }

    private func failure(_ error: any Error) -> StoreError {
        StoreError(
            .damaged, path: runs.indexPath, message: "the index cannot be used (\(error)); forerun runs --rebuild")
    }
}
