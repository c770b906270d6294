import CBranch
import Glibc
import Synchronization

/// The program `forerun-branch` at work for one open workspace: it mounts, runs and ends branches.
///
/// One thread talks to it and collects what commands write. When this object goes, or the whole process dies, the host
/// sees its socket end, kills whatever runs and ends too.
final class BranchHost: Sendable {
    /// What the host does here.
    struct Capabilities: Sendable, Hashable {
        /// `T0`: an overlay in a user namespace. `T1`: the same, layers only in memory. `T1b`: as root without a user
        /// namespace.
        var tier: String
        var keepsLayersInMemory: Bool
        var keepsLayersOnDisk: Bool
        var noticesNetwork: Bool
        var landlock: Int
        var cgroup: String
    }

    struct Opening: Sendable {
        var workspace: String
        /// Where commands see it.
        var presented: String
        /// For layers on disk.
        var disk: String?
        /// Bytes and files that layers in memory may take.
        var memory: Int
        var inodes: Int
        /// Hidden.
        var masks: [String]
        /// Below the workspace; may be read, not written.
        var protected: [String]
        /// Below the workspace; cannot be made where they are missing. A directory ends in `/`.
        var reserved: [String]
        /// Shown through a read-only overlay, so that no socket in it can be reached.
        var homes: [String]
    }

    let capabilities: Capabilities
    /// The directories of layers, those in memory and those on disk.
    let memory: Directory?
    let disk: Directory?
    private let loop: BranchLoop
    private let nextName = Atomic(0)

    private init(_ capabilities: Capabilities, memory: Directory?, disk: Directory?, loop: BranchLoop) {
        self.capabilities = capabilities
        self.memory = memory
        self.disk = disk
        self.loop = loop
    }

    deinit { loop.stop() }

    @concurrent
    static func open(_ opening: Opening, program: String) async throws(BranchFailure) -> BranchHost {
        let loop = try BranchLoop(program: program)
        var message = BranchMessage(CBRANCH_OPEN, id: loop.nextID())
        message.add("workspace", opening.workspace)
        message.add("present", opening.presented)
        if let disk = opening.disk { message.add("disk", disk) }
        message.add("memory", opening.memory)
        message.add("inodes", opening.inodes)
        for (key, paths) in [
            ("mask", opening.masks), ("protect", opening.protected), ("reserve", opening.reserved),
            ("home", opening.homes),
        ] {
            for path in paths { message.add(key, path) }
        }
        let answer: BranchMessage
        do {
            answer = try await loop.request(message)
        } catch {
            loop.stop()
            throw error
        }
        let capabilities = Capabilities(
            tier: answer["tier"] ?? "T0", keepsLayersInMemory: answer["memory-layers"] == "1",
            keepsLayersOnDisk: answer["disk-layers"] == "1", noticesNetwork: answer["network-notify"] == "1",
            landlock: answer["landlock"].flatMap { Int($0) } ?? 0, cgroup: answer["cgroup"] ?? "none")
        let given = answer.descriptors
        let memory = given.first.map { Directory(owning: $0, named: "the layers in memory") }
        let disk = given.count > 1 ? Directory(owning: given[1], named: opening.disk ?? "the layers on disk") : nil
        for extra in given.dropFirst(2) { close(extra) }
        return BranchHost(capabilities, memory: memory, disk: disk, loop: loop)
    }

    /// Ends it and whatever it runs; returns when nothing of it is left. Its layers on disk may then be removed.
    func shutDown() async {
        loop.stop()
        await loop.waitUntilGone()
    }

    /// Whether it still answers.
    var isAlive: Bool { loop.isAlive }

    /// The process that is the host; its children are first processes of branches, and one that deletes.
    var processID: pid_t { loop.processID }

    // MARK: - Layers

    /// A name that no layer has.
    func newLayer(inMemory: Bool) -> LayerName {
        LayerName(isInMemory: inMemory, name: "l\(nextName.add(1, ordering: .relaxed).newValue)")
    }

    /// Where layers of a kind are; `nil` where this host has none.
    func directory(of layer: LayerName) -> Directory? { layer.isInMemory ? memory : disk }

    /// Removes a layer; it is out of the way at once, and its files go later.
    func remove(_ layer: LayerName) {
        var message = BranchMessage(CBRANCH_REMOVE, id: loop.nextID())
        message.add("name", layer.description)
        loop.send(message)
    }

    /// Bytes that layers in memory can still take; `nil` where that is unknown.
    var freeMemory: Int? {
        guard let memory else { return nil }
        var status = statvfs()
        guard fstatvfs(memory.descriptor, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_bsize)
    }

    // MARK: - Commands

    /// Runs a command to its end. Cancelling the task kills it.
    ///
    /// - Parameters:
    ///   - timeout: then it is ended, gently at first.
    ///   - onFelt: called at once when a restriction is met, from another thread.
    /// - Returns: the result, and whether it was ended because its time was up.
    func run(
        _ run: BranchRun, timeout: Duration, onFelt: @escaping @Sendable (BranchRun.Restriction) -> Void = { _ in }
    ) async throws(BranchFailure) -> (result: BranchRun.Result, isTimedOut: Bool) {
        let isTimedOut = Atomic(false)
        let task = try loop.start(run, onFelt: onFelt)
        let loop = loop
        let timer = Task { @concurrent in
            // What has ended was in time, however late those who wait for it have their turn.
            guard (try? await Task.sleep(for: timeout)) != nil, !task.isOver else { return }
            isTimedOut.store(true, ordering: .relaxed)
            loop.send(BranchMessage(CBRANCH_TERM, id: task.id))
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
            loop.send(BranchMessage(CBRANCH_KILL, id: task.id))
        }
        let result = await withTaskCancellationHandler {
            await task.wait()
        } onCancel: {
            loop.send(BranchMessage(CBRANCH_KILL, id: task.id))
        }
        timer.cancel()
        return (try result.get(), isTimedOut.load(ordering: .relaxed))
    }
}
