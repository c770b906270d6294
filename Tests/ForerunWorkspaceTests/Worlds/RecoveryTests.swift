import ForerunCore
import Glibc
import Synchronization
import Testing

@testable import ForerunWorkspace

struct RecoveryTests {
    /// Kills a process in the middle of a commit that changes `a`, makes `b`, changes `d/x` and removes `gone`.
    private func crash(_ room: CommitRoom, at step: Int) async throws {
        let (workspace, state) = (room.directory.path, room.state.path + "/state")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [workspace = workspace as String, state = state as String, step = step as Int] in
            let scene = try CommitScene(workspace, state: state)
            let steps = CrashSoakTests.Counter()
            var options = Transaction.Options()
            options.onStep = { steps.step(until: step) }
            try scene.commit(to: Self.target(try TreeModel(of: scene.workspace)), run: "r", options: options)
        }
    }

    private static let files = ["a": "0", "d/x": "0", "gone": "0"]
    /// 3 staged files, the plan, the decision; then one change each.
    private static let firstChange = 5

    private static func target(_ model: TreeModel) -> TreeModel {
        var target = model
        for name in ["a", "b", "d/x"] { target.write(name, "1") }
        target.remove("gone")
        return target
    }

    @Test func undecidedOnesAreDroppedAndDecidedOnesFinished() async throws {
        for step in 0..<Self.firstChange + 4 {
            let room = try CommitRoom(Self.files)
            let before = try room.model
            try await crash(room, at: step)
            let outcome = try #require(room.recover().first)
            if step < Self.firstChange {
                #expect(outcome == .dropped)
                #expect(try room.model == before)
            } else {
                guard case .finished(let paths) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(paths.count == 4)
                #expect(outcome.message?.contains("d/x") == true)
                #expect(try room.model == Self.target(before))
                #expect(try room.history().runs.map(\.id) == ["r"])
            }
            #expect(room.isClean)
        }
    }

    @Test func aCommitThatNobodyCouldSayHasLandedKeepsItsJournal() async throws {
        struct Full: Error {}
        let room = try CommitRoom(Self.files)
        var options = WorkspaceOptions(sandbox: .off, temporaryDirectory: room.state.path + "/state")
        let environment = WorkspaceEnvironment(room.directory.path, options: options)
        environment.record(
            in: CommitRecord(
                run: "r",
                settle: { _, isCommitted in
                    #expect(isCommitted)
                    throw Full()
                }))
        _ = try await environment.open()
        try await environment.fork(.initial, as: WorldID(7))
        _ = try await environment.perform(
            Call("write_file", ["path": "a", "content": "1"]), in: WorldID(7), context: CallContext())
        let failure = await #expect(throws: EnvironmentFailure.self) { try await environment.commit(WorldID(7)) }
        #expect(failure?.message.contains("is in the workspace") == true)
        await environment.close()
        #expect(room.directory.text("a") == "1")
        // As long as it cannot be said, it stays; who would read the log is told.
        for _ in 0..<2 {
            let scene = try CommitScene(room.directory.path, state: room.state.path + "/state")
            let outcomes = try Recovery(state: scene.state, onSettled: { _, _, _ in throw Full() }).run()
            #expect(outcomes == [.unrecorded([RelativePath("a")], reason: "Full()")])
        }
        let refused = #expect(throws: EnvironmentFailure.self) {
            try UndoHistory.open(
                room.directory.path, temporaryDirectory: room.state.path + "/state",
                onSettled: { _, _, _ in throw Full() })
        }
        #expect(refused?.message.contains("changed a") == true)
        let said = Mutex<[String]>([])
        options.commits.onSettled = { run, world, isCommitted in
            said.withLock { $0.append("\(run) \(world) \(isCommitted)") }
        }
        let next = WorkspaceEnvironment(room.directory.path, options: options)
        _ = try await next.open()
        await next.close()
        #expect(said.withLock { $0 } == ["r 7 true"])
        #expect(room.directory.text("a") == "1")
        #expect(room.isClean)
        #expect(try room.history().runs.map(\.id) == ["r"])
    }

    @Test func whatOthersChangedMeanwhileStaysAndTheRestIsTakenBack() async throws {
        let room = try CommitRoom(Self.files)
        try await crash(room, at: Self.firstChange + 2)
        #expect(room.directory.text("b") == "1")
        room.directory.write("d/x", "by others")
        guard case .takenBack = try room.recover().first else {
            Issue.record("not taken back")
            return
        }
        var expected = TreeModel(Self.files)
        expected.write("d/x", "by others")
        #expect(try room.model == expected)
        #expect(room.isClean)
    }

    @Test func whatCannotBeTakenBackIsNamedAndKept() async throws {
        let room = try CommitRoom(Self.files)
        try await crash(room, at: Self.firstChange + 2)
        // One that is not done yet, and one that is.
        room.directory.write("d/x", "by others")
        room.directory.write("a", "by others, too")
        guard case .halfway(let paths, let kept) = try room.recover().first else {
            Issue.record("not halfway")
            return
        }
        #expect(paths == [RelativePath("a")])
        #expect(room.directory.text("a") == "by others, too")
        #expect(room.directory.text("b") == nil)
        // The old version is there for a person, and stays there.
        #expect(try Directory(kept).content(of: Journal.new(0)) == Array("0".utf8))
        #expect(try room.recover() == [])
        #expect(access(kept, F_OK) == 0)
    }

    @Test func editsOfWhatWasDoneAlreadyStay() async throws {
        let room = try CommitRoom(Self.files)
        try await crash(room, at: Self.firstChange + 2)
        room.directory.write("a", "edited after it was committed")
        guard case .finished = try room.recover().first else {
            Issue.record("not finished")
            return
        }
        #expect(room.directory.text("a") == "edited after it was committed")
        #expect(room.directory.text("d/x") == "1")
    }

    @Test func transactionsOfLivingProcessesAreLeftAlone() throws {
        let room = try CommitRoom(Self.files)
        let commits = try room.scene.state.lockCommits()
        let place = try room.scene.state.makeTransaction(commits)
        commits.release()
        #expect(try room.recover() == [])
        #expect(access(place.path, F_OK) == 0)
    }

    @Test func anotherDirectoryInItsPlaceIsNotTouched() async throws {
        let room = try CommitRoom(Self.files)
        try await crash(room, at: Self.firstChange + 1)
        let (path, moved) = (room.directory.path, room.directory.path + "-moved")
        rename(path, moved)
        mkdir(path, 0o755)
        defer { system("rm -rf '\(moved)'") }
        let scene = try CommitScene(path, state: room.state.path + "/state")
        guard case .elsewhere = try Recovery(state: scene.state).run().first else {
            Issue.record("touched")
            return
        }
        #expect(try TreeModel(of: scene.workspace) == TreeModel())
        rmdir(path)
        rename(moved, path)
        guard case .finished = try room.recover().first else {
            Issue.record("not finished")
            return
        }
    }

    @Test func damagedJournalsAreSaidAndKept() async throws {
        let room = try CommitRoom(Self.files)
        try await crash(room, at: Self.firstChange)
        let before = try room.model
        let place = try #require(room.state.names.first { $0.hasSuffix("/journal") })
        truncate("\(room.state.path)/\(place)", 40)
        guard case .damaged = try room.recover().first else {
            Issue.record("used")
            return
        }
        #expect(try room.model == before)
        #expect(try room.recover() == [])
    }

    @Test func environmentsRecoverWhenTheyOpen() async throws {
        for place in ["/tmp", "/dev/shm"] {
            let room = try CommitRoom(Self.files, in: place)
            let before = try room.model
            try await crash(room, at: Self.firstChange + 1)
            var options = WorkspaceOptions(sandbox: .off)
            options.temporaryDirectory = room.state.path + "/state"
            let environment = WorkspaceEnvironment(room.directory.path, options: options)
            _ = try await environment.open()
            #expect(try room.model == Self.target(before))
            #expect(environment.warning?.contains("cut off") == true)
            await environment.close()
        }
    }
}

