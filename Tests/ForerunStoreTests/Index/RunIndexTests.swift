import ForerunCore
import FoundationEssentials
import GRDB
import Testing

@testable import ForerunStore

@Suite(.serialized) struct RunIndexTests {
    /// Writes the log of a small run.
    private func write(
        _ name: String, agent: String = "coder", task: String = "Do it.", output: String = "made", saved: Double = 1,
        workspace: String = "/home/x/project", ends: Bool = true, _ temporary: TemporaryRuns
    ) throws -> RunName {
        let run = try #require(RunName(name))
        try FileManager.default.createDirectory(
            atPath: temporary.directory.directory(of: run), withIntermediateDirectories: true)
        let log = try EventLog(creating: run, in: temporary.directory)
        let call: JSON = ["name": "write_file", "arguments": ["path": "läufe.txt"]]
        try log.append([
            "type": "run.started", "version": 2, "id": .string(name), "agent": .string(agent), "task": .string(task),
            "workspace": .string(workspace), "mode": "full", "time": 0,
        ])
        try log.append([
            "type": "prediction", "turn": 0, "source": "small", "rank": 0, "calls": [call], "probability": 0.75,
            "time": 0.5,
        ])
        try log.append([
            "type": "turn.taken", "turn": 0, "role": "actor", "text": "I write.", "calls": [call],
            "finish": "tool_calls",
            "usage": ["input": 100, "cached": 0, "output": 20, "reasoning": 0], "ahead": true, "seconds": 1, "time": 1,
        ])
        try log.append([
            "type": "call.taken", "turn": 0, "index": 0, "call": call, "output": .string(output), "isError": false,
            "ends": false, "ahead": true, "seconds": 0.25, "effect": "contained", "work": 3, "time": 1.5,
        ])
        if ends {
            try log.append([
                "type": "run.completed", "end": "finished", "seconds": 2, "turns": 1, "cost": 0.5,
                "speculation": ["savedSeconds": .number(JSONNumber(saved)), "wastedSeconds": 0.5, "wastedTokens": 7],
            ])
        }
        try log.flush(durable: false)
        return run
    }

    private func names(_ index: RunIndex, _ change: (inout RunQuery) -> Void = { _ in }) throws -> [String] {
        var query = RunQuery()
        change(&query)
        return try index.runs(query).map(\.name.description)
    }

    private let names = ["20261101-000000-0001", "20261102-000000-0002", "20261103-000000-0003"]

    private func three(_ temporary: TemporaryRuns) throws {
        _ = try write(names[0], task: "Repair the parser.", saved: 3, temporary)
        _ = try write(names[1], agent: "chess", output: "O'Brien \"quoted\" <b> ป้องกัน กัน हिन्दी", saved: 9, temporary)
        _ = try write(names[2], output: "exit status 2", ends: false, temporary)
    }

