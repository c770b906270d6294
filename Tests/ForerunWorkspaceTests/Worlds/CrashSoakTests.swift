import ForerunCore
import ForerunTesting
import Glibc
import Synchronization
import Testing

@testable import ForerunWorkspace

/// Processes that are killed in the middle of a commit, of an undo, and of the recovery from that: the workspace is as it was
/// before, or as it is afterwards.
struct CrashSoakTests {
    /// What a process does that does not live to the end of it.
    struct Job: Codable, Sendable {
        enum Kind: String, Codable, CaseIterable { case commit, keptCommit, undo }

        var seed: UInt64
        var workspace: String
        var state: String
        var step = Int.max

        var generator: SeededGenerator { SeededGenerator(seed: seed) }
        var kind: Kind { Kind.allCases[Int(seed % 3)] }
        /// The workspace is on another mount than its state.
        var isApart: Bool { seed % 7 == 0 }
        var canExchange: Bool { seed % 4 != 1 }
        var isSynchronized: Bool { seed % 5 == 0 }

        /// Before, after the first commit, after the second.
        var models: (TreeModel, TreeModel, TreeModel) {
            var generator = generator
            let first = TreeModel.random(using: &generator)
            let second = first.changed(using: &generator)
            return (first, second, second.changed(using: &generator))
        }

        /// Everything up to what is to be cut off.
        func prepare() throws {
            let (first, second, third) = models
            let scene = try CommitScene(workspace, state: state)
            try first.write(to: scene.workspace)
            guard kind == .undo else { return }
            try scene.commit(to: second, run: "run")
            try scene.commit(to: third, run: "run")
        }

        /// - Parameter count: of the steps.
        func perform(counting count: Counter) throws {
            let scene = try CommitScene(workspace, state: state)
            var options = Transaction.Options()
            options.isSynchronized = isSynchronized
            options.canExchange = canExchange
            options.onStep = { count.step(until: step) }
            switch kind {
            case .commit: try scene.commit(to: models.1, options: options)
            case .keptCommit: try scene.commit(to: models.1, run: "run", options: options)
            case .undo: try UndoHistory(scene.state, onStep: options.onStep).undo("run")
            }
        }

        func recover(counting count: Counter) throws -> [Recovery.Outcome] {
            let scene = try CommitScene(workspace, state: state)
            return try Recovery(state: scene.state, onStep: { count.step(until: step) }).run()
        }

        var outcomes: (before: TreeModel, after: TreeModel) {
            kind == .undo ? (models.2, models.0) : (models.0, models.1)
        }
    }

    final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }

        func step(until last: Int) {
            if count.add(1, ordering: .relaxed).oldValue == last { kill(getpid(), SIGKILL) }
        }
    }

    static let trials: Range<UInt64> = getenv("FORERUN_SOAK") == nil ? 0..<100 : 0..<1000

    @Test func killedProcessesLeaveAllOrNothing() async throws {
        var (before, after, secondCrashes) = (0, 0, 0)
        for seed in Self.trials {
            let isAfter = try await trial(seed, secondCrashes: &secondCrashes)
            if isAfter { after += 1 } else { before += 1 }
        }
        // Both ends are met, or the steps are not spread over the whole.
        #expect(before > Self.trials.count / 20 && after > Self.trials.count / 20, "\(before) before, \(after) after")
        #expect(secondCrashes > Self.trials.count / 10)
    }

    private func trial(_ seed: UInt64, secondCrashes: inout Int) async throws -> Bool {
        let apart = Job(seed: seed, workspace: "", state: "").isApart
        let workspace = try TemporaryDirectory(in: apart ? "/dev/shm" : "/tmp")
        let twin = try TemporaryDirectory(in: apart ? "/dev/shm" : "/tmp")
        let state = try TemporaryDirectory()
        var job = Job(seed: seed, workspace: workspace.path, state: state.path + "/state")
        try job.prepare()
        let (before, after) = job.outcomes

        // Another one is done to its end, to learn how many steps there are.
        var whole = job
        whole.workspace = twin.path
        try whole.prepare()
        let steps = Counter()
        try whole.perform(counting: steps)
        #expect(try TreeModel(of: twin.directory) == after, "seed \(seed)")

        var generator = SeededGenerator(seed: ~seed)
        job.step = Int.random(in: 0..<steps.value, using: &generator)
        await #expect(processExitsWith: .signal(SIGKILL)) { [job = job as Job] in
            try job.perform(counting: Counter())
        }
        let isTorn = try ![before, after].contains(TreeModel(of: workspace.directory))
        if isTorn || Bool.random(using: &generator) {
            secondCrashes += 1
            var second = job
            second.step = Int.random(in: 0..<8, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL)) { [second = second as Job] in
                _ = try second.recover(counting: Counter())
                kill(getpid(), SIGKILL)
            }
        }
        job.step = .max
        _ = try job.recover(counting: Counter())
        let found = try TreeModel(of: workspace.directory)
        #expect(found == before || found == after, "seed \(seed), step \(job.step)")
        // Nothing is left that another recovery would act on.
        let scene = try CommitScene(job.workspace, state: job.state)
        #expect(!scene.state.hasTransactions, "seed \(seed)")
        #expect(try job.recover(counting: Counter()) == [])
        try checkHistory(job, scene, isAfter: found == after && before != after)
        return found == after
    }

    /// What was committed can be undone, what was undone can be done again.
    private func checkHistory(_ job: Job, _ scene: CommitScene, isAfter: Bool) throws {
        let history = UndoHistory(scene.state)
        let runs = history.runs.map(\.id)
        switch job.kind {
        case .commit: #expect(runs == [])
        case .keptCommit:
            guard isAfter else { return }
            #expect(runs == ["run"], "seed \(job.seed)")
            try history.undo("run")
            #expect(try TreeModel(of: scene.workspace) == job.outcomes.before, "seed \(job.seed)")
        case .undo:
            guard isAfter else {
                if job.outcomes.before != job.outcomes.after { #expect(runs == ["run"], "seed \(job.seed)") }
                return
            }
            #expect(runs == ["undo run"], "seed \(job.seed)")
            try history.undo("undo run")
            #expect(try TreeModel(of: scene.workspace) == job.outcomes.before, "seed \(job.seed)")
        }
    }
}
