import FoundationEssentials
import Testing

@testable import ForerunStore

struct RunStateDirectoryTests {
    @Test(arguments: [
        (["XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/forerun/runs"),
        (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/forerun/runs"),
        (["XDG_STATE_HOME": "", "HOME": "/h"], "/h/.local/state/forerun/runs"),
    ])
    func resolvesXDG(environment: [String: String], path: String) throws {
        #expect(try RunStateDirectory(environment: { environment[$0] }).path == path)
    }

    @Test func withoutHomeThereIsNone() {
        let error = #expect(throws: StoreError.self) { try RunStateDirectory(environment: { _ in nil }) }
        #expect(error?.code == .noHome)
    }

    @Test(arguments: [
        (0, "19700101-000000"), (951_782_399, "20000228-235959"), (951_782_400, "20000229-000000"),
        (951_868_800, "20000301-000000"), (1_795_253_412, "20261121-093012"), (4_107_542_400, "21000301-000000"),
        (1_735_689_599, "20241231-235959"),
    ])
    func namesAreDates(time: Int, prefix: String) {
        let run = RunName(time: time * RunName.resolution + 0x4f2)
        #expect(run.description == prefix + "-04f2")
        #expect(RunName(run.description) == run)
    }

    @Test(arguments: [
        "", "20261121-093012", "20261121-093012-4F2A", "20261121-093012-4f2", "2026112x-093012-4f2a", "../../etc/x",
    ])
    func otherNamesAreNoRuns(name: String) { #expect(RunName(name) == nil) }

    @Test func runsAreListedOldestFirst() throws {
        let temporary = try TemporaryRuns()
        #expect(try temporary.directory.runs() == [])
        let times = [1_795_253_412.5, 1_700_000_000, 1_795_253_412.25].map { Int($0 * Double(RunName.resolution)) }
        let made = try times.map { try temporary.directory.makeRun(time: $0) }
        try FileManager.default.createDirectory(
            atPath: temporary.directory.path + "/other", withIntermediateDirectories: false)
        #expect(try temporary.directory.runs() == [made[1], made[2], made[0]])
    }

    @Test func runsOfOneMomentDiffer() throws {
        let temporary = try TemporaryRuns()
        let made = try (0..<50).map { _ in try temporary.directory.makeRun(time: 0) }
        #expect(Set(made).count == 50 && made == made.sorted())
    }

    @Test func directoriesAreForTheUserOnly() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        #expect(try mode(of: temporary.directory.path) == 0o700)
        #expect(try mode(of: temporary.directory.directory(of: run)) == 0o700)
        #expect(try mode(of: log.path) == 0o600)
    }

    @Test func aFileInTheWayIsReported() throws {
        let temporary = try TemporaryRuns()
        try Data().write(to: URL(filePath: temporary.root + "/forerun"))
        let error = #expect(throws: StoreError.self) { try temporary.directory.makeRun() }
        #expect(error?.code == .wrongKind)
        #expect(error?.path == temporary.root + "/forerun")
    }
}
