import ForerunCore
import Foundation
import GRDB

/// What was learnt from recorded runs, in one SQLite file that several processes may use: a model for each agent, which runs
/// went into it, and how far each file was read.
///
/// Never more than a help: a file that cannot be opened means that nothing was learnt.
package struct LearnedStore: Sendable {
    /// What is known of one agent.
    package struct Summary: Sendable, Hashable {
        package let agent: String
        package let runs: Int
        package let calls: Int
        /// Of the model, in bytes.
        package let size: Int
        /// Seconds since 1970.
        package let updated: Double
    }

    /// The agent whose model is made of the runs of all agents.
    package static let everyone = "*"

    private let database: DatabaseQueue
    private let path: String

    /// - Parameter path: of the file; it is made, mode 0600, where it is missing. Its directory must be there.
    package init(path: String) throws(LearningError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        self.path = path
        do {
            LearningFile.restrict(path)
            database = try DatabaseQueue(path: path, configuration: configuration)
            try Self.schema.migrate(database)
        } catch {
            throw LearningError(opening: path, error)
        }
    }

    private static let schema: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE model (
                        agent TEXT PRIMARY KEY, content BLOB NOT NULL, updated REAL NOT NULL
                    ) STRICT;
                    CREATE TABLE run (
                        key TEXT PRIMARY KEY, agent TEXT NOT NULL, steps INTEGER NOT NULL, calls INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX run_agent ON run (agent);
                    CREATE TABLE file (path TEXT PRIMARY KEY, bookmark TEXT NOT NULL) STRICT;
                    """)
        }
        // Models of the first version cannot be read any more: their runs are learnt again when they are met again.
        migrator.registerMigration("2") { database in
            try database.execute(sql: "DELETE FROM model; DELETE FROM run; DELETE FROM file")
        }
        return migrator
    }()

    // MARK: - Reading

    /// The model of an agent; `nil` where nothing was learnt of it.
    package func model(of agent: String) throws(LearningError) -> [UInt8]? {
        try read { database in
            try Row.fetchOne(database, sql: "SELECT content FROM model WHERE agent = ?", arguments: [agent])
                .map { row in [UInt8](row["content"] as Data) }
        }
    }

    /// By name.
    package func summaries() throws(LearningError) -> [Summary] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT agent, length(content) AS size, updated,
                        (SELECT count(*) FROM run WHERE run.agent = model.agent OR model.agent = '*') AS runs,
                        (SELECT total(calls) FROM run WHERE run.agent = model.agent OR model.agent = '*') AS calls
                    FROM model ORDER BY agent
                    """
            ).map { row in
                Summary(
                    agent: row["agent"], runs: row["runs"], calls: Int(row["calls"] as Double), size: row["size"],
                    updated: row["updated"])
            }
        }
    }

    /// How far each file was read.
    package func bookmarks() throws(LearningError) -> [ImportBookmark] {
        try read { database in
            try String.fetchAll(database, sql: "SELECT bookmark FROM file ORDER BY path")
                .compactMap { text in (try? JSON(parsing: text)).flatMap { ImportBookmark($0) } }
        }
    }

    /// How many steps of a run were learnt already.
    package func steps(of key: String) throws(LearningError) -> Int {
        try read { database in
            try Int.fetchOne(database, sql: "SELECT steps FROM run WHERE key = ?", arguments: [key]) ?? 0
        }
    }

    // MARK: - Writing

    /// Whoever reads models to write them again holds this meanwhile.
    ///
    /// - Throws: where somebody else holds it.
    package func claim() throws(LearningError) -> LearningClaim { try LearningClaim(path: path) }

    /// What is kept together or not at all.
    package struct Lesson: Sendable {
        /// By agent.
        package var models: [String: [UInt8]] = [:]
        package var runs: [(key: String, agent: String, steps: Int, calls: Int)] = []
        package var bookmarks: [ImportBookmark] = []

        package init() {}
    }

    /// - Parameter time: seconds since 1970.
    package func keep(_ lesson: Lesson, time: Double) throws(LearningError) {
        try write { database in
            for (agent, content) in lesson.models {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO model (agent, content, updated) VALUES (?, ?, ?)",
                    arguments: [agent, Data(content), time])
            }
            for run in lesson.runs {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO run (key, agent, steps, calls) VALUES (?, ?, ?, ?)",
                    arguments: [run.key, run.agent, run.steps, run.calls])
            }
            for bookmark in lesson.bookmarks {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO file (path, bookmark) VALUES (?, ?)",
                    arguments: [bookmark.path, bookmark.json.canonicalText])
            }
        }
    }

    /// Forgets everything: what was learnt of agents cannot be taken out of the model of all.
    ///
    /// - Throws: also where somebody is learning.
    package func forgetEverything() throws(LearningError) {
        let claim = try claim()
        defer { withExtendedLifetime(claim) {} }
        try write { database in
            for table in ["model", "run", "file"] { try database.execute(sql: "DELETE FROM \(table)") }
        }
        do { try database.vacuum() } catch { throw LearningError(using: error) }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(LearningError) -> Value {
        do { return try database.read(body) } catch { throw LearningError(using: error) }
    }

    private func write(_ body: (Database) throws -> Void) throws(LearningError) {
        do { try database.write(body) } catch { throw LearningError(using: error) }
    }
}
