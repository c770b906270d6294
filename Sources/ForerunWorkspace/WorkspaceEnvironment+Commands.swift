package import ForerunCore
import Glibc
import Synchronization

/// Commands: in a branch of their own, in a copy, or in the real directory.
extension WorkspaceEnvironment {
    func runCommand(
        _ call: Call, in world: WorldID, _ context: CallContext, _ session: Session
    ) async throws -> CallResult {
        let arguments = Arguments(call)
        let text = try arguments.string("command")
        let seconds = try arguments.int("timeout_seconds", default: options.commandTimeout, in: 1...3600)
        if text.utf8.contains(0) { throw Refusal("command holds a NUL character") }
        if text.isEmpty { throw Refusal("command must not be empty") }
        let order = Order(arguments: ["/bin/sh", "-c", text], seconds: seconds)
        switch session.confinement {
        case .branches(let keeper, _): return try await runInBranch(order, in: world, context, keeper, session)
        case .copies(let program, _, _):
            if session.containsCommands, !isInPlace(world, session) {
                return try await runInCopy(order, in: world, program, session)
            }
            return try await runInPlace(order, in: world, launcher: { Self.launcher(program, writing: $0) }, session)
        case .off: return try await runInPlace(order, in: world, launcher: { _ in [] }, session)
        case .unavailable(let reason, let remedy):
            let message = "commands cannot be run here: they cannot be sandboxed (\(reason)). \(remedy)"
            return CallResult(Output(message, isError: true), reads: .nothing, writes: .nothing)
        }
    }

    /// What is to be run.
    struct Order: Sendable {
        let arguments: [String]
        /// Then it is ended.
        let seconds: Int
    }

    /// Runs a program itself, without a shell, in a branch.
    package func execute(_ arguments: [String], in world: WorldID) async throws -> CallResult {
        guard let session = state.withLock({ $0.session }), case .branches(let keeper, _) = session.confinement else {
            throw Self.closed
        }
        let order = Order(arguments: arguments, seconds: options.commandTimeout)
        return try await runInBranch(order, in: world, CallContext(), keeper, session)
    }

    // MARK: - In a branch

    private func runInBranch(
        _ order: Order, in world: WorldID, _ context: CallContext, _ keeper: BranchKeeper, _ session: Session
    ) async throws -> CallResult {
        let host: BranchHost
        do { host = try await keeper.host() } catch { throw CallFailure(.notStarted, error.description) }
        for inMemory in Self.places(host, session) {
            let ran = try await run(order, in: world, on: host, inMemory: inMemory, context, session)
            // Memory was the limit, not the machine: on disk it may come out differently.
            if inMemory, ran.result.felt.contains(.space), host.capabilities.keepsLayersOnDisk {
                continue
            }
            return try await take(ran, of: order, in: world, session)
        }
        throw CallFailure(.notStarted, "there is no place for what the command writes")
    }

    /// Where to put what a command writes: memory while there is enough, then disk.
    private static func places(_ host: BranchHost, _ session: Session) -> [Bool] {
        let hasRoom = host.freeMemory.map { $0 > session.options.layerMemory / 4 } ?? false
        var places: [Bool] = []
        if host.capabilities.keepsLayersInMemory, hasRoom || !host.capabilities.keepsLayersOnDisk {
            places.append(true)
        }
        if host.capabilities.keepsLayersOnDisk { places.append(false) }
        return places
    }

    private struct Ran: Sendable {
        let result: BranchRun.Result
        let isTimedOut: Bool
        let isRestricted: Bool
        let upper: LayerDirectory
        let temporary: [TemporaryLayer]
        let view: View

        var isTainted: Bool { result.felt.contains { WorkspaceEnvironment.taints($0, isRestricted: isRestricted) } }
    }

    /// Limits are the same ahead and on the real path; that they are met may come from what else runs ahead.
    private static func taints(_ restriction: BranchRun.Restriction, isRestricted: Bool) -> Bool {
        restriction == .network ? isRestricted : BranchRun.Restriction.shared.contains(restriction)
    }

