import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct StateDirectoryTests {
    private func open(
        _ path: String, in place: String, _ sharing: CommitOptions.Sharing = .share
    ) async throws -> WorkspaceEnvironment {
        var options = WorkspaceOptions(sandbox: .off, temporaryDirectory: place)
        options.commits.sharing = sharing
        let environment = WorkspaceEnvironment(path, options: options)
        _ = try await environment.open()
        return environment
    }

    @Test func itIsPrivateFoundAgainAndGoneWhenEmpty() throws {
        let room = try CommitRoom(["a": "0"])
        try room.commit(run: "r") { $0.write("a", "1") }
        let path = room.scene.state.path
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        #expect(room.state.text(String(path.dropFirst(room.state.path.count + 1)) + "/path") == room.directory.path)
        let again = try StateDirectory(for: room.directory.directory, preferred: room.state.path + "/state")
        #expect(again.path == path)
        #expect(again.kept.count == 1)
        again.removeIfEmpty()
        #expect(again.exists)
        try room.history().undo("r")
        try room.history().undo("undo r")
        let other = try TemporaryDirectory()
        #expect(try StateDirectory(for: other.directory, preferred: room.state.path + "/state").path != path)
    }

    @Test func oneWithNothingInItGoesAway() throws {
        let room = try CommitRoom(["a": "0"])
        try room.commit { $0.write("a", "1") }
        #expect(room.scene.state.exists)
        room.scene.state.removeIfEmpty()
        #expect(!room.scene.state.exists)
        try room.commit { $0.write("a", "2") }
        #expect(room.directory.text("a") == "2")
    }

    @Test func itIsNeverInsideOfTheWorkspace() throws {
        let directory = try TemporaryDirectory()
        let outside = try TemporaryDirectory()
        symlink(directory.path, outside.path + "/link")
        for place in [directory.path + "/state", outside.path + "/link/state"] {
            #expect(throws: FileError.self) { try StateDirectory(for: directory.directory, preferred: place) }
        }
        #expect(directory.names == [])
    }

    @Test func aSecondRunIsRefusedWithTheProcessThatHasIt() async throws {
        let (directory, place) = (try TemporaryDirectory(), try TemporaryDirectory())
        let first = try await open(directory.path, in: place.path + "/p", .refuse)
        let link = place.path + "/link"
        symlink(directory.path, link)
        // By another name, too.
        for path in [directory.path, link, directory.path + "/../" + RelativePath(directory.path).name.text] {
            let failure = await #expect(throws: EnvironmentFailure.self) {
                try await open(path, in: place.path + "/p", .refuse)
            }
            #expect(failure?.code == .unavailable)
            #expect(failure?.message.contains("process \(getpid())") == true)
        }
        await first.close()
        let next = try await open(directory.path, in: place.path + "/p", .refuse)
        await next.close()
        #expect(place.names == ["link", "p"])
    }

    @Test func aSecondRunWaits() async throws {
        let (directory, place) = (try TemporaryDirectory(), try TemporaryDirectory())
        let first = try await open(directory.path, in: place.path + "/p", .wait)
        let second = Task { try await open(directory.path, in: place.path + "/p", .wait) }
        let cancelled = Task { try await open(directory.path, in: place.path + "/p", .wait) }
        cancelled.cancel()
        await #expect(throws: (any Error).self) { try await cancelled.value }
        await first.close()
        await (try second.value).close()
    }

    @Test func locksOfKilledProcessesAreFree() async throws {
        let (directory, place) = (try TemporaryDirectory(), try TemporaryDirectory())
        let (path, state) = (directory.path, place.path + "/p")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, state = state as String] in
            let held = try StateDirectory(for: Directory(path), preferred: state)
            let lock = try held.lockRun()
            kill(getpid(), SIGKILL)
            lock.release()
        }
        let next = try await open(path, in: state, .refuse)
        await next.close()
    }

    @Test func workspacesMayHaveOddNames() async throws {
        let (parent, place) = (try TemporaryDirectory(), try TemporaryDirectory())
        let path = parent.path + "/new\nline, ü %41"
        mkdir(path, 0o755)
        let environment = try await open(path, in: place.path + "/p")
        try await environment.fork(.initial, as: WorldID(1))
        _ = try await environment.perform(
            Call("write_file", ["path": "a", "content": "1"]), in: WorldID(1), context: CallContext())
        try await environment.commit(WorldID(1))
        await environment.close()
        #expect(parent.names.last?.hasSuffix("/a") == true)
    }

    @Test func theTimesOfAFileMayBeSetBack() async throws {
        let (directory, place) = (try TemporaryDirectory(["a": "0", "b": "0"]), try TemporaryDirectory())
        let environment = try await open(directory.path, in: place.path + "/p")
        for (number, name) in ["a", "b"].enumerated() {
            try await environment.fork(WorldID(number), as: WorldID(number + 1))
            _ = try await environment.perform(
                Call("write_file", ["path": .string(name), "content": "1"]), in: WorldID(number + 1),
                context: CallContext())
        }
        try await environment.commit(WorldID(1))
        // The same size, and the same time of change: only the file system knows.
        let before = try #require(directory.signature("b"))
        let file = Glibc.open(directory.path + "/b", O_WRONLY)
        #expect(write(file, "x", 1) == 1)
        close(file)
        directory.directory.setModified(RelativePath("b"), before.modified)
        let failure = await #expect(throws: EnvironmentFailure.self) { try await environment.commit(WorldID(2)) }
        #expect(failure?.code == .conflict)
        #expect(directory.text("b") == "x")
        await environment.close()
    }
}

extension ArraySlice<UInt8> {
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
