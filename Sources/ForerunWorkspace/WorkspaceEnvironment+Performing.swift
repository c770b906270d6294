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
            case "run_command": try await runCommand(call, in: world, context, session)
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
    func view(of world: WorldID, _ session: Session) throws(CallFailure) -> View {
        guard let layers = state.withLock({ $0.worlds.layers(of: world) }) else { throw Self.leftBehind(world) }
        return View(base: session.root, layers: layers)
    }

    /// A view that was taken is right for as long as its world moved along with the real directory.
    func check(_ world: WorldID) throws(CallFailure) {
        if state.withLock({ $0.worlds.layers(of: world) }) == nil { throw Self.leftBehind(world) }
    }

    static func leftBehind(_ world: WorldID) -> CallFailure {
        CallFailure(.notStarted, "the real directory has moved on from \(world)")
    }

    /// Whether changes made in `world` go into the real directory at once.
    func isInPlace(_ world: WorldID, _ session: Session) -> Bool {
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
            try await commit(Layer.merge([layer]), of: nil, session)
            state.withLock { $0.worlds.changeInPlace(by: world) }
        } else {
            state.withLock { $0.worlds.push(layer, on: world) }
        }
        return CallResult(writing.output, reads: reads, writes: layer.footprint)
    }
}

extension Layer {
    /// The paths that it changes, as resources.
    var footprint: Footprint { isEmpty ? .nothing : .resources(Set(changes.keys.map(\.resource))) }
}
