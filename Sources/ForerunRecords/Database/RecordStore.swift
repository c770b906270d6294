internal import ForerunCore
internal import GRDB

/// The SQLite side: one table of JSON texts by record table and id.
struct RecordStore: Sendable {
    private let queue: DatabaseQueue

    /// Opens or makes the file `path`; `nil`: in memory.
    init(path: String?) throws(EnvironmentFailure) {
        queue = try Self.failing("could not be opened", code: .unavailable) {
            let queue = try path.map { try DatabaseQueue(path: $0) } ?? DatabaseQueue()
            try queue.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS record (
                            "table" TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, json TEXT NOT NULL,
                            PRIMARY KEY ("table", id)
                        ) WITHOUT ROWID
                        """)
            }
            return queue
        }
    }

    /// The JSON text of a record; `nil`: there is none.
    func text(of key: RecordKey) throws(EnvironmentFailure) -> String? {
        try Self.failing("could not be read") {
            try queue.read { database in
                let statement = try database.cachedStatement(
                    sql: #"SELECT json FROM record WHERE "table" = ? AND id = ?"#)
                return try String.fetchOne(statement, arguments: [key.table, key.id])
            }
        }
    }

    /// The ids of a table in the order in which the records were added.
    func ids(of table: String) throws(EnvironmentFailure) -> [String] {
        try Self.failing("could not be read") {
            try queue.read { database in
                try String.fetchAll(
                    database, sql: #"SELECT id FROM record WHERE "table" = ? ORDER BY position, id"#,
                    arguments: [table])
            }
        }
    }

    func tables() throws(EnvironmentFailure) -> [String] {
        try Self.failing("could not be read") {
            try queue.read { database in
                try String.fetchAll(database, sql: #"SELECT DISTINCT "table" FROM record"#)
            }
        }
    }

    /// The texts of all records of a table, by id.
    func texts(of table: String) throws(EnvironmentFailure) -> [String: String] {
        try Self.failing("could not be read") {
            try queue.read { database in
                let rows = try Row.fetchCursor(
                    database, sql: #"SELECT id, json FROM record WHERE "table" = ?"#, arguments: [table])
                var texts: [String: String] = [:]
                while let row = try rows.next() { texts[row[0]] = row[1] }
                return texts
            }
        }
    }

    /// Writes changes in one transaction. New records come after those that exist.
    func write(_ changes: RecordChanges) throws(EnvironmentFailure) {
        try Self.failing("could not be written") {
            try queue.write { database in
                let insert = try database.cachedStatement(
                    sql: """
                        INSERT INTO record ("table", id, position, json) VALUES (?, ?, ?, ?)
                        ON CONFLICT ("table", id) DO UPDATE SET json = excluded.json
                        """)
                let delete = try database.cachedStatement(sql: #"DELETE FROM record WHERE "table" = ? AND id = ?"#)
                var position = try Int.fetchOne(database, sql: "SELECT max(position) FROM record") ?? -1
                for key in changes.keys {
                    switch changes[key] {
                    case .set(let value):
                        position += 1
                        try insert.execute(arguments: [key.table, key.id, position, value.text])
                    case .removed: try delete.execute(arguments: [key.table, key.id])
                    case nil: break
                    }
                }
            }
        }
    }

    func close() { try? queue.close() }

    private static func failing<Result>(
        _ what: String, code: EnvironmentFailure.Code = .failed, _ body: () throws -> Result
    ) throws(EnvironmentFailure) -> Result {
        do {
            return try body()
        } catch {
            let database = error as? DatabaseError
            switch database?.resultCode {
            case .SQLITE_FULL:
                throw EnvironmentFailure(
                    .noSpace, "the records \(what): no room left", remedy: "Make room on the disk, then run it again.")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                throw EnvironmentFailure(
                    .conflict, "the records \(what): another process holds the file",
                    remedy: "End the other process, or give this one a copy of the file.")
            case .SQLITE_NOTADB, .SQLITE_CORRUPT:
                throw EnvironmentFailure(
                    code, "the records \(what): the file is no SQLite database or is damaged",
                    remedy: "Name another file, or load the records anew.")
            default:
                throw EnvironmentFailure(
                    code, "the records \(what): \(database?.message ?? "\(error)")",
                    remedy: "Look at the path and the permissions of the file.")
            }
        }
    }
}
