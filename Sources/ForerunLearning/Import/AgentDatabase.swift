import ForerunCore
import GRDB

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A SQLite database of an agent, read without a trace: a session a step.
///
/// Reading a database in write-ahead mode writes beside it (its shared memory), and one that is in use may be locked. Such a
/// database is copied, log included, into a directory of our own, which is removed afterwards.
final class AgentDatabase: SessionSource {
    private enum Kind {
        case goose
        case openCode
    }

    private let path: String
    private let queue: DatabaseQueue
    private let copy: TemporaryCopy?
    private let kind: Kind
    private var sessions: [String]
    private var next = 0
    let bytesRead: Int

    private init(
        _ path: String, _ queue: DatabaseQueue, _ copy: TemporaryCopy?, _ kind: Kind, _ sessions: [String], _ size: Int
    ) {
        self.path = path
        self.queue = queue
        self.copy = copy
        self.kind = kind
        self.sessions = sessions
        bytesRead = size
    }

    deinit {
        try? queue.close()
        copy?.remove()
    }

    /// Opens the database at `path`. - Returns: `nil` where it is none of a known agent; the sink has the problem.
    static func open(_ path: String, sink: inout ImportSink) -> AgentDatabase? {
        var copy: TemporaryCopy?
        do {
            if TemporaryCopy.isNeeded(for: path) { copy = try TemporaryCopy(of: path) }
            if copy == nil {
                do { return try open(path, from: path, nil, &sink) } catch let error as DatabaseError {
                    guard error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_CANTOPEN else { throw error }
                    copy = try TemporaryCopy(of: path)
                }
            }
            guard let copy else { return nil }
            return try open(path, from: copy.path, copy, &sink)
        } catch {
            copy?.remove()
            sink.problem(.unreadable, line: nil, "\(error)")
            return nil
        }
    }

    private static func open(
        _ path: String, from source: String, _ copy: TemporaryCopy?, _ sink: inout ImportSink
    ) throws -> AgentDatabase? {
        var configuration = Configuration()
        // The copy is ours; its log can only be applied by writing.
        configuration.readonly = copy == nil
        let queue = try DatabaseQueue(path: source, configuration: configuration)
        let found = try queue.read { database -> (kind: Kind, sessions: [String])? in
            if try database.tableExists("sessions"), try database.tableExists("messages"),
                try database.columns(in: "messages").contains(where: { $0.name == "content_json" })
            {
                return (.goose, try String.fetchAll(database, sql: "SELECT id FROM sessions ORDER BY id"))
            }
            if try database.tableExists("session"), try database.tableExists("message"),
                try database.tableExists("part")
            {
                return (.openCode, try String.fetchAll(database, sql: "SELECT id FROM session ORDER BY id"))
            }
            return nil
        }
        guard let found else {
            let isLater = try queue.read { try $0.tableExists("session_message") || $0.tableExists("session_v2") }
            sink.problem(
                isLater ? .unknownVersion : .unknownFormat, line: nil, "a database without the tables of a known agent")
            try? queue.close()
            copy?.remove()
            return nil
        }
        var status = stat()
        let size = stat(path, &status) == 0 ? Int(status.st_size) : 0
        return AgentDatabase(path, queue, copy, found.kind, found.sessions, size)
    }

    func step(into sink: inout ImportSink) -> Bool {
        guard next < sessions.count else { return false }
        let session = sessions[next]
        next += 1
        do {
            switch kind {
            case .goose: try goose(session, &sink)
            case .openCode: try openCode(session, &sink)
            }
        } catch {
            sink.problem(.unreadable, line: nil, "session \(session): \(error)")
        }
        return true
    }

    private func goose(_ id: String, _ sink: inout ImportSink) throws {
        var session = GooseMessages(id: id, path: path)
        let rows = try queue.read { database in
            let columns = try Set(database.columns(in: "sessions").map(\.name))
            let fields = ["working_dir", "parent_session_id", "model_config_json"].filter { columns.contains($0) }
            if let head = try Row.fetchOne(
                database, sql: "SELECT id\(fields.map { ", \($0)" }.joined()) FROM sessions WHERE id = ?",
                arguments: [id])
            {
                session.head(
                    [
                        "working_dir": Self.text(head, "working_dir"),
                        "parent_session_id": Self.text(head, "parent_session_id"),
                        "model_config": head.hasColumn("model_config_json")
                            ? (head["model_config_json"] as String?).flatMap { LenientJSON.parse($0) } ?? nil : nil,
                    ])
            }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT role, created_timestamp, CAST(content_json AS TEXT) AS content FROM messages
                    WHERE session_id = ? ORDER BY id
                    """, arguments: [id])
        }
        for (number, row) in rows.enumerated() {
            guard let content = json(row["content"], "message \(number + 1) of session \(id)", &sink) else { continue }
            let created = (row["created_timestamp"] as Double?).map { JSON.number(JSONNumber($0)) }
            session.add(role: row["role"], created: created, content: content, line: nil, to: &sink)
        }
        sink.emit(session.builder)
    }

    private func openCode(_ id: String, _ sink: inout ImportSink) throws {
        var session = OpenCodeMessages(id: id, path: path)
        let (messages, parts) = try queue.read { database in
            let columns = try Set(database.columns(in: "session").map(\.name))
            let fields = ["parent_id", "directory"].filter { columns.contains($0) }
            if let head = try Row.fetchOne(
                database, sql: "SELECT id\(fields.map { ", \($0)" }.joined()) FROM session WHERE id = ?",
                arguments: [id])
            {
                session.head(["parentID": Self.text(head, "parent_id"), "directory": Self.text(head, "directory")])
            }
            let messages = try Row.fetchAll(
                database,
                sql: "SELECT id, CAST(data AS TEXT) AS data FROM message WHERE session_id = ? ORDER BY id",
                arguments: [id])
            let parts = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, message_id, CAST(data AS TEXT) AS data FROM part
                    WHERE message_id IN (SELECT id FROM message WHERE session_id = ?) ORDER BY id
                    """, arguments: [id])
            return (messages, parts)
        }
        var partsOfMessage: [String: [JSON]] = [:]
        for row in parts {
            guard let message = row["message_id"] as String?,
                let part = json(row["data"], "part \(row["id"] as String? ?? "")", &sink)
            else { continue }
            partsOfMessage[message, default: []].append(part)
        }
        for row in messages {
            guard let messageID = row["id"] as String?, let data = json(row["data"], "message \(messageID)", &sink)
            else { continue }
            session.add(data, parts: partsOfMessage[messageID] ?? [], line: nil, to: &sink)
        }
        sink.emit(session.builder)
    }

    private static func text(_ row: Row, _ column: String) -> JSON {
        row.hasColumn(column) ? (row[column] as String?).map { .string($0) } ?? nil : nil
    }

    private func json(_ text: String?, _ what: String, _ sink: inout ImportSink) -> JSON? {
        guard let text else {
            sink.problem(.unknownShape, line: nil, "\(what) is empty")
            return nil
        }
        switch LenientJSON.parse(ArraySlice(text.utf8)) {
        case .success(let parsed):
            if parsed.isRepaired { sink.problem(.repaired, line: nil, what) }
            return parsed.value
        case .failure(let error):
            sink.problem(.notJSON, line: nil, "\(what): \(error)")
            return nil
        }
    }
}