    @Test func runsAreListedFilteredAndSorted() throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        let index = try RunIndex(of: temporary.directory)
        #expect(index.complaint == nil)
        #expect(try index.refresh().runs == 3)
        #expect(try index.refresh().runs == 0, "nothing has changed since")
        #expect(try names(index) == names.reversed())
        #expect(try names(index) { $0.agent = "chess" } == [names[1]])
        #expect(try names(index) { $0.end = "cut off" } == [names[2]])
        #expect(try names(index) { $0.since = "20261102" } == [names[2], names[1]])
        #expect(try names(index) { $0.order = .saved }.first == names[1])
        #expect(try names(index) { $0.limit = 1 } == [names[2]])
        #expect(try names(index) { $0.workspace = "/home/x" }.count == 3)
        #expect(try names(index) { $0.workspace = "/home/x/pro" }.isEmpty)
        let run = try #require(try index.runs().last)
        #expect(run.count("turns") == 1 && run.count("turnHits") == 1 && run.tokens == 120)
        let source = try #require(run.json["sources"]?.arrayValue?.first)
        #expect(source["source"] == "small" && source["guesses"] == 1 && source["hits"] == 1)
        #expect(source["expected"] == 0.75)
        let tool = try #require(run.json["tools"]?.arrayValue?.first)
        #expect(tool["name"] == "write_file" && tool["calls"] == 1 && tool["hits"] == 1 && tool["errors"] == 0)
        #expect(tool["seconds"] == 0.25 && tool["aheadSeconds"] == 0.25)
    }

    @Test(arguments: [
        ("parser", [0]), ("PARS rep", [0]), ("läufe", [2, 1, 0]), ("\"", []), ("O'Brien \"quoted\"", [1]),
        ("status -2", [2]),
        ("parser OR chess", []), ("nothing*", []), ("NEAR(", []), ("กัน", [1]), ("हिन्दी", [1]), ("กัน zebra", []),
        ("la\u{308}ufe", [2, 1, 0]), ("LAUFE", [2, 1, 0]), ("ქართული Ⴀ ½ ² x\u{200d}y", []), ("\u{308}", []),
    ])
    func wordsAreFound(words: String, found: [Int]) throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        let index = try RunIndex(of: temporary.directory)
        try index.refresh()
        #expect(try names(index) { $0.words = words } == found.map { names[$0] })
    }

    @Test func runsThatGoOnAreToldFromThoseThatWereCutOff() throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        let other = try write("20261104-000000-0004", ends: false, temporary)
        let index = try RunIndex(of: temporary.directory)
        try index.refresh()
        let writer = try EventLog(resuming: other, in: temporary.directory)
        #expect(try index.runs().map(\.end) == ["running", "cut off", "finished", "finished"])
        #expect(try names(index) { $0.end = "running" } == [other.description])
        #expect(try names(index) { ($0.end, $0.limit) = ("cut off", 1) } == [names[2]])
        #expect(try names(index) { ($0.end, $0.limit) = ("finished", 1) } == [names[1]])
        #expect(try index.runs().first?.json["end"] == "running")
        withExtendedLifetime(writer) {}
    }

    @Test func directoriesAreFoundWhateverTheirNames() throws {
        let temporary = try TemporaryRuns()
        for (name, workspace) in zip(names, ["/", "/e\u{301}/👩‍👩‍👧", "/e\u{301}/👩‍👩‍👧x"]) {
            _ = try write(name, workspace: workspace, temporary)
        }
        let index = try RunIndex(of: temporary.directory)
        try index.refresh()
        #expect(try names(index) { $0.workspace = "/" }.count == 3)
        #expect(try names(index) { $0.workspace = "/e\u{301}" } == [names[2], names[1]])
        #expect(try names(index) { $0.workspace = "/e\u{301}/👩‍👩‍👧" } == [names[1]])
    }

    @Test func aRunWhoseLogIsGoneIsForgotten() throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        let index = try RunIndex(of: temporary.directory)
        try index.refresh()
        try FileManager.default.removeItem(atPath: "\(temporary.directory.path)/\(names[1])/events.jsonl")
        try index.refresh()
        #expect(try names(index) == [names[2], names[0]])
        #expect(try names(index) { $0.agent = "chess" }.isEmpty)
    }

    @Test func whatHasChangedIsReadAgainAndWhatIsGoneIsForgotten() throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        let index = try RunIndex(of: temporary.directory)
        try index.refresh()
        let log = try EventLog(resuming: try #require(RunName(names[2])), in: temporary.directory)
        try log.append(["type": "run.completed", "end": "interrupted", "seconds": 5])
        try log.flush(durable: false)
        try FileManager.default.removeItem(atPath: temporary.directory.path + "/" + names[0])
        #expect(try index.refresh().runs == 1)
        #expect(try names(index) { $0.end = "interrupted" } == [names[2]])
        #expect(try names(index).count == 2)
        #expect(try names(index) { $0.words = "parser" }.isEmpty)
    }

    @Test(arguments: ["no database", "newer", "other tables", "empty"])
    func aBrokenOrNewerIndexIsMadeAnew(kind: String) throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        let path = temporary.directory.indexPath
        switch kind {
        case "no database":
            try Data(String(repeating: "not a database ", count: 500).utf8).write(to: URL(filePath: path))
        case "empty": try Data().write(to: URL(filePath: path))
        case "newer":
            try RunIndex(of: temporary.directory).refresh()
            try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99; DROP TABLE words") }
        default:
            try DatabaseQueue(path: path).write {
                try $0.execute(sql: "CREATE TABLE run (name TEXT); PRAGMA user_version = \(RunIndex.version)")
            }
        }
        let logs = try names.map {
            try Data(contentsOf: URL(filePath: "\(temporary.directory.path)/\($0)/events.jsonl"))
        }
        let index = try RunIndex(of: temporary.directory)
        #expect(index.complaint == nil)
        #expect(try index.refresh().runs == 3)
        #expect(try names(index) { $0.words = "parser" } == [names[0]])
        #expect(try mode(of: path) == 0o600)
        #expect(
            try names.map { try Data(contentsOf: URL(filePath: "\(temporary.directory.path)/\($0)/events.jsonl")) }
                == logs)
    }

    /// Whatever is wrong, wherever it shows: the logs are all that counts.
    @Test func anIndexWithDamagedPagesIsMadeAnewOnTheWay() throws {
        let temporary = try TemporaryRuns()
        let all = (1...40).map { "20261101-000000-\(1000 + $0)" }
        for name in all { _ = try write(name, task: "Repair parser \(name).", temporary) }
        let path = temporary.directory.indexPath
        func listing() throws -> (all: [String], found: [String], complaint: String?) {
            let index = try RunIndex(of: temporary.directory)
            try index.refresh()
            return (try names(index), try names(index) { $0.words = "repair" }, index.complaint)
        }
        _ = try listing()
        let whole = try Data(contentsOf: URL(filePath: path))
        let pages = whole.count / 4096
        #expect(pages > 8)
        for page in 0..<pages {
            for byte: UInt8 in [0xFF, 0x41] {
                var damaged = whole
                damaged.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(repeating: byte, count: 4096))
                for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
                try damaged.write(to: URL(filePath: path))
                let (listed, found, complaint) = try listing()
                #expect(listed == all.reversed(), "page \(page)")
                #expect(found == all.reversed(), "page \(page)")
                #expect(complaint == nil, "page \(page)")
            }
        }
    }

    @Test func rowsOfOtherTypesAreDamage() throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        for change in ["summary = 'no JSON'", "name = 'no name'"] {
            try RunIndex(of: temporary.directory).refresh()
            try DatabaseQueue(path: temporary.directory.indexPath).write {
                try $0.execute(sql: "UPDATE run SET \(change) WHERE agent = 'chess'")
            }
            let index = try RunIndex(of: temporary.directory)
            try index.refresh()
            #expect(try names(index) == names.reversed(), "\(change)")
        }
    }

    @Test func withoutAFileItServesFromMemory() throws {
        let temporary = try TemporaryRuns()
        try three(temporary)
        try FileManager.default.createDirectory(
            atPath: temporary.directory.indexPath, withIntermediateDirectories: true)
        let index = try RunIndex(of: temporary.directory)
        #expect(index.complaint?.contains("runs.sqlite") == true)
        try index.refresh()
        #expect(try names(index).count == 3)
    }

    @Test func aDamagedLogIsListedAsFarAsItGoes() throws {
        let temporary = try TemporaryRuns()
        let run = try write(names[0], temporary)
        let path = temporary.directory.eventsPath(of: run)
        let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(separator: "\n")
        let spoilt =
            lines.enumerated().map { $0 == 3 ? "{\"type\":\"call.tak" : String($1) }.joined(separator: "\n") + "\n"
        try Data(spoilt.utf8).write(to: URL(filePath: path))
        let index = try RunIndex(of: temporary.directory)
        try index.refresh()
        #expect(try index.runs().first?.text("damage")?.hasPrefix("line 4") == true)
        #expect(try index.runs().first?.count("turns") == 1)
        #expect(try names(index) { $0.end = "damaged" } == [names[0]])
        #expect(try names(index) { $0.end = "finished" }.isEmpty && names(index) { $0.end = "cut off" }.isEmpty)
    }
}
