import FoundationEssentials
import Testing

@testable import ForerunStore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite(.timeLimit(.minutes(20)))
struct RunDoorTests {
    @Test func wishesArriveInOrderAndNonsenseDoesNot() async throws {
        let runs = try TemporaryRuns()
        let run = try runs.directory.makeRun()
        let (wishes, heard) = AsyncStream.makeStream(of: RunWish.self)
        let door = try RunDoor(of: run, in: runs.directory) { heard.yield($0) }
        let path = runs.directory.doorPath(of: run)
        #expect(try mode(of: path) == 0o600)
        try RunWish.speculation(isOn: false).send(to: run, in: runs.directory)
        for text in [
            "", "nonsense", "{}", #"{"type":"speculation"}"#, #"{"type":"rm"}"#, String(repeating: "x", count: 2_000),
        ] {
            var line = Array("\(text)\n".utf8)
            try File.openDoor(path).write(&line)
        }
        try RunWish.speculation(isOn: true).send(to: run, in: runs.directory)
        try RunWish.cancel.send(to: run, in: runs.directory)
        var all: [RunWish] = []
        for await wish in wishes {
            all.append(wish)
            if wish == .cancel { break }
        }
        #expect(all == [.speculation(isOn: false), .speculation(isOn: true), .cancel])
        door.close()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whoDoesNotListenIsNotTold() throws {
        let runs = try TemporaryRuns()
        let run = try runs.directory.makeRun()
        func refusal() -> StoreError.Code? {
            do throws(StoreError) {
                try RunWish.cancel.send(to: run, in: runs.directory)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(refusal() == .notFound)
        // What a killed process left.
        #expect(mkfifo(runs.directory.doorPath(of: run), 0o600) == 0)
        #expect(refusal() == .notFound)
        // The next one takes it over.
        let door = try RunDoor(of: run, in: runs.directory) { _ in }
        #expect(refusal() == nil)
        door.close()
        // A file in its place is left alone.
        #expect(FileManager.default.createFile(atPath: runs.directory.doorPath(of: run), contents: Data("kept".utf8)))
        #expect(refusal() == .wrongKind)
        #expect(throws: StoreError.self) { try RunDoor(of: run, in: runs.directory) { _ in } }
        #expect(FileManager.default.contents(atPath: runs.directory.doorPath(of: run)) == Data("kept".utf8))
    }
}
