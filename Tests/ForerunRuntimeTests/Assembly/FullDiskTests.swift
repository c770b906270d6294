import ForerunCore
import ForerunStore
import ForerunWorkspace
import Foundation
import Glibc
import Testing

@testable import ForerunRuntime

/// A disk that is full from some byte of a run's log on: what the log says is in the workspace, and nothing else.
struct FullDiskTests {
    /// Makes one change after the other, until one cannot be committed.
    private static func run(_ place: String, _ variables: [String: String], to limit: Int) async throws {
        let log = try RunLog(variables: variables)
        let environment = environment(place)
        environment.record(in: log.commitRecord)
        _ = try await environment.open()
        // The log is longer than any other file: these have room.
        log.append(["type": "note", "text": .string(String(repeating: "x", count: padding))])
        Self.limit(to: rlim_t(limit))
        do throws(EnvironmentFailure) {
            for number in 1...commits {
                try await environment.fork(WorldID(number - 1), as: WorldID(number))
                let call = Call("write_file", ["path": "count", "content": .string("\(number)")])
                do {
                    _ = try await environment.perform(call, in: WorldID(number), context: CallContext())
                } catch {
                    Issue.record("\(error)")
                }
                log.append(.event(.committed(world: number, turn: number, call: 0), time: 0))
                try await environment.commit(WorldID(number))
            }
        } catch {
            #expect(error.message.contains("event log cannot"), "\(error)")
        }
        await environment.close()
        _ = log.close()
    }

    /// No file of this process may grow beyond so many bytes.
    private static func limit(to bytes: rlim_t) {
        var room = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &room)
        room.rlim_cur = min(bytes, room.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &room)
    }

    private static func environment(
        _ place: String, onSettled: @escaping CommitOptions.OnSettled = { _, _, _ in }
    ) -> WorkspaceEnvironment {
        var options = WorkspaceOptions(sandbox: .off, temporaryDirectory: place + "/private")
        options.commits.onSettled = onSettled
        return WorkspaceEnvironment(place + "/workspace", options: options)
    }

    private static let padding = 8_192
    private static let commits = 3

    /// In a process of its own: the limit is that of all files of a process.
    @Test func logAndWorkspaceAgreeWhereverItIsFull() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var counts: Set<Int> = []
            for limit in stride(from: FullDiskTests.padding, to: FullDiskTests.padding + 400, by: 5) {
                let place = FileManager.default.temporaryDirectory.path + "/forerun-tests-\(UUID().uuidString)"
                let workspace = place + "/workspace"
                try FileManager.default.createDirectory(atPath: workspace, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(atPath: place) }
                try "0".write(toFile: workspace + "/count", atomically: true, encoding: .utf8)
                let variables = ["XDG_STATE_HOME": place + "/state"]
                try await FullDiskTests.run(place, variables, to: limit)
                // The log is closed: there is room again, and too late for what it could not write.
                FullDiskTests.limit(to: .max)
                // What a later process does first.
                let next = FullDiskTests.environment(place, onSettled: RunLog.settling(variables))
                _ = try await next.open()
                await next.close()
                let directory = try RunStateDirectory(environment: { variables[$0] })
                var reader = try EventLogReader(try #require(try directory.runs().last), in: directory)
                let landed = Set(
                    try reader.events().filter { $0["type"] == "branch.landed" }.compactMap { $0["world"]?.intValue })
                let count = try #require(Int(try String(contentsOfFile: workspace + "/count", encoding: .utf8)))
                #expect(landed.sorted() == Array(1..<(count + 1)), "full at \(limit): the workspace is at \(count)")
                counts.insert(count)
            }
            #expect(counts == Set(0...FullDiskTests.commits), "the disk was full at each of them")
        }
    }
}
