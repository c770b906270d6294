import ForerunCore
import ForerunTesting
import GRDB
import Testing

@testable import ForerunLearning

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

struct AgentDatabaseTests {
    private func goose(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, working_dir TEXT, parent_session_id TEXT,
                    model_config_json TEXT);
                CREATE TABLE messages (id INTEGER PRIMARY KEY, message_id TEXT, session_id TEXT, role TEXT,
                    content_json TEXT, created_timestamp INTEGER, tokens INTEGER, metadata_json TEXT);
                INSERT INTO sessions VALUES ('20261101_1', 'n', '/home/me/app', NULL, '{"model_name":"m"}');
                INSERT INTO messages VALUES (1, 'a', '20261101_1', 'user', '[{"type":"text","text":"Go"}]', 100, 1, '{}');
                INSERT INTO messages VALUES (2, 'b', '20261101_1', 'assistant',
                    '[{"type":"toolRequest","id":"q","toolCall":{"status":"success","value":{"name":"shell","arguments":{"command":"ls"}}}}]',
                    102, 1, '{}');
                INSERT INTO messages VALUES (3, 'c', '20261101_1', 'user',
                    '[{"type":"toolResponse","id":"q","toolResult":{"status":"success","value":{"content":[{"type":"text","text":"a"}],"isError":false}}}]',
                    103, 1, '{}');
                INSERT INTO messages VALUES (4, 'd', '20261101_1', 'assistant', '[{oops', 104, 1, '{}');
                """)
    }

    private func openCode(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT);
                CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, data TEXT);
                CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, data TEXT);
                INSERT INTO session VALUES ('ses_1', 'p', NULL, '/home/me/app');
                INSERT INTO message VALUES ('msg_1', 'ses_1', '{"role":"user","time":{"created":1754042410000}}');
                INSERT INTO message VALUES ('msg_2', 'ses_1', '{"role":"assistant","modelID":"m","time":{"created":1754042411000}}');
                INSERT INTO part VALUES ('prt_1', 'msg_1', 'ses_1', '{"type":"text","text":"Go"}');
                INSERT INTO part VALUES ('prt_2', 'msg_2', 'ses_1',
                    '{"type":"tool","callID":"k","tool":"read","state":{"status":"completed","input":{"filePath":"a"},"output":"A","time":{"start":1754042412000,"end":1754042412500}}}');
                """)
    }

    /// A database in write-ahead mode whose log is not in it yet, as a running agent has it.
    private func running(_ path: String, _ fill: (Database) throws -> Void) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = 1
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try fill(database)
        }
        return pool
    }

    @Test func sessionsOfGooseAreRunsWhileItRuns() throws {
        let scratch = try Scratch()
        let pool = try running(scratch.path + "/sessions.db", goose)
        let before = try scratch.names()
        let imported = Imported([scratch.path + "/sessions.db"])
        let run = try #require(imported.runs.first)
        #expect(run.id == "20261101_1")
        #expect(run.model == "m")
        #expect(run.workingDirectory == "/home/me/app")
        #expect(run.messages == ["Go"])
        #expect(imported.calls.map(\.output) == [Output("a")])
        #expect(imported.calls.map(\.seconds) == [1])
        #expect(imported.problems.counts == [.notJSON: 1])
        #expect(try scratch.names() == before)
        try pool.close()
    }

    @Test func sessionsOfOpenCodeAreRunsWhileItRuns() throws {
        let scratch = try Scratch()
        let pool = try running(scratch.path + "/opencode.db", openCode)
        let imported = Imported([scratch.path])
        #expect(imported.runs.map(\.id) == ["ses_1"])
        #expect(imported.runs[0].messages == ["Go"])
        #expect(imported.calls.map(\.seconds) == [0.5])
        #expect(imported.problems.isEmpty)
        try pool.close()
    }

    @Test func databasesAtRestAreReadInTheirPlaceWithoutATrace() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/opencode.db"
        let queue = try DatabaseQueue(path: path)
        try queue.write(openCode)
        try queue.close()
        let before = try #require(ImportBookmark(of: path))
        let imported = Imported([scratch.path])
        #expect(imported.calls.count == 1)
        #expect(try scratch.names() == ["opencode.db"])
        #expect(ImportBookmark(of: path) == before)
        #expect(Imported([scratch.path], bookmarks: imported.finished).progress.unchanged == 1)
    }

    @Test func lockedDatabasesAreReadFromACopy() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/opencode.db"
        let queue = try DatabaseQueue(path: path)
        try queue.write(openCode)
        try queue.inDatabase { database in
            try database.execute(sql: "BEGIN EXCLUSIVE")
            #expect(Imported([path]).calls.count == 1)
            try database.execute(sql: "ROLLBACK")
        }
    }

    @Test func growingLogsOfDatabasesChangeTheirBookmarks() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/sessions.db"
        let pool = try running(path, goose)
        let first = Imported([path])
        try pool.write { try $0.execute(sql: "DELETE FROM messages WHERE id = 4") }
        let second = Imported([path], bookmarks: first.finished)
        #expect(second.runs.map(\.key) == first.runs.map(\.key))
        #expect(second.problems.isEmpty)
        try pool.close()
    }

    @Test func otherDatabasesAreNamed() throws {
        let scratch = try Scratch()
        for (name, table) in [("state.sqlite", "threads"), ("opencode-next.db", "session_v2")] {
            let queue = try DatabaseQueue(path: "\(scratch.path)/\(name)")
            try queue.write { try $0.execute(sql: "CREATE TABLE \(table) (id TEXT)") }
            try queue.close()
        }
        #expect(Imported([scratch.path]).problems.counts == [.unknownFormat: 1, .unknownVersion: 1])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6]) func damagedDatabasesAreNamed(seed: UInt64) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/opencode.db"
        let queue = try DatabaseQueue(path: path)
        try queue.write(openCode)
        try queue.close()
        var random = SeededGenerator(seed: seed)
        let descriptor = open(path, O_RDWR)
        let end = lseek(descriptor, 0, SEEK_END)
        if seed % 2 == 0 {
            ftruncate(descriptor, .random(in: 200..<end - 4_096, using: &random))
        } else {
            let noise = (0..<4_096).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            // The schema begins behind the first hundred bytes.
            pwrite(descriptor, noise, noise.count, seed == 1 ? 100 : 4_096)
        }
        close(descriptor)
        let imported = Imported([path])
        #expect(imported.calls.count == 1 || !imported.problems.isEmpty)
    }
}