struct JournalTests {
    @Test func journalsComeBackAsTheyWere() throws {
        var journal = Journal(root: 3, time: -7)
        journal.run = Journal.Run(id: "a run\nwith % ü", number: 4)
        journal.undoes = [RelativePath("kept-1"), RelativePath("kept-2")]
        let version = Version(
            kind: .file, inode: .max, mode: 0o644, size: 12, modified: -1, owner: 1000, group: 100)
        journal.operations = [
            Journal.Operation(path: RelativePath(bytes: [0xFF, 10, 32, 37, 1]), old: version, new: nil),
            Journal.Operation(path: RelativePath("a/b"), old: nil, new: version),
        ]
        journal.modes = [
            Journal.Mode(path: .root, inode: 1, before: 0o755, after: 0o755),
            Journal.Mode(path: RelativePath("d"), inode: 2, before: nil, after: 0o700),
        ]
        let bytes = journal.encoded
        #expect(try Journal(bytes) == journal)
        for cut in [0, 1, bytes.count / 2, bytes.count - 1] {
            #expect(throws: Journal.Damaged.self) { try Journal(Array(bytes[..<cut])) }
        }
        var flipped = bytes
        flipped[bytes.count / 2] ^= 1
        #expect(throws: Journal.Damaged.self) { try Journal(flipped) }
    }
}
