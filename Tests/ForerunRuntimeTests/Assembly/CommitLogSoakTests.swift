import ForerunCore
import ForerunStore
import ForerunTesting
import ForerunWorkspace
import Foundation
import Testing

@testable import ForerunRuntime

/// Processes that are killed at any moment while they commit: what the run's log says is in the workspace, and nothing else.
struct CommitLogSoakTests {
    /// A process that commits world after world until it is killed.
    struct Job: Codable, Sendable {
        var place: String
        /// Microseconds that it lives after its first commit.
        var life: UInt32

        var variables: [String: String] { ["XDG_STATE_HOME": place + "/state", "HOME": place] }

        func environment(onSettled: @escaping CommitOptions.OnSettled = { _, _, _ in }) -> WorkspaceEnvironment {
            var options = WorkspaceOptions(sandbox: .off, temporaryDirectory: place + "/private")
            options.commits.isSynchronized = true
            options.commits.onSettled = onSettled
            return WorkspaceEnvironment(place + "/workspace", options: options)
        }

        func perform() async throws {
            let log = try RunLog(variables: variables)
            let environment = self.environment()
            environment.record(in: log.commitRecord)
            _ = try await environment.open()
            for number in 1... {
                let (world, parent) = (WorldID(number), WorldID(number - 1))
                try await environment.fork(parent, as: world)
                for path in ["count", "made-\(number)"] {
                    let call = Call("write_file", ["path": .string(path), "content": .string("\(number)")])
                    _ = try await environment.perform(call, in: world, context: CallContext())
                }
                log.append(.event(.committed(world: number, turn: number, call: 0), time: 0))
                try await environment.commit(world)
                if number == 1 { Self.dieLater(life) }
            }
        }

        private static func dieLater(_ microseconds: UInt32) {
            Thread.detachNewThread {
                usleep(microseconds)
                kill(getpid(), SIGKILL)
            }
        }

        /// What a later process does first.
        func recover() async throws {
            let environment = self.environment(onSettled: RunLog.settling(variables))
            _ = try await environment.open()
            await environment.close()
        }
    }

    static let trials = ProcessInfo.processInfo.environment["FORERUN_SOAK"] == nil ? 25 : 500

    @Test func logAndWorkspaceAgree() async throws {
        var generator = SeededGenerator(seed: 7)
        var unfinished = 0
        for trial in 0..<Self.trials {
            let place = FileManager.default.temporaryDirectory.path + "/forerun-tests-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: place + "/workspace", withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: place) }
            let job = Job(place: place, life: .random(in: 0..<12_000, using: &generator))
            await #expect(processExitsWith: .signal(SIGKILL)) { [job = job as Job] in try await job.perform() }
            let before = try landed(job)
            try await job.recover()
            let (planned, after) = (try events("branch.committed", job), try landed(job))
            unfinished += after.count - before.count
            let text = try String(contentsOfFile: place + "/workspace/count", encoding: .utf8)
            let count = try #require(Int(text))
            #expect(after == Array(1...count), "trial \(trial): the workspace is at \(count), the log at \(after)")
            #expect(planned.count >= count, "trial \(trial): the log is behind the workspace")
            let names = try FileManager.default.contentsOfDirectory(atPath: place + "/workspace")
            #expect(Set(names) == Set(["count"] + (1...count).map { "made-\($0)" }), "trial \(trial)")
        }
        print("\(unfinished) commits of \(Self.trials) processes were finished, or found in the log, by the next one")
    }

    /// Who dies after saying it and before the journal goes says it again.
    private func landed(_ job: Job) throws -> [Int] { Set(try events("branch.landed", job)).sorted() }

    private func events(_ type: String, _ job: Job) throws -> [Int] {
        let directory = try RunStateDirectory(environment: { job.variables[$0] })
        let run = try #require(try directory.runs().last)
        var reader = try EventLogReader(run, in: directory)
        return try reader.events().filter { $0["type"]?.stringValue == type }.compactMap { $0["world"]?.intValue }
    }
}
