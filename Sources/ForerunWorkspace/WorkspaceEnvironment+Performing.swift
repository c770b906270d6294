public import ForerunCore
import Glibc
import Synchronization

extension WorkspaceEnvironment {
    @concurrent
    public func perform(
        _ call: Call, in world: WorldID, context: CallContext
    ) async throws(CallFailure) -> CallResult {
        guard let session = state.withLock({ $0.session }) else {
            throw CallFailure(.notStarted, Self.closed.description)
        }
        do {
            return switch call.name {
            case "read_file", "list_directory", "search_text": try await read(call, in: world, session)
            case "write_file", "edit_file": try await write(call, in: world, session)
            case "run_command": try await runCommand(call, in: world, session)
            default:
                CallResult(
                    Output(
                        "there is no tool \(call.name); there are \(tools.map(\.name).joined(separator: ", "))",
                        isError: true),
                    reads: .nothing, writes: .nothing)
            }
        } catch let refusal as Refusal {
            return CallResult(Output(refusal.message, isError: true), writes: .nothing)
        } catch let error as FileError where error.code == EACCES && call.name != "run_command" {
            return CallResult(Output(error.description, isError: true), writes: .nothing)
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> CallFailure {
        switch error {
        case let failure as CallFailure: failure
        case is CancellationError: CallFailure(.cancelled, "nobody needs it any more")
        case let error as FileError:
            CallFailure(.notStarted, error.isNoSpace ? "\(error). Make room on the disk" : "\(error)")
        case let failure as EnvironmentFailure: CallFailure(.notStarted, failure.description)
        default: CallFailure(.notStarted, "\(error)")
        }
    }

    /// What `world` looks like.
    private func view(of world: WorldID, _ session: Session) throws(CallFailure) -> View {
        guard let layers = state.withLock({ $0.worlds.layers(of: world) }) else { throw Self.leftBehind(world) }
        return View(base: session.root, layers: layers)
    }

    /// A view that was taken is right for as long as its world moved along with the real directory.
    private func check(_ world: WorldID) throws(CallFailure) {
        if state.withLock({ $0.worlds.layers(of: world) }) == nil { throw Self.leftBehind(world) }
    }

    private static func leftBehind(_ world: WorldID) -> CallFailure {
        CallFailure(.notStarted, "the real directory has moved on from \(world)")
    }

    /// Whether changes made in `world` go into the real directory at once.
    private func isInPlace(_ world: WorldID, _ session: Session) -> Bool {
        session.isDirect || state.withLock { $0.worlds.committed == world }
    }

    private func rules(for call: Call, _ session: Session) -> PathRules {
        PathRules(tool: call.name, roots: session.roots, permission: options.permission)
    }

    // MARK: - Looking

    private func read(_ call: Call, in world: WorldID, _ session: Session) async throws -> CallResult {
        let cancellation = Cancellation()
        let tools = ReadTools(
            view: try view(of: world, session), roots: session.roots, limit: options.outputLimit,
            rules: rules(for: call, session), cancellation: cancellation)
        let reading: Reading
        if call.name == "read_file" {
            // A few system calls on one file: not worth a change of threads.
            reading = try tools.perform(call)
        } else {
            reading = try await withTaskCancellationHandler {
                try await offload { try tools.perform(call) }
            } onCancel: {
                cancellation.cancel()
            }
        }
        try check(world)
        return CallResult(reading.output, reads: .resources(reading.reads), writes: .nothing)
    }

    // MARK: - Changing

    private func write(_ call: Call, in world: WorldID, _ session: Session) async throws -> CallResult {
        let tools = WriteTools(
            view: try view(of: world, session), roots: session.roots, store: session.store, umask: session.umask,
            rules: rules(for: call, session))
        let writing = try tools.perform(call)
        try check(world)
        let reads = Footprint.resources(writing.reads)
        if writing.changes.isEmpty { return CallResult(writing.output, reads: reads, writes: .nothing) }
        let layer = Layer(id: state.withLock { $0.worlds.nextLayer() }, changes: writing.changes)
        if isInPlace(world, session) {
            try await commit(Layer.merge([layer]), session)
            state.withLock { $0.worlds.changeInPlace(by: world) }
        } else {
            state.withLock { $0.worlds.push(layer, on: world) }
        }
        return CallResult(writing.output, reads: reads, writes: layer.footprint)
    }

    // MARK: - Commands

    private func runCommand(_ call: Call, in world: WorldID, _ session: Session) async throws -> CallResult {
        let arguments = Arguments(call)
        let text = try arguments.string("command")
        let seconds = try arguments.int("timeout_seconds", default: options.commandTimeout, in: 1...3600)
        if text.utf8.contains(0) { throw Refusal("command holds a NUL character") }
        if text.isEmpty { throw Refusal("command must not be empty") }
        var sandbox: Sandbox?
        switch session.confinement {
        case .off: break
        case .sandboxed(let ready): sandbox = ready
        case .unavailable(let reason, let remedy):
            let message = "commands cannot be run here: they cannot be sandboxed (\(reason)). \(remedy)"
            return CallResult(Output(message, isError: true), reads: .nothing, writes: .nothing)
        }
        let view = try view(of: world, session)
        let make = { (directory: String) in
            Command(
                text: text, directory: directory, sandbox: sandbox, environment: session.environment,
                timeout: .seconds(seconds), outputLimit: self.options.outputLimit)
        }
        if session.containsCommands, !isInPlace(world, session) {
            return try await runContained(make, seconds: seconds, in: world, view, session)
        }
        guard view.layers.isEmpty else {
            throw CallFailure(.notStarted, "\(world) must be committed before a command that leaves its branch")
        }
        // Even a command that could not be ended as wanted may have changed something.
        defer { state.withLock { $0.worlds.changeInPlace(by: world) } }
        let result = try await Self.run(make(session.root.path))
        return CallResult(try Self.output(result, seconds: seconds))
    }

    private func runContained(
        _ make: (String) -> Command, seconds: Int, in world: WorldID, _ view: View, _ session: Session
    ) async throws -> CallResult {
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
        let result: Command.Result
        do {
            result = try await Self.run(make(prepared.directory.path))
            if result.stopped != nil { _ = try Self.output(result, seconds: seconds) }
        } catch {
            // Not waited for: whoever cancelled wants the slot, not the directory.
            Task { await self.recycle(prepared, since: start, session) }
            throw error
        }
        let (tree, changes) = try await offload {
            var tree = prepared
            do {
                let changes = try tree.takeChanges(since: start, layer: layer, view: view, store: session.store)
                return (tree, changes)
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
        let made = Layer(id: layer, changes: changes)
        state.withLock { $0.worlds.push(made, on: world) }
        return CallResult(try Self.output(result, seconds: seconds), reads: .everything, writes: made.footprint)
    }

    private static func run(_ command: Command) async throws(CallFailure) -> Command.Result {
        do { return try await command.run() } catch { throw CallFailure(.notStarted, error.reason) }
    }

    private static func output(_ result: Command.Result, seconds: Int) throws(CallFailure) -> Output {
        switch result.stopped {
        case .cancelled: throw CallFailure(.cancelled, "the command was ended")
        case .timedOut:
            throw CallFailure(
                .timedOut, "the command was ended after \(seconds) seconds, its limit (timeout_seconds sets another)")
        case nil: break
        }
        var text = result.output
        if result.status != 0 {
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            text += "exit status \(result.status)"
        }
        return Output(text.isEmpty ? "(no output)" : text)
    }

    // MARK: - Copies

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

extension Layer {
    /// The paths that it changes, as resources.
    var footprint: Footprint { isEmpty ? .nothing : .resources(Set(changes.keys.map(\.resource))) }
}