    private func run(
        _ order: Order, in world: WorldID, on host: BranchHost, inMemory: Bool, _ context: CallContext,
        _ session: Session
    ) async throws -> Ran {
        let view = try view(of: world, session)
        let temporary = state.withLock { $0.worlds.temporary(of: world) }.filter { $0.host === host }
        let isReady = view.layers.allSatisfy { $0.mountable.withLock { $0?.host === host } }
        let make = { @Sendable in try Self.mount(view, on: host, inMemory: inMemory) }
        // A change of threads takes longer than a look at what is there.
        let lowers = try isReady ? make() : await offload(make)
        let isRestricted = context.isRestricted && session.options.network
        let reachesNetwork = session.options.network && !isRestricted
        let run = BranchRun(
            upper: host.newLayer(inMemory: inMemory), lowers: lowers.map(\.name) + temporary.reversed().map(\.name),
            arguments: order.arguments, environment: session.environment,
            network: reachesNetwork, reportsNetwork: !reachesNetwork,
            umask: session.umask,
            outputLimit: options.outputLimit)
        let ended: (result: BranchRun.Result, isTimedOut: Bool)
        do {
            ended = try await host.run(run, timeout: .seconds(order.seconds)) { restriction in
                if Self.taints(restriction, isRestricted: isRestricted) { context.felt() }
            }
        } catch {
            host.remove(run.upper)
            if Task.isCancelled { throw CallFailure(.cancelled, "the command was ended") }
            throw CallFailure(error.isFinal ? .unknownOutcome : .notStarted, error.description)
        }
        withExtendedLifetime((lowers, temporary)) {}
        guard let place = host.directory(of: run.upper) else {
            throw CallFailure(.unknownOutcome, "the layer of the command is gone")
        }
        let workspace = try place.open(RelativePath("\(run.upper.name)/\(LayerDirectory.workspacePart)"))
        let upper = LayerDirectory(run.upper, of: host, workspace: workspace)
        var layers = temporary
        if let written = try TemporaryLayer.take(from: run.upper, of: host) { layers.append(written) }
        return Ran(
            result: ended.result, isTimedOut: ended.isTimedOut,
            isRestricted: isRestricted, upper: upper, temporary: layers, view: view
        )
    }

    /// The layers of a view as directories that the kernel can mount, newest first.
    private static func mount(_ view: View, on host: BranchHost, inMemory: Bool) throws -> [LayerDirectory] {
        try view.layers.indices.reversed().map { index in
            let layer = view.layers[index]
            return try layer.mountable.withLock { mountable in
                if let mountable, mountable.host === host { return mountable }
                let made = try LayerDirectory.make(on: host, inMemory: inMemory)
                let below = View(base: view.base, layers: Array(view.layers[..<index]))
                try LayerWriter.write(layer.changes, on: below, to: made)
                mountable = made
                return made
            }
        }
    }

    private func take(
        _ ran: Ran, of order: Order, in world: WorldID, _ session: Session
    ) async throws -> CallResult {
        if Task.isCancelled { throw CallFailure(.cancelled, "the command was ended") }
        if ran.isTimedOut { throw Self.timedOut(order) }
        try check(world)
        let scan = { @Sendable in
            try LayerScan.changes(in: ran.upper, on: ran.view, store: session.store, roots: session.roots)
        }
        let isUntouched = try ran.upper.workspace.names(in: .root).isEmpty
        let scanned = try isUntouched ? scan() : await offload(scan)
        var temporary = ran.temporary
        if temporary.count > TemporaryLayer.most {
            let merged = try await offload { [temporary] in try TemporaryLayer.merge(temporary) }
            if let merged { temporary = [merged] }
        }
        let output = Self.text(ran.result.output, refused: scanned.refused)
        let made = state.withLock { state -> Layer in
            let layer = Layer(id: state.worlds.nextLayer(), changes: scanned.changes, directory: ran.upper)
            state.worlds.push(layer, on: world)
            state.worlds.setTemporary(temporary, of: world)
            return layer
        }
        try await commitInPlace(made, in: world, session)
        return CallResult(
            Self.output(output, status: ran.result.status), reads: .everything, writes: made.footprint,
            isTainted: ran.isTainted,
            reachedOutside: session.options.network && !ran.isRestricted)
    }

    /// A call in the committed world changes the real directory.
    private func commitInPlace(_ layer: Layer, in world: WorldID, _ session: Session) async throws {
        guard isInPlace(world, session), !layer.isEmpty else { return }
        try await commit(world)
    }

    private static func timedOut(_ order: Order) -> CallFailure {
        CallFailure(
            .timedOut, "the command was ended after \(order.seconds) seconds, its limit (timeout_seconds sets another)")
    }

    /// The output with a word on what is not kept.
    private static func text(_ output: String, refused: [RelativePath]) -> String {
        if refused.isEmpty { return output }
        let names = refused.prefix(5).map(\.description).joined(separator: ", ")
        let more = refused.count > 5 ? " and \(refused.count - 5) more" : ""
        let end = output.isEmpty || output.hasSuffix("\n") ? "" : "\n"
        return output + end + "(not kept, since it is protected: \(names)\(more))\n"
    }

    private static func output(_ text: String, status: Int32) -> Output {
        var text = text
        if status != 0 {
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            text += "exit status \(status)"
        }
        return Output(text.isEmpty ? "(no output)" : text)
    }

    // MARK: - In the real directory

