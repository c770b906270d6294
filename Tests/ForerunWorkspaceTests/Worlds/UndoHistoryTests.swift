import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct UndoHistoryTests {
    private static let files = ["a": "0", "d/x": "0", "d/e/y": "0"]

    @Test(arguments: ["/tmp", "/dev/shm"])
    func aRunIsUndoneAndDoneAgain(_ place: String) throws {
        let room = try CommitRoom(Self.files, in: place)
        let before = try room.model
        let time = room.directory.signature("a")?.modified
        try room.commit(run: "one") {
            $0.write("a", "1")
            $0.remove("d/e")
            $0.put(RelativePath("d"), .directory(mode: 0o700))
            $0.write("n/new", "1")
        }
        try room.commit(run: "one") {
            $0.write("a", "2")
            $0.remove("n")
            $0.remove("d")
            $0.put(RelativePath("d"), .link("a"))
        }
        let after = try room.model
        let history = try room.history()
        #expect(history.runs.map(\.id) == ["one"])
        #expect(history.runs.first?.isComplete == true)
        #expect(history.runs.first?.paths.contains("d/e/y") == true)
        let restored = try history.undo("one")
        #expect(Set(restored) == ["a", "d", "d/e", "d/e/y", "d/x"])
        #expect(try room.model == before)
        #expect(room.directory.signature("a")?.modified == time)
        #expect(try room.history().runs.map(\.id) == ["undo one"])
        try room.history().undo("undo one")
        #expect(try room.model == after)
        #expect(room.isClean)
    }

    @Test func laterRunsComeFirst() throws {
        let room = try CommitRoom(Self.files)
        let before = try room.model
        try room.commit(run: "one") { $0.write("a", "1") }
        try room.commit(run: "two") {
            $0.write("a", "2")
            $0.write("b", "2")
        }
        let failure = #expect(throws: EnvironmentFailure.self) { try room.history().undo("one") }
        #expect(failure?.code == .conflict)
        #expect(failure?.message.contains("by a later run: a;") == true)
        #expect(room.directory.text("a") == "2")
        try room.history().undo("two")
        try room.history().undo("one")
        #expect(try room.model == before)
    }

    @Test func whatOthersChangedIsNamed() throws {
        let room = try CommitRoom(Self.files)
        try room.commit(run: "one") {
            $0.write("a", "1")
            $0.write("n/new", "1")
            $0.remove("d")
        }
        room.directory.write("a", "edited")
        room.directory.write("n/other", "made")
        room.directory.write("d", "made")
        let after = try room.model
        let failure = #expect(throws: EnvironmentFailure.self) { try room.history().undo("one") }
        for name in ["a", "n/other", "d"] { #expect(failure?.message.contains(name) == true) }
        #expect(try room.model == after)
        #expect(room.isClean)
    }

    @Test func whatIsNotKeptIsSaid() throws {
        let room = try CommitRoom(Self.files)
        let failure = #expect(throws: EnvironmentFailure.self) { try room.history().undo("none") }
        #expect(failure?.message.contains("nothing is kept of a run none") == true)
    }

    @Test func theOldestRunsGoFirst() throws {
        let room = try CommitRoom(Self.files)
        let limits = UndoHistory.Limits(transactions: 3, bytes: 1 << 20)
        for number in 0..<4 {
            try room.commit(run: "run \(number / 2)", limits: limits) { $0.write("a", "\(number + 1)") }
        }
        #expect(try room.history().runs.map(\.isComplete) == [false, true])
        let failure = #expect(throws: EnvironmentFailure.self) { try room.history().undo("run 0") }
        #expect(failure?.message.contains("any more") == true)
        try room.history().undo("run 1")
        #expect(room.directory.text("a") == "2")
    }

    @Test func aRunThatIsTooLargeIsGivenUpWhole() throws {
        let room = try CommitRoom(["a": String(repeating: "x", count: 5000)])
        let limits = UndoHistory.Limits(transactions: 100, bytes: 4000)
        for number in 0..<3 { try room.commit(run: "big", limits: limits) { $0.write("a", "\(number)") } }
        // Also for a process that goes on with the run.
        let scene = try CommitScene(room.directory.path, state: room.state.path + "/state")
        try scene.commit(to: TreeModel(["a": "last"]), run: "big", limits: limits)
        #expect(try room.history().runs.map(\.isComplete) == [false])
        #expect(throws: EnvironmentFailure.self) { try room.history().undo("big") }
        #expect(room.state.names.filter { $0.contains("/n") || $0.contains("/o") } == [])
    }

    @Test func aRunningRunIsNotUndone() throws {
        let room = try CommitRoom(Self.files)
        try room.commit(run: "one") { $0.write("a", "1") }
        let lock = try room.scene.state.lockRun()
        let failure = #expect(throws: EnvironmentFailure.self) { try room.history().undo("one") }
        #expect(failure?.message.contains("process \(getpid())") == true)
        lock.release()
        try room.history().undo("one")
        #expect(room.directory.text("a") == "0")
    }

    @Test func environmentsKeepTheirRuns() async throws {
        let directory = try TemporaryDirectory(Self.files)
        let scratch = try TemporaryDirectory()
        let options = WorkspaceOptions(sandbox: .off, temporaryDirectory: scratch.path + "/private")
        let environment = WorkspaceEnvironment(directory.path, options: options)
        environment.record(in: CommitRecord(run: "run-1"))
        _ = try await environment.open()
        for number in 1...3 {
            try await environment.fork(WorldID(number - 1), as: WorldID(number))
            _ = try await environment.perform(
                Call("write_file", ["path": .string("f\(number)"), "content": "1"]), in: WorldID(number),
                context: CallContext())
            _ = try await environment.perform(
                Call("write_file", ["path": "a", "content": .string("\(number)")]), in: WorldID(number),
                context: CallContext())
            try await environment.commit(WorldID(number))
        }
        #expect(try await environment.changes().contains("+3"))
        await environment.close()
        let history = try UndoHistory.open(directory.path, temporaryDirectory: scratch.path + "/private")
        #expect(history.runs.map(\.id) == ["run-1"])
        try history.undo("run-1")
        #expect(try TreeModel(of: directory.directory) == TreeModel(Self.files))
    }
}