    private func runInPlace(
        _ order: Order, in world: WorldID, launcher: (String) -> [String], _ session: Session
    ) async throws -> CallResult {
        guard try view(of: world, session).layers.isEmpty else {
            throw CallFailure(.notStarted, "\(world) must be committed before a command that leaves its branch")
        }
        // Even a command that could not be ended as wanted may have changed something.
        defer { state.withLock { $0.worlds.changeInPlace(by: world) } }
        let result = try await run(order, in: session.root.path, launcher: launcher(session.root.path), session)
        return CallResult(try Self.output(result, of: order))
    }

    private static func launcher(_ program: String, writing directory: String) -> [String] {
        [program, "confine", "--write", directory, "--"]
    }

    private func run(
        _ order: Order, in directory: String, launcher: [String], _ session: Session
    ) async throws(CallFailure) -> Command.Result {
        let command = Command(
            arguments: order.arguments, directory: directory, launcher: launcher, environment: session.environment,
            timeout: .seconds(order.seconds), outputLimit: options.outputLimit)
        do { return try await command.run() } catch { throw CallFailure(.notStarted, error.reason) }
    }

    private static func output(_ result: Command.Result, of order: Order) throws(CallFailure) -> Output {
        if let stop = failure(result.stopped, of: order) { throw stop }
        return output(result.output, status: result.status)
    }

    private static func failure(_ stop: RunningCommand.Reason?, of order: Order) -> CallFailure? {
        switch stop {
        case .cancelled: CallFailure(.cancelled, "the command was ended")
        case .timedOut: timedOut(order)
        case nil: nil
        }
    }

    // MARK: - In a copy

    private func runInCopy(
        _ order: Order, in world: WorldID, _ program: String, _ session: Session
    ) async throws -> CallResult {
        let view = try view(of: world, session)
        let (idle, marks, layer) = state.withLock { state in
            let top = view.layers.last?.id
            let index = state.idle.lastIndex { $0.top == top } ?? state.idle.indices.last
            return (index.map { state.idle.remove(at: $0) }, state.marks, state.worlds.nextLayer())
        }
        let cancellation = Cancellation()
        let prepared = try await withTaskCancellationHandler {
            try await offload {
                var tree = try idle ?? Tree(directory: session.scratch.makeDirectory("tree"))
                do {
                    try tree.update(to: view, cancellation: cancellation) { path, held, wanted in
                        guard case .layer(let layer) = held, case .base(let signature) = wanted else { return false }
                        return marks[path].map { $0.layer == layer && $0.signature == signature } ?? false
                    }
                } catch {
                    session.scratch.remove(tree.directory)
                    throw error
                }
                return tree
            }
        } onCancel: {
            cancellation.cancel()
        }
        do {
            try Task.checkCancellation()
            try check(world)
        } catch {
            putBack(prepared, session)
            throw error
        }
        let start = Signature.now()
        let place = prepared.directory.path
        let result: Command.Result
        do {
            result = try await run(order, in: place, launcher: Self.launcher(program, writing: place), session)
            if let stop = Self.failure(result.stopped, of: order) { throw stop }
        } catch {
            // Not waited for: whoever cancelled wants the slot, not the directory.
            Task { await self.recycle(prepared, since: start, session) }
            throw error
        }
        let (tree, taken) = try await offload {
            var tree = prepared
            do {
                let taken = try tree.takeChanges(
                    since: start, layer: layer, view: view, store: session.store, roots: session.roots)
                return (tree, taken)
            } catch let error as Tree.UnreadableChanged {
                session.scratch.remove(tree.directory)
                throw CallFailure(
                    .unknownOutcome,
                    "the command changed \(error.path), which cannot be read; change its permissions first")
            } catch {
                session.scratch.remove(tree.directory)
                throw error
            }
        }
        putBack(tree, session)
        let made = Layer(id: layer, changes: taken.changes)
        state.withLock { $0.worlds.push(made, on: world) }
        let output = Self.output(Self.text(result.output, refused: taken.refused), status: result.status)
        // Elsewhere the same command would have printed another path.
        let isTainted = output.text.contains(place)
        return CallResult(output, reads: .everything, writes: made.footprint, isTainted: isTainted)
    }

    private static let mostIdle = 4

    private func putBack(_ tree: Tree, _ session: Session) {
        let surplus = state.withLock { state -> Tree? in
            guard state.session === session else { return tree }
            state.idle.append(tree)
            return state.idle.count > Self.mostIdle ? state.idle.removeFirst() : nil
        }
        if let surplus { Task { try? await offload { session.scratch.remove(surplus.directory) } } }
    }

    private func recycle(_ tree: Tree, since start: Int64, _ session: Session) async {
        let recycled = try? await offload {
            var tree = tree
            try tree.forgetChanges(since: start)
            return tree
        }
        if let recycled { putBack(recycled, session) } else { session.scratch.remove(tree.directory) }
    }
}
